"""What the messages of failures tell: Xcode has one kind of failure for all that can go wrong."""

import re
from typing import Final

from report_processor.events import BROKEN, FAILED

_BROKEN: Final = re.compile(
    r"failed: caught |\ACaught error: |[Cc]rash|unexpected exit|Asynchronous wait failed|Exceeded timeout|time-?out"
    r"|[Tt]ime limit was exceeded|execution time allowance"
)


def kind_of_failure(message: str) -> int:
    """BROKEN for a crash, an exception that was not caught and a time-out, else FAILED."""
    return BROKEN if _BROKEN.search(message) else FAILED
