"""Shortens JSON text without parsing it: values that are too long to hold, and beginnings of files.

``JsonCutter`` follows one value through pieces of any size, cuts the texts in it that are too long,
and when that does not help leaves out what comes after a place; what it returns is valid JSON again.
"""

import json
import re
from collections import deque
from typing import Any, Final

_TEXT: Final = 1_000_000
"""Characters that each text of an over-long value keeps."""
_OUTSIDE: Final = re.compile(r'["{}\[\],]')
_BRACKET: Final = re.compile(r'["{}\[\]]')
_INSIDE: Final = re.compile(r'["\\]')
_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|[^u])", re.DOTALL)
_CLOSERS: Final = {"{": "}", "[": "]"}
_TRIES: Final = 50
_DEEPEST: Final = 200
"""Values inside each other at the beginning of a file."""
_WHITE: Final = re.compile(r"[\s,]*")


class JsonCutter:
    """Follows one value that begins with ``{``, ``[`` or ``"``."""

    def __init__(self, room: int, text: int = _TEXT) -> None:
        """``room`` is how much of the value may be kept in all, ``text`` how much of each text in it."""
        self._room: Final = room
        self._text: Final = text
        self._open: list[str] = []
        self._kept: list[str] = []
        self._size = 0
        self._in_text = False
        self._text_size = 0
        self._full = False
        """No room is left: nothing more is kept."""
        self._held = ""
        self.dropped = 0
        """Characters that were left out."""
        self.done = False
        """The value has ended."""

    def feed(self, piece: str) -> int:
        """The next piece; returns where in it the value ends, or its length."""
        held = len(self._held)
        text = self._held + piece
        self._held = ""
        at = 0
        while at < len(text) and not self.done:
            at = self._inside(text, at) if self._in_text else self._outside(text, at)
            if self._held:
                break
        return max(0, at - held) if self.done else len(piece)

    def value(self) -> str:
        """What was kept, as JSON."""
        return "".join(self._kept)

    def _keep(self, text: str) -> None:
        if self._full:
            self.dropped += len(text)
        else:
            self._kept.append(text)
            self._size += len(text)

    def _outside(self, text: str, at: int) -> int:
        found = (_BRACKET if self._full else _OUTSIDE).search(text, at)
        if found is None:
            self._keep(text[at:])
            return len(text)
        sign, end = found[0], found.end()
        if sign == "," and self._size > self._room and not self._full:
            self._keep(text[at : found.start()])
            self._kept.append("".join(_CLOSERS[opening] for opening in reversed(self._open)))
            self._full = True
            return end
        self._keep(text[at:end])
        if sign == '"':
            self._in_text, self._text_size = True, 0
        elif sign in "{[":
            self._open.append(sign)
        elif sign in "}]":
            if self._open:
                self._open.pop()
            self.done = not self._open
        return end

    def _inside(self, text: str, at: int) -> int:
        found = _INSIDE.search(text, at)
        stop = len(text) if found is None else found.start()
        self._keep_text(text[at:stop])
        if found is None:
            return stop
        if found[0] == '"':
            self._keep('"')
            self._in_text = False
            self.done = not self._open
            return found.end()
        escape = _ESCAPE.match(text, stop)
        if escape is None:
            if len(text) - stop < 6:
                self._held = text[stop:]
                return stop
            self._keep_text("\\\\")  # no escape: the sign itself
            return stop + 1
        if self._text_size < self._text:
            self._keep(escape[0])
            self._text_size += 1
        else:
            self.dropped += 1
        return escape.end()

    def _keep_text(self, text: str) -> None:
        room = max(0, self._text - self._text_size)
        self._keep(text[:room])
        self._text_size += len(text)
        self.dropped += max(0, len(text) - room)


def values_of_beginning(text: str, count: int = 5) -> list[Any]:
    """The JSON values that a text begins with; the last one as far as it goes, or up to what is no JSON in it."""
    values: list[Any] = []
    decoder = json.JSONDecoder(strict=False)
    at = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    while at < len(text) and len(values) < count:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            end = error.pos if isinstance(error, json.JSONDecodeError) else len(text)
            torn = _torn(decoder, text[at:end])
            return values if torn is None else [*values, torn]
        values.append(value)
        at = _WHITE.match(text, at).end()  # type: ignore[union-attr]  # it always matches
    return values


def _torn(decoder: json.JSONDecoder, text: str) -> Any:  # noqa: C901  # one scan
    """The value that is torn at the end of the text, without what is torn; None when it is nested absurdly deep."""
    stops: deque[tuple[int, str]] = deque(maxlen=_TRIES)
    """Where the text may be cut, and what then closes it."""
    opened: list[str] = []
    at = 0
    while found := _OUTSIDE.search(text, at):
        sign, at = found[0], found.end()
        if sign == '"':
            while (inside := _INSIDE.search(text, at)) is not None and inside[0] == "\\":
                at = inside.end() + 1
            if inside is None:
                break
            at = inside.end()
            continue
        stop = at
        if sign == ",":
            stop = found.start()
        elif sign in "{[":
            opened.append(_CLOSERS[sign])
            if len(opened) > _DEEPEST:
                return None
        elif opened:
            opened.pop()
        stops.append((stop, "".join(reversed(opened))))
    for stop, closers in reversed(stops):
        try:
            return decoder.decode(text[:stop] + closers)
        except (ValueError, RecursionError):
            continue
    return None
