"""The XML parser that all XML formats share: expat, fed with text that ``xmltext`` made safe.

Why expat of the standard library and not lxml. Measured on a JUnit file of 107 MB with 700,000 test
cases (Python 3.11, one core; ``xmllint --stream`` takes 0.55 s): lxml's target interface 1.21 s
with empty callbacks, expat 1.47 s. For these 20 % expat gives what the report needs and lxml's
target interface does not: line and column of every element, attributes and texts of any length
without ``huge_tree`` (lxml stops at 10 MB, and at 256 elements inside each other), text in pieces,
and nothing to install. ``skim`` then wins back more than the difference.

Memory is bounded by the longest tag alone. Expat keeps a tag until its ``>``; when one grows past
``limits.TAG``, a slower scanner takes over for the rest of that tag and cuts its values.
"""

import re
from collections.abc import Callable
from typing import Final, Protocol
from xml.parsers import expat

from report_processor import limits
from report_processor.damage import Damage
from report_processor.xmltext import XmlText, is_clean, place

_TRUNCATED: Final = frozenset({3, 5, 20})  # no element found; unclosed token; unclosed CDATA section
_KEPT_VALUE: Final = 4096
"""Characters that each further value of an over-long tag keeps."""
_ENOUGH_TAG: Final = 4 * limits.TAG
_TAG_PART: Final = re.compile(r"""["'>]""")

Note = Callable[[str, str, int, int], None]


class Skimmer(Protocol):
    """Reads runs of very plain elements faster than the parser can. See ``formats.junit_skim``."""

    opening: str
    """The text that such an element begins with."""

    def ready(self) -> bool:
        """Whether the document is at a place where such elements may stand."""
        ...

    def learn(self, text: str) -> None:
        """See the text between two openings, which the parser has just read without complaint."""
        ...

    def skim(self, text: str, at: int, line: int) -> int:
        """Take elements from ``text[at:]``, which begins on ``line``; returns the end of what was taken."""
        ...


class XmlParser:
    """Feeds a file's text to handlers of elements and texts."""

    def __init__(
        self,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        note: Note,
    ) -> None:
        self._note: Final = note
        self._text: Final = XmlText(note)
        self._parser: Final = expat.ParserCreate("utf-8")
        parser = self._parser
        if hasattr(parser, "SetReparseDeferralEnabled"):
            parser.SetReparseDeferralEnabled(False)  # tags are bounded, and we must see them at once
        parser.buffer_text = True
        parser.buffer_size = 65536
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        self._fed = 0
        self._in_cdata = False
        self._pending: list[str] = []
        self._pending_size = 0
        self._cutter: _TagCutter | None = None
        self._behind = 0
        """Byte behind the last tag that was cut. Where expat's looking again at an incomplete tag cannot be
        turned off (2.6, mended 2.5, under an older Python), the parser gets there late."""
        self._late_breaks = 0
        """Line breaks that were cut out of that tag: they count from there on."""
        self._line_shift = 0
        self._column_line = 0
        self._column_shift = 0
        self._at = (1, 1)
        """Line and column of what is fed next."""
        self.skimmer: Skimmer | None = None

    def collect(self, handler: Callable[[str], None] | None) -> None:
        """Call ``handler`` with text from here on, or nobody. Calls cost, so ask only where text matters."""
        self._parser.CharacterDataHandler = handler

    @property
    def line(self) -> int:
        """Line of the current element, from 1."""
        if self._late_breaks:
            self._catch_up()
        return self._parser.CurrentLineNumber + self._line_shift

    @property
    def column(self) -> int:
        """Column of the current element, from 1."""
        return self._place(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)[1]

    def feed(self, text: str) -> None:
        """The next piece of the file. Raises ``Damage``."""
        self._feed(self._text.feed(text))

    def close(self) -> None:
        """The end of the file. Raises ``Damage`` when the document does not end there."""
        self._feed(self._text.close())
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._damage(error) from error
        self.tell()

    def tell(self) -> None:
        """Note what was replaced so far; after damage, which keeps ``close`` from doing so."""
        self._text.tell()

    def _feed(self, text: str) -> None:
        if self._cutter is not None:
            text = self._cut(self._cutter, text)
        if self.skimmer is None or len(text) < 2:
            self._parse(text)
        else:
            self._parse_and_skim(text, self.skimmer)

    def _parse_and_skim(self, text: str, skimmer: Skimmer) -> None:
        at, end, opening = 0, len(text), skimmer.opening
        while at < end:
            stop = text.find(opening, at + 1)
            piece = text[at:] if stop < 0 else text[at:stop]
            self._parse(piece)
            if stop < 0:
                return
            at = stop
            if self._fed == self._parser.CurrentByteIndex and not self._in_cdata and skimmer.ready():
                if piece.startswith(opening):
                    skimmer.learn(piece)
                at = skimmer.skim(text, stop, self.line)
                if at > stop:
                    self._skip(text, stop, at)

    def _skip(self, text: str, start: int, stop: int) -> None:
        """Account for text that the parser never sees."""
        parser = self._parser
        line, column = self._at
        breaks = text.count("\n", start, stop)
        column = stop - text.rfind("\n", start, stop) if breaks else column + stop - start
        self._at = (line + breaks, column)
        self._line_shift += breaks
        self._column_line = parser.CurrentLineNumber
        self._column_shift = column - 1 - parser.CurrentColumnNumber

    def _parse(self, text: str) -> None:
        data = text.encode(errors="surrogatepass")
        if not is_clean(text, data):
            text = self._text.replace(text, *self._at)
            data = text.encode()
        self._at = place(*self._at, text)
        parser = self._parser
        try:
            parser.Parse(data)
        except expat.ExpatError as error:
            raise self._damage(error) from error
        self._fed += len(data)
        if self._fed == parser.CurrentByteIndex:
            if self._pending:
                self._pending.clear()
                self._pending_size = 0
        elif self._cutter is None:
            self._remember(text, len(data), parser.CurrentByteIndex)

    def _remember(self, text: str, size: int, index: int) -> None:
        """Keep the text of a tag that is not complete yet; past the limit, begin to cut it."""
        self._pending.append(text)
        self._pending_size += size
        if index < self._behind:  # or -1: the parser has not looked at all of it yet
            return
        pending = self._fed - index
        if pending < self._pending_size:
            self._pending = ["".join(self._pending).encode()[-pending:].decode(errors="replace")]
            self._pending_size = pending
        if pending > limits.TAG:
            line, column = self._place(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)
            self._cutter = _TagCutter(line, column)
            self._cutter.follow("".join(self._pending))
            self._pending.clear()
            self._pending_size = 0

    def _cut(self, cutter: "_TagCutter", text: str) -> str:
        """Give the parser what it may have of an over-long tag; returns the text behind the tag."""
        kept, rest = cutter.cut(text)
        if cutter.kept > _ENOUGH_TAG:
            raise Damage("limit_exceeded", f"a tag is longer than {_ENOUGH_TAG} characters", cutter.line, cutter.column)
        self._parse(kept)
        if rest is None:
            return ""
        self._line_shift += self._late_breaks
        self._late_breaks, self._behind = cutter.breaks, self._fed
        self._cutter = None
        self._note("field_cut", f"{cutter.dropped} characters of an attribute were cut", cutter.line, cutter.column)
        return rest

    def _damage(self, error: expat.ExpatError) -> Damage:
        line, column = self._place(error.lineno, error.offset)
        words = expat.ErrorString(error.code)
        if error.code in _TRUNCATED:
            return Damage("truncated_file", f"the file ends in the middle: {words}", line, column)
        return Damage("malformed", f"not well-formed XML: {words}", line, column)

    def _catch_up(self) -> None:
        if self._parser.CurrentByteIndex >= self._behind:
            self._line_shift += self._late_breaks
            self._late_breaks = 0

    def _place(self, line: int, column: int) -> tuple[int, int]:
        self._catch_up()
        shift = self._column_shift if line == self._column_line else 0
        return line + self._line_shift, column + shift + 1

    def _start_cdata(self) -> None:
        self._in_cdata = True

    def _end_cdata(self) -> None:
        self._in_cdata = False


