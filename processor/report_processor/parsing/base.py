"""What a format is, and what its parser promises.

A format is one module or package in ``formats`` with a ``FORMAT``. A parser knows nothing of files, archives,
encodings, storage or Parquet: it is fed text and returns events.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from report_processor.detect import Head
from report_processor.events import Event

XML: Final = "xml"
JSON: Final = "json"
LINES: Final = "lines"
BINARY: Final = "binary"
"""No text: the parser is fed characters that stand for one byte each, as ISO-8859-1 has them, and so is ``example``."""


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
    """One format. The texts are for people: ``docs/formats.md`` and ``GET /api/v2/formatters`` show them."""

    key: str
    """What the caller writes in the path or in ``formatter``."""
    origin: str
    """What a report shows as its origin: tool and kind of file, such as ``junit_xml``."""
    title: str
    """Name for people."""
    expects: str
    """What a file of this format looks like and which tools, in which versions, write it."""
    example: str
    """The shortest file that makes sense: ``recognise`` knows it and it holds at least one result."""
    mapping: str
    """How its words become the report's: what is a container, what a result, which outcome is which status."""
    kinds: tuple[str, ...]
    """What its files are made of: ``XML``, ``JSON`` (one value or one on each line), ``LINES`` (text), ``BINARY``."""
    recognise: Callable[[Head], str | None]
    """The evidence that a file is of this format, or None. Sees the beginning only."""
    parser: Callable[[], Parser]
    """A fresh parser."""
    roots: frozenset[str] = frozenset()
    """Of XML: names of the root elements, without prefix. ``recognise`` is asked about these only."""
    plain: Callable[[], Parser] | None = None
    """Of a format that regroups its results: a parser that does not, for the option ``smart=false``."""
    limits: str = ""
    """What it does not read, for people."""
    merges: bool = False
    """Whether ``merge_containers`` is on when the caller does not say, unless ``smart`` is off."""
    accepts: Callable[[Head], str | None] | None = None
    """What ``recognise`` is when the caller names the format: it may take what is another format's by its looks,
    whatever its root element. Only where the two differ."""
    rows_alike: bool = False
    """Whether rows of a test's data may have one name, as it shows of an object the class only: ``Adds(Shop.Order)``.
    Tests whose names end with a bracket are then never taken for runs of each other."""
    may_be_empty: bool = False
    """Whether its files need not have results, because a report is many files: no ``no_tests`` then."""
