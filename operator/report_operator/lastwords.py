"""What an attempt left behind, as one line for people. Pure.

The end of a log is written for those who run the service: a traceback, with the error itself in its
last line. A person who waits for a report is told that line, and no paths of source files.
"""

import re
from typing import Final

MAX_CHARACTERS: Final = 400
_LOG_PREFIX: Final = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.,]+Z? [A-Z]+ ")
"""Time and level, which the processor's log puts before a message."""


def last_words(output: str) -> str:
    """The last line of a process's output that says anything, or of the end of that output."""
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "")
    return one_line(_LOG_PREFIX.sub("", last))


def one_line(text: str) -> str:
    """Text in one line, and cut at its end when it has more than 400 characters."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"


def as_sentence(text: str) -> str:
    """One line that another sentence may follow; empty for empty text."""
    line = one_line(text)
    return line if line.endswith((".", "!", "?", "\N{HORIZONTAL ELLIPSIS}")) or not line else line + "."
