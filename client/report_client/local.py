"""The commands that need no server: ``parse`` shows how files are read, ``standalone`` is a server."""

import argparse

import report_processor.parse_command as parsing


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this module's commands to the parser."""
    parse = commands.add_parser(
        "parse",
        help="read files as an import would, and print what was understood as JSON",
        description="Read files through the same stages as an import, without any server. Prints one JSON object.",
    )
    parsing.add_arguments(parse)
    parse.set_defaults(run=parsing.run)

    standalone = commands.add_parser(
        "standalone",
        help="run the whole system on this machine, without Kubernetes",
        description="API, operator, processor and object storage in one place: for trying things and for small teams.",
    )
    standalone.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    standalone.add_argument("--port", type=int, default=8080, help="port to listen on (default: %(default)s)")
    standalone.add_argument("--data", default=".data", help="folder that everything is kept in (default: %(default)s)")
    standalone.add_argument("--base-url", default="", help="address that people reach this server at")
    standalone.add_argument("--sample", action="store_true", help="import a sample report and say how to import more")
    standalone.set_defaults(run=_standalone)


def _standalone(chosen: argparse.Namespace) -> int:
    # Imported here: the web framework and the storage server would slow every other command down.
    from report_standalone.main import serve  # noqa: PLC0415

    return serve(host=chosen.host, port=chosen.port, data=chosen.data, base_url=chosen.base_url, sample=chosen.sample)
