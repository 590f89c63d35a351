"""``python -m report_processor.main``: one import, as the Job runs it. Settings: see ``settings``.

Exit codes: 0 the final status is written; 42 it is written and the import failed for its input;
1 this attempt failed and another may succeed; 3 nobody waits for the import any more; 137 and 143
the writer or this process was killed or told to end.
"""

import signal
import sys
from types import FrameType
from typing import NoReturn

from report_processor.garbage import search_seldom
from report_processor.remote import Writer


def main() -> int:
    """Run the import that the environment names."""
    signal.signal(signal.SIGTERM, _end)
    writer = Writer()
    try:
        # While the writer imports Arrow, this imports the rest: a small import is half a second of imports.
        from report_processor.job import work  # noqa: PLC0415

        search_seldom()
        return work(writer)
    finally:
        writer.close()


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM: end at once and write no final status; another attempt may follow."""
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
