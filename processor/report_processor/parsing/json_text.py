"""The text of a JSON file that is at hand: where in the file it is, and how a value in it is read whole.

A value is decoded by the standard library's C scanner. When it is not there as a whole, more text is waited for, and
it is cut after ``limits.VALUE`` characters.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.parsing.json_cut import JsonCutter

WHITE: Final = re.compile(r"[\s\ufeff]*")
UNREADABLE: Final = (ValueError, StopIteration, RecursionError)
"""What the scanner of the standard library raises."""
_TORN: Final = 12
"""Characters at the end of a piece that may be the torn beginning of a number, a literal or an escape."""
_GOES_ON: Final = frozenset({"", ".", "e", "E", "e+", "e-", "E+", "E-"})
"""What may stand at the end of a piece behind a number that is torn: ``0.`` is read as 0."""
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_HALF: Final = re.compile("[\ud800-\udfff]")


class JsonText:
    """Text in pieces in, whole values out."""

    def __init__(self, note: Callable[[str, str, int, int], None]) -> None:
        self._note: Final = note
        self._scan: Final = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]  # not in the stubs
        self._text = ""
        self._at = 0
        self._final = False
        """Whether this is the end of the file."""
        self._try_at = 0
        """Characters that must be there before it is worth trying again."""
        self._placed = 0
        self._line, self._column = 1, 1
        self._cutter: JsonCutter | None = None
        self._halves = False
        """Whether there may be halves of surrogate pairs in the text."""
        self._replaced = 0

    @property
    def line(self) -> int:
        """Line of the value that was read last, from 1."""
        return self.position()[0]

    def position(self) -> tuple[int, int]:
        """Line and column of the value that was read last, from 1."""
        start, stop = self._placed, self._at
        if start < stop:
            breaks = self._text.count("\n", start, stop)
            if breaks:
                self._line += breaks
                self._column = stop - self._text.rfind("\n", start, stop)
            else:
                self._column += stop - start
            self._placed = stop
        return self._line, self._column

    def tell(self) -> None:
        """Note what was replaced; at the end, or after damage."""
        if self._replaced:
            self._note("replaced_characters", f"{self._replaced} halves of surrogate pairs became U+FFFD", 0, 0)
            self._replaced = 0

    def _add(self, text: str) -> bool:
        """The next piece; whether it is worth going on."""
        if self._cutter is not None:
            text = self._cut(self._cutter, text)
            if self._cutter is not None:
                return False
        self.position()
        self._text = self._text[self._at :] + text if self._at < len(self._text) else text
        self._at = self._placed = 0
        self._halves = _SURROGATE.search(self._text) is not None
        if len(self._text) < self._try_at:
            return False
        self._try_at = 0
        return True

    def _decoded(self) -> tuple[Any, int] | None:
        """The value at ``_at`` and where it ends; None when it is not there as a whole yet."""
        text, at = self._text, self._at
        try:
            value, end = self._scan(text, at)
        except UNREADABLE as error:
            self._unread(error)
            return None
        if end > len(text) - 3 and not self._final and is_torn(text, end):
            self._wait()
            return None  # a number may go on
        if self._halves and _SURROGATE.search(text, at, end):
            value = self._whole_characters(value)
        return value, end

    def _unread(self, error: Exception) -> bool:
        """The value at ``_at`` cannot be read: it is not there as a whole yet (False), or wrong (raises)."""
        if isinstance(error, StopIteration):
            self._not_yet(int(error.value), "expected a value")
        elif isinstance(error, json.JSONDecodeError):
            place = len(self._text) if error.msg.startswith("Unterminated") else error.pos
            self._not_yet(place, error.msg)
        elif isinstance(error, RecursionError):
            raise self._damage("limit_exceeded", "values are nested too deep") from None
        else:
            raise self._malformed(str(error)) from error
        return False

    def _not_yet(self, at: int, what: str) -> None:
        if at < len(self._text) - _TORN or (self._final and at < len(self._text)):
            self._at = max(self._at, at)
            raise self._malformed(what)
        if self._final:
            raise self._damage("truncated_file", "the file ends inside a JSON value")
        self._wait()

    def _wait(self) -> bool:
        """There is not enough text. A value that grows too long is cut from here on."""
        size = len(self._text) - self._at
        if size > limits.VALUE and self._text[self._at] in '{["':
            cutter = self._cutter = JsonCutter(limits.VALUE)
            cutter.feed(self._text[self._at :])
            self.position()
            self._text = ""
            self._at = self._placed = 0
        else:
            self._try_at = 2 * size
        return False

    def _cut(self, cutter: JsonCutter, text: str) -> str:
        """Follow an over-long value; returns the text to go on with when it has ended."""
        end = cutter.feed(text)
        if not cutter.done:
            return ""
        self._cutter = None
        if cutter.dropped:
            self._note("field_cut", f"{cutter.dropped} characters of one value were cut", self._line, self._column)
        return cutter.value() + text[end:]

    def _whole_characters(self, value: Any) -> Any:
        if isinstance(value, str):
            text, count = _HALF.subn("\ufffd", value)
            self._replaced += count
            return text
        if isinstance(value, list):
            return [self._whole_characters(one) for one in value]
        if isinstance(value, dict):
            return {self._whole_characters(key): self._whole_characters(one) for key, one in value.items()}
        return value

    # Damage

    def _malformed(self, what: str) -> Damage:
        return self._damage("malformed", f"no well-formed JSON: {what}")

    def _damage(self, code: str, text: str) -> Damage:
        return Damage(code, text, *self.position())

    def _end_of_text(self) -> tuple[int, int]:
        self._at = len(self._text)
        return self.position()


def is_torn(text: str, end: int) -> bool:
    """Whether what was read up to here is a number or a word that may go on in the next piece."""
    return text[end - 1] not in '"}]' and text[end:] in _GOES_ON
