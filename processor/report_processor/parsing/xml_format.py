"""What all parsers of XML but JUnit's have in common: a stack of elements, texts within limits, damage."""

from collections.abc import Mapping
from typing import ClassVar, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import Event, Recorder
from report_processor.parsing.durations import LONGEST, seconds
from report_processor.parsing.json_format import EARLIEST, moment, number_of
from report_processor.parsing.texts import LongText
from report_processor.parsing.xml_parser import XmlParser, local

_SHORT: Final = 1_000
"""Characters of a text that is shorter than any limit."""
_DEEPEST: Final = 100_000
"""Elements inside each other."""


class XmlFormat:
    """Base of a parser: a subclass has ``ROOTS``, ``TEXTS`` and ``KNOWN``, and overrides ``opened`` and ``closed``.

    ``self.recorder`` takes the events; ``self.path`` are the names of the open elements, the one at hand included.
    Names are without prefix.
    """

    ROOTS: ClassVar[frozenset[str]] = frozenset()
    """Root elements."""
    TEXTS: ClassVar[Mapping[str, int]] = {}
    """Elements whose text ``closed`` is given, and how many characters of it at most: head and tail are kept.
    The text of an element inside such an element is not part of its text when it is listed, too."""
    KNOWN: ClassVar[frozenset[str]] = frozenset()
    """Elements that the format defines. Others are noted as ``unknown_element``, and what is in them is read."""
    FREE: ClassVar[frozenset[str]] = frozenset()
    """Elements of the format in which there may be any others, such as settings; these are not noted."""

    def __init__(self) -> None:
        self.recorder: Final = Recorder()
        self.path: Final[list[str]] = []
        self.xml: Final = XmlParser(self._start, self._end, self.recorder.note, self.ROOTS, self._outside)
        self._texts: Final[list[str | LongText]] = []
        # Looked up once, as these are wanted for each element.
        self._with_text: Final = self.TEXTS
        self._add: Final = self._piece

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def closed(self, name: str, text: str) -> None:
        """An element ends; ``text`` is empty unless the name is in ``TEXTS``."""

    def finish(self) -> None:
        """The end of the file, or of what can be read of it: record what is held back, close what is open.

        After damage ``self.path`` still has the elements that were open.
        """

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        self.xml.feed(text)
        return self.recorder.take()

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        self.xml.close()
        self.finish()
        return self.recorder.take()

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        self.finish()
        self.xml.tell()
        return self.recorder.take()

    @property
    def parent(self) -> str:
        """Name of the element around the one at hand; empty for the root."""
        return self.path[-2] if len(self.path) > 1 else ""

    def position(self) -> tuple[int, int]:
        """Line and column of the element at hand, from 1."""
        return self.xml.position()

    def note(self, code: str, text: str) -> None:
        """A message about the element at hand."""
        self.recorder.note(code, text, *self.xml.position())

    def date(self, text: str) -> None:
        """A moment when tests ran. Noted when it cannot be read; moments before 1990 mean none."""
        if not text.strip():
            return
        found = moment(text.strip())
        if found is None:
            self.note("invalid_date", text[:100])
        elif found >= EARLIEST:
            self.recorder.date(found)

    def seconds(self, text: str, unit: float = 1.0) -> float | None:
        """A duration in seconds from a number of ``unit`` seconds, or from ``h:mm:ss``; None when there is none."""
        if not text.strip():
            return None
        # ``durations.seconds`` knows no number as large as that of the microseconds of a long test.
        number = None if unit == 1.0 else number_of(text)
        found = seconds(text) if number is None else number
        if found is None or not 0 <= found * unit <= LONGEST:
            self.note("invalid_duration", text[:100])
            return None
        return found if unit == 1.0 else round(found * unit, 9)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        path = self.path
        path.append(name)
        if len(path) > _DEEPEST:
            raise Damage("limit_exceeded", f"more than {_DEEPEST} elements inside each other", *self.xml.position())
        if name in self._with_text:
            texts = self._texts
            if not texts:
                self.xml.collect(self._add)
            texts.append("")
            if len(texts) > limits.TEXTS_DEEP:
                text = f"more than {limits.TEXTS_DEEP} texts inside each other"
                raise Damage("limit_exceeded", text, *self.xml.position())
        elif name not in self.KNOWN and self.FREE.isdisjoint(path):
            self.note("unknown_element", f"<{name[:100]}>")
        self.opened(name, attributes)

    def _end(self, name: str) -> None:
        if ":" in name:
            name = local(name)
        if name in self._with_text:
            texts = self._texts
            text = texts.pop()
            if not texts:
                self.xml.collect(None)
            self.closed(name, text if text.__class__ is str and len(text) < _SHORT else self._whole(name, text))
        else:
            self.closed(name, "")
        self.path.pop()

    def _piece(self, piece: str) -> None:
        """Text of the innermost element that has one. Nearly always it comes in one piece."""
        texts = self._texts
        text = texts[-1]
        if isinstance(text, LongText):
            text.add(piece)
        elif not text and len(piece) < _SHORT:
            texts[-1] = piece
        else:
            kept = texts[-1] = LongText(self.TEXTS[self._name_of_text()])
            kept.add(text)
            kept.add(piece)

    def _name_of_text(self) -> str:
        """Name of the innermost element that has a text."""
        return next(name for name in reversed(self.path) if name in self.TEXTS)

    def _whole(self, name: str, text: "str | LongText") -> str:
        """A text that came in several pieces, cut to its limit."""
        if isinstance(text, str):
            kept = LongText(self.TEXTS[name])
            kept.add(text)
        else:
            kept = text
        if kept.cut:
            self.note("field_cut", f"{kept.cut} characters of <{name}> were cut")
        return kept.text()

    def _outside(self) -> bool:
        return not self.path
