"""``report-import``: one command for the CI job that uploads, the person who looks, the operator who
makes keys, and the developer who wants to know how a file would be read.

Exit codes: 0 done; 1 the import ended badly, or ended as ``partial`` with ``--strict``; 2 the call was
wrong; 3 the server refused or could not be reached.
"""

import argparse
import sys
from collections.abc import Sequence

from report_client import importing, keys, local
from report_client.server import ServerError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except ServerError as error:
        print(f"report-import: {error}", file=sys.stderr)
        return 3
    except BrokenPipeError:  # the reader of our output, such as head, has seen enough
        return 0
    except OSError as error:
        print(f"report-import: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="report-import",
        description="Import test reports without waiting, follow imports, and look at how files are read.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    importing.add_commands(commands)
    local.add_commands(commands)
    keys.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
