"""What a file is, by its content. File names are never believed: they are not even looked at.

``Head`` is the beginning of a file and what can be said about it; each format's ``recognise`` looks
at a head and names its evidence. ``describe`` says what a file is that no format recognises.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final

from report_processor.parsing.json_cut import values_of_beginning
from report_processor.parsing.xml_text import XmlText
from report_processor.relatives import json_of_a_tool, text_of_a_tool

_SKIP: Final = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ROOT: Final = re.compile(r"<([^\W\d][\w.:-]{0,200})((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)(>?)")
_ATTRIBUTE: Final = re.compile(r"([^\s=\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_JSON: Final = re.compile(r"\ufeff?\s*(?:\{\s*[\"}]|\[\s*[\[{\]])")
_JSON_HEAD: Final = 1 << 16
_REPORT: Final = re.compile(r"""^(?:\{[ \t\r]*["}\n]|\[[ \t\r]*["{[\]\n]|<(?:\?xml|[a-zA-Z]))""", re.MULTILINE)
_QUOTE: Final = re.compile(r"""(?:["'`]|(?:```|~~~)[\w -]{0,30})\s*(?:<\?xml[^>]*>\s*)?$""")
_PLACES: Final = 50
_EVENT: Final = re.compile(r"""^\{\s*"type":""", re.MULTILINE)
_SHOWN_KEYS: Final = 8
_BINARY: Final = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x1aE\xdf\xa3", "a WebM video"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a Java class"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"bplist00", "a binary property list; plutil -convert xml1 makes XML of it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which is not unpacked; pack it as zip or tar"),
    (b"Rar!\x1a\x07", "a RAR archive, which is not unpacked; pack it as zip or tar"),
    (b"\x04\x22\x4d\x18", "compressed with lz4, which is not unpacked; compress it with gzip or zstd"),
    (b"\x1f\x9d", "compressed with compress, which is not unpacked; compress it with gzip or zstd"),
)


def is_binary_report(magic: bytes) -> bool:
    """Whether a file that begins so is a report though it is no text: a packet of subunit, version 2."""
    return len(magic) > 1 and magic[0] == 0xB3 and magic[1] >> 4 == 2  # signature, version


@dataclass(frozen=True, slots=True)
class XmlRoot:
    """The root element of an XML document."""

    qualified: str
    """Its name as written."""
    attributes: dict[str, str]
    """Its attributes, values not decoded."""

    @property
    def name(self) -> str:
        """Its name without a prefix."""
        return self.qualified.rpartition(":")[2]

    @property
    def namespace(self) -> str:
        """Its namespace; empty when it has none."""
        prefix = self.qualified.rpartition(":")[0]
        return self.attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")


@dataclass(frozen=True)
class Head:
    """The beginning of a file: as text, and as the bytes it was."""

    text: str
    data: bytes = b""
    whole: bool = True
    """Whether this is all of the file."""

    @cached_property
    def _content(self) -> str:
        """The text behind white space, comments, instructions and the DOCTYPE."""
        start = self.text.lstrip()
        if not start.startswith("<"):
            return start
        # The same filter that parsers get blanks out the DOCTYPE, whatever is in it.
        text = XmlText(lambda *_: None).feed(self.text)
        at = 0
        while found := _SKIP.match(text, at):
            at = found.end()
        return text[at:]

    @cached_property
    def xml_root(self) -> XmlRoot | None:
        """The root element, or None when this is not XML or its root is further on."""
        found = _ROOT.match(self._content)
        if found is None:
            return None
        values = {name: first or second for name, first, second in _ATTRIBUTE.findall(found[2])}
        return XmlRoot(found[1], values)

    @property
    def undecided(self) -> bool:
        """Whether more of the file may show what it is: so far there are only comments, messages of cargo."""
        rest = self._content
        if rest.startswith('{"reason":'):
            return not self.whole and _EVENT.search(rest) is None
        return not self.whole and (not rest or rest.startswith(("<!--", "<?")) or "<!".startswith(rest))

    @property
    def looks_like_json(self) -> bool:
        """Whether it begins as JSON does: with an object, or an array of values that could be results."""
        return _JSON.match(self.text) is not None

    @cached_property
    def json(self) -> list[Any]:
        """The JSON values that it begins with, at most five, one for each line of NDJSON; empty when it is not JSON.

        The last one may be torn by the end of the beginning; then it has what stands before, and a text
        that was torn is left out with its key.
        """
        return values_of_beginning(self.text[:_JSON_HEAD]) if self.looks_like_json else []

    @property
    def html(self) -> bool:
        """Whether this is a web page."""
        root = self.xml_root
        return self.text.lstrip()[:14].lower() == "<!doctype html" or (root is not None and root.name.lower() == "html")

    @property
    def binary(self) -> str:
        """What kind of binary data this is; empty when it is text."""
        for magic, kind in _BINARY:
            if self.data.startswith(magic):
                return kind
        if "\0" in self.text or self.text.count("\ufffd") * 10 > len(self.text):
            return "binary data"
        return ""


def places_of_reports(head: Head) -> list[int]:
    """Where in a text a report may begin, behind what a build printed: at lines that begin as JSON or XML does.

    Not in XML, web pages and the like, for what is inside a document is no report of its own; in an array or
    object that is written over several lines its parts are indented. Nor where a quotation begins: in Markdown,
    or in the source of a program.
    """
    if head.xml_root is not None or head.html or head.binary:
        return []
    text = head.text
    found = (match.start() for match in _REPORT.finditer(text))
    return list(islice((at for at in found if at and not _QUOTE.search(text[max(0, at - 150) : at])), _PLACES))


def keys_of(head: Head) -> list[str]:
    """Of JSON: the keys of the first object, which may stand in arrays."""
    value: Any = head.json[0] if head.json else None
    while isinstance(value, list) and value:
        value = value[0]
    return [key[:50] for key in value] if isinstance(value, dict) else []


def describe(head: Head) -> str:
    """What a file is, for people, when no format recognises it."""
    if kind := head.binary:
        return kind
    if head.html:
        return "a web page"
    if root := head.xml_root:
        namespace = f" of the namespace {root.namespace[:200]}" if root.namespace else ""
        return f"XML with the root element <{root.qualified}>{namespace}"
    start = head.text.lstrip()
    if start.startswith("<"):
        return "like XML, but without a root element"
    if head.looks_like_json:
        return _json(keys_of(head), head.json)
    return (text_of_a_tool(head.text) or "plain text") if start else "empty"


def _json(keys: list[str], values: list[Any]) -> str:
    if values == [[]]:
        return "an empty JSON array, as Cucumber writes when it ran no scenario"
    if tool := json_of_a_tool(keys):
        return f"JSON {tool}"
    return f"JSON with the keys {', '.join(keys[:_SHOWN_KEYS])}" if keys else "JSON"