class _TagCutter:
    """Follows one over-long tag and cuts its values until the tag ends."""

    def __init__(self, line: int, column: int) -> None:
        self.line: Final = line
        self.column: Final = column
        self.dropped = 0
        self.breaks = 0
        """Line breaks among what was dropped."""
        self.kept = 0
        self._quote = ""
        self._value = 0

    def follow(self, text: str) -> None:
        """Learn from the beginning of the tag, which the parser has already, whether it is in a value."""
        self.kept = len(text)
        for found in _TAG_PART.finditer(text):
            if not self._quote and found[0] != ">":
                self._quote = found[0]
            elif found[0] == self._quote:
                self._quote = ""
        self._value = _KEPT_VALUE if self._quote else 0

    def cut(self, text: str) -> tuple[str, str | None]:
        """What the parser may have, and the text behind the tag when it ends here."""
        pieces: list[str] = []
        at = 0
        while at < len(text):
            if self._quote:
                stop = text.find(self._quote, at)
                value = text[at:] if stop < 0 else text[at:stop]
                room = max(0, _KEPT_VALUE - self._value)
                cut = value[room:]
                if "&" in value[:room][-12:]:  # never half a reference
                    room = value.rfind("&", 0, room)
                    cut = value[room:]
                pieces.append(value[:room])
                self._value += len(value)
                self.dropped += len(cut)
                self.breaks += cut.count("\n")
                if stop < 0:
                    break
                pieces.append(self._quote)
                self._quote = ""
                at = stop + 1
                continue
            found = _TAG_PART.search(text, at)
            stop = len(text) if found is None else found.end()
            pieces.append(text[at:stop])
            at = stop
            if found is None:
                break
            if found[0] == ">":
                kept = "".join(pieces)
                self.kept += len(kept)
                return kept, text[at:]
            self._quote, self._value = found[0], 0
        kept = "".join(pieces)
        self.kept += len(kept)
        return kept, None


def local(name: str) -> str:
    """A name without its namespace prefix."""
    return name.rpartition(":")[2]
