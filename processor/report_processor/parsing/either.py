"""A parser for formats that come in two notations, such as XML and JSON: the first sign of the file tells which."""

from collections.abc import Callable
from typing import Final

from report_processor.events import Event
from report_processor.parsing.base import Parser

_BLANK: Final = 10_000
"""Characters of white space that are held until the first sign comes; past that it is not waited for."""


class Either:
    """See ``base.Parser``. The parser that was chosen gets the whole file, white space at its beginning included."""

    def __init__(self, choose: Callable[[str], Parser]) -> None:
        """``choose(sign)`` makes the parser; the sign is empty when there is none."""
        self._choose: Final = choose
        self._parser: Parser | None = None
        self._held = ""

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        if self._parser is None:
            self._held += text
            sign = self._held.lstrip("\ufeff \t\r\n")[:1]
            if not sign and len(self._held) < _BLANK:
                return []
            self._parser = self._choose(sign)
            text, self._held = self._held, ""
        return self._parser.feed(text)

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        return self._chosen().close()

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        return self._chosen().salvage()

    def _chosen(self) -> Parser:
        if self._parser is None:
            self._parser = self._choose("")
            self._parser.feed(self._held)
        return self._parser
