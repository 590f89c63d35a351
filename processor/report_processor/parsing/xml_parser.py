"""The XML parser that all XML formats share: expat, fed with text that ``xml_text`` made safe.

Why expat of the standard library and not lxml. Measured on a JUnit file of 107 MB with 700,000 test
cases (Python 3.11, one core; ``xmllint --stream`` takes 0.55 s): lxml's target interface 1.21 s
with empty callbacks, expat 1.47 s. For these 20 % expat gives what the report needs and lxml's
target interface does not: line and column of every element, attributes and texts of any length
without ``huge_tree`` (lxml stops at 10 MB, and at 256 elements inside each other), text in pieces,
and nothing to install. ``skim`` then wins back more than the difference.

Memory is bounded by the longest tag and the number of different names. Expat keeps a tag until its
``>``; when one grows past ``limits.TAG``, a slower scanner takes over for the rest of that tag and
cuts its values. And it never forgets a name, so past ``limits.NAMES`` of them it stops.

A file may hold several documents, one behind the other, as tools make it that append to a file:
each gets an expat of its own.
"""

import re
from collections.abc import Callable, Collection
from typing import Final, Protocol
from xml.parsers import expat

from report_processor import limits
from report_processor.damage import Damage
from report_processor.parsing.xml_cut import TagCutter
from report_processor.parsing.xml_text import XmlText, is_clean, place

_TRUNCATED: Final = frozenset({3, 5, 20})  # no element found; unclosed token; unclosed CDATA section
_ENOUGH_TAG: Final = 4 * limits.TAG
_PADDING: Final = "\0\ufffd\ufeff \t\n"
"""What may follow a document and means nothing: blocks that were not filled, joined files."""
_NEXT: Final = re.compile(r"<([^\W\d][\w.:-]*)[\s/>]")
_LONGEST_ROOT: Final = 100
_LINE_WITH_TAG: Final = re.compile(r"\n[\0\ufffd\ufeff \t]*(?=<)")
_LONGEST_LINE: Final = 10_000

Note = Callable[[str, str, int, int], None]


