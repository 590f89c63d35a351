"""Errors of JavaScript as V8 prints them: ``Name: message``, then lines that begin with ``at``."""

import re
from typing import Final

_NAME: Final = re.compile(r"([\w$.]{0,200}?(?:Error|Exception|Failure))(?: \[[\w.-]{1,100}\])?: ")
_END: Final = re.compile(r"\n\n(?=[ >]+\d+ \|)|\n(?=[ \t]+at \S)")
"""Where the message ends: before lines of the source, which Jest and Playwright add, or before the backtrace."""
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def without_colour(text: str) -> str:
    """The text without the sequences that colour it in a terminal."""
    return _COLOUR.sub("", text) if "\x1b" in text else text


def parts_of_error(text: str) -> tuple[str, str, str]:
    """Name, message and backtrace of an error; the name is empty when it does not look like one."""
    end = _END.search(text)
    message, trace = (text, "") if end is None else (text[: end.start()], text[end.end() :])
    name = _NAME.match(message)
    return (name[1], message[name.end() :], trace) if name else ("", message, trace)
