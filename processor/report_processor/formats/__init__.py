"""The formats that can be read: one module each, listed here and nowhere else.

A format is added by writing its module, listing it below and describing it in
``report_contract.formatters``. A parser knows nothing of files, archives, encodings, storage or
Parquet: it is fed text and returns events.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from report_processor.detect import Head
from report_processor.events import Event
from report_processor.formats import junit


class Parser(Protocol):
    """Reads one file. Never does I/O, never blocks, holds no more than one result."""

    def feed(self, text: str) -> list[Event]:
        """The events in the next piece of text, however the file is split. Raises ``Damage``."""
        ...

    def close(self) -> list[Event]:
        """The events at the end of the file. Raises ``Damage`` when the file does not end there."""
        ...

    def salvage(self) -> list[Event]:
        """After ``Damage``: what was read before it, with everything open closed."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """One format."""

    key: str
    """Key of the formatter, as in ``report_contract.formatters``."""
    recognise: Callable[[Head], str | None]
    """The evidence that a file is of this format, or None. Sees the beginning only."""
    parser: Callable[[], Parser]
    """A fresh parser."""


FORMATS: Final[dict[str, Format]] = {
    found.key: found for found in (Format(junit.KEY, junit.recognise, junit.JUnitParser),)
}