class Skimmer(Protocol):
    """Reads runs of very plain elements faster than the parser can. See ``formats.junit.skim``."""

    opening: str
    """The text that such an element begins with."""
    other: str
    """The text that another kind of such elements begins with; empty when there is none."""

    def ready(self) -> bool:
        """Whether the document is at a place where such elements may stand."""
        ...

    def learn(self, text: str, at: int, end: int) -> None:
        """See ``text[at:end]``, from one opening to the next, which the parser has just read without complaint."""
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
        roots: Collection[str],
        outside: Callable[[], bool],
    ) -> None:
        """``roots`` may begin another document; ``outside`` says that no element is open."""
        self._note: Final = note
        self._text: Final = XmlText(note)
        self._start: Final = start
        self._end: Final = end
        self._roots: Final = roots
        self._outside: Final = outside
        self._names: Final[dict[str, str]] = {}
        """The different names of elements and attributes; expat fills it."""
        self._rest: str | None = None
        """After the end of a document: what follows it, until that can be told."""
        self._told_text = False
        self._rest_at = (1, 1)
        self._parser = self._new_parser()
        self._fed = 0
        self._in_cdata = False
        self._pending: list[str] = []
        self._pending_size = 0
        self._cutter: TagCutter | None = None
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

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8", None, self._names)
        if hasattr(parser, "SetReparseDeferralEnabled"):
            parser.SetReparseDeferralEnabled(False)  # tags are bounded, and we must see them at once
        parser.buffer_text = True
        parser.buffer_size = 65536
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        return parser

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
        return self.position()[1]

    def position(self) -> tuple[int, int]:
        """Line and column of the current element, from 1."""
        parser = self._parser
        line = parser.CurrentLineNumber
        shift = self._column_shift if line == self._column_line else 0
        return line + self._line_shift, parser.CurrentColumnNumber + shift + 1

    def feed(self, text: str) -> None:
        """The next piece of the file. Raises ``Damage``."""
        self._feed(self._text.feed(text))

    def close(self) -> None:
        """The end of the file. Raises ``Damage`` when the document does not end there."""
        self._feed(self._text.close())
        if self._rest is not None:
            self._follow("", final=True)
        if self._rest is None:
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
        at, end, opening, other = 0, len(text), skimmer.opening, skimmer.other
        while at < end:
            start, stop = at, text.find(opening, at + 1)
            if other and (found := text.find(other, at + 1, stop if stop >= 0 else end)) >= 0:
                stop = found
            piece = text[at:] if stop < 0 else text[at:stop]
            self._parse(piece)
            if stop < 0:
                return
            at = stop
            if self._fed == self._parser.CurrentByteIndex and not self._in_cdata and skimmer.ready():
                if piece.startswith(opening) or (other and piece.startswith(other)):
                    skimmer.learn(text, start, stop)
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
        if self._rest is not None:
            self._follow(text)
            return
        parser = self._parser
        try:
            parser.Parse(data)
        except expat.ExpatError as error:
            parser.buffer_text = False  # which hands over the text in front of the damage
            if not self._names or not self._outside():
                raise self._damage(error) from error
            self._end_document(error, data)
            return
        self._fed += len(data)
        if len(self._names) > limits.NAMES:
            text = f"more than {limits.NAMES} different names of elements and attributes"
            raise Damage("limit_exceeded", text, *self._at)
        if self._fed == parser.CurrentByteIndex:
            if self._pending:
                self._pending.clear()
                self._pending_size = 0
        elif self._cutter is None:
            self._remember(text, len(data), parser.CurrentByteIndex)

    def _end_document(self, error: expat.ExpatError, data: bytes) -> None:
        """The root has ended, and what follows it is no comment or the like, but perhaps another document."""
        unread = self._fed + len(data) - self._parser.ErrorByteIndex
        fed = "".join(self._pending).encode() + data
        if fed[-unread - 1 : -unread] == b"<":  # of an end tag, expat minds the slash
            unread += 1
        self._rest = ""
        self._rest_at = self._place(error.lineno, error.offset)
        self._follow(fed[-unread:].decode(errors="replace"))

    def _follow(self, text: str, final: bool = False) -> None:
        """Look at what follows a document: nothing, another one, or what has no place there."""
        rest = (self._rest or "") + text
        content = rest.lstrip(_PADDING)
        self._rest_at = place(*self._rest_at, rest[: len(rest) - len(content)])
        self._rest = content
        if not content or (len(content) < _LONGEST_ROOT and not final and ">" not in content):
            return
        line, column = self._rest_at
        found = _NEXT.match(content)
        if found is None or local(found[1]) not in self._roots:
            if content[0] in "<&":
                raise Damage("malformed", f"something follows the root element: {content[:60]}", line, column)
            content = self._skip_text(content, final)
            if not content:
                return
            line, column = self._rest_at
        self._rest = None
        self._parser = self._new_parser()
        self._pending.clear()
        self._pending_size = self._fed = self._behind = self._late_breaks = 0
        self._line_shift, self._column_line, self._column_shift = line - 1, 1, column - 1
        self._at = self._rest_at
        self._parse(content)

    def _skip_text(self, content: str, final: bool) -> str:
        """What a build printed behind a document: returns the next document in it, if there is one."""
        if not self._told_text:
            self._told_text = True
            self._note("text_around_report", content.partition("\n")[0].strip()[:100], *self._rest_at)
        for found in _LINE_WITH_TAG.finditer(content):
            tag = _NEXT.match(content, found.end())
            if tag is not None and local(tag[1]) in self._roots:
                self._rest_at = place(*self._rest_at, content[: found.end()])
                return content[found.end() :]
        kept = len(content) if final else content.rfind("\n") if "\n" in content else 0
        if len(content) - kept > _LONGEST_LINE:
            kept = len(content) - 1
        if kept:
            self._rest_at = place(*self._rest_at, content[:kept])
            self._rest = "." + content[kept:]  # so that the line break is not taken for padding
        return ""

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
            self._cutter = TagCutter(line, column)
            self._cutter.follow("".join(self._pending))
            self._pending.clear()
            self._pending_size = 0

    def _cut(self, cutter: TagCutter, text: str) -> str:
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


def local(name: str) -> str:
    """A name without its namespace prefix."""
    return name.rpartition(":")[2]
