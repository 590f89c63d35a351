r"""Bytes to text: byte order mark, declared encoding, then a check.

The order of trust is the order of evidence. A byte order mark decides. Then the bytes themselves:
a declaration that does not read as one in the encoding that it names is wrong (.NET writes UTF-16
into UTF-8 files), and bytes that are UTF-8 are not text in an encoding of single bytes, which only
by a rare chance looks like that. Then the declaration, and UTF-8 when there is none. Bytes that are
not text in that encoding become U+FFFD and are counted, with the place of the first. Line ends
become ``\n``, as XML demands of its parsers and as every line format wants it.
"""

import codecs
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Final

from report_processor.damage import Damage

Note = Callable[[str, str, int, int], None]
"""``note(code, text, line, column)``."""

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PATTERNS: Final = (
    (re.compile(rb"[<\[{\s]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00\x00\x00[<\[{\s]"), "utf-32-be"),
    (re.compile(rb"[<\[{\s]\x00"), "utf-16-le"),
    (re.compile(rb"\x00[<\[{\s]"), "utf-16-be"),
)
_DECLARATION: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,60})["']""")
_HEAD: Final = 1024
_LATIN: Final = "iso8859-1"
_CONTROLS: Final = re.compile(rb"[\x80-\x9f]")
"""Of ISO-8859-1; no report has them, they are the quotes and dashes of windows-1252."""
_BAD: Final = "\udfff"
"""Stands for what cannot be decoded: no decoder gives it, as it is half a pair."""
_MARK_BAD: Final = "report_processor.mark_bad"
_NO_FILE_ENCODINGS: Final = frozenset(
    {"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
"""Python's codecs that no report is written in, some with costs that grow with the square."""

_WINDOWS: Final = {
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "x-euc-jp": "euc-jp",
    "x-gbk": "gbk",
    "windows-936": "gbk",
    "x-mac-roman": "mac-roman",
}
_SUPERSETS: Final = {"shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949"}
"""What is declared, and what its writers on Windows and web browsers mean by it."""
_OTHER_NAME: Final = re.compile(r"^(?:x-)?windows-?(\d{3,4})$", re.IGNORECASE)
"""Names that Windows, Java and web browsers have for encodings that Python knows by others."""


codecs.register_error(_MARK_BAD, lambda error: (_BAD, error.end if isinstance(error, UnicodeDecodeError) else 0))


def decode(pieces: Iterable[bytes], note: Note) -> Generator[str, None, None]:
    r"""The text of a file. Pieces never end inside a character or between ``\r`` and ``\n``."""
    source = _Source(pieces)
    head = source.gather(b"", _HEAD)
    encoding, mark = _choose(head, note)
    text = _Text(encoding, note)
    data: bytes | None = head[mark:]
    checked = not _is_of_single_bytes(encoding)
    try:
        while data is not None:
            if not checked and not data.isascii():
                checked = True
                data = source.gather(data, _first_beyond_ascii(data) + _HEAD)
                if _is_utf8(data):
                    text.turn_to("utf-8")
            if decoded := text.feed(data):
                yield decoded
            data = next(source, None)
        if decoded := text.feed(b"", final=True):
            yield decoded
    finally:
        text.tell()


def characters(pieces: Iterable[bytes]) -> Generator[str, None, None]:
    """Bytes as characters of the same numbers, for files that are no text."""
    for piece in pieces:
        yield piece.decode("latin-1")


class _Source:
    """Pieces of bytes. Damage behind what is gathered is raised when that has been read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Final = iter(pieces)
        self._damage: Damage | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._damage is not None:
            raise self._damage
        return next(self._pieces)

    def gather(self, data: bytes, size: int) -> bytes:
        """The data and as many pieces behind it as it takes."""
        try:
            while len(data) < size and (piece := next(self, b"")):
                data += piece
        except Damage as damage:
            self._damage = damage
        return data


def _choose(head: bytes, note: Note) -> tuple[str, int]:
    """The encoding to read the file with, and the length of its byte order mark."""
    declared = _declared(head)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            if declared and not _same(declared, encoding):
                note("encoding_differs", f"declared {declared}, but its byte order mark says {encoding}", 1, 1)
            length = len(mark)
            while head.startswith(mark, length):  # files that were joined or marked twice
                length += len(mark)
            return encoding, length
    for pattern, encoding in _PATTERNS:
        if pattern.match(head):
            return encoding, 0
    if not declared:
        return "utf-8", 0
    name = _codec(declared)
    if name is None:
        note("encoding_differs", f"declared {declared}, which is not known here; read as UTF-8", 1, 1)
        return "utf-8", 0
    if not _reads(b"<?xml", name):
        note("encoding_differs", f"declared {declared}, but it is UTF-8", 1, 1)
        return "utf-8", 0
    return name, 0


def _declared(head: bytes) -> str:
    found = _DECLARATION.match(head.replace(b"\0", b"").lstrip(codecs.BOM_UTF8 + b"\xff\xfe"))
    return found[1].decode() if found else ""


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(_OTHER_NAME.sub(r"cp\1", _WINDOWS.get(name.lower(), name)))
        "a".encode(found.name)  # refuses codecs that are no text encodings, such as base64
    except (LookupError, UnicodeError, ValueError):
        return None
    if found.name.replace("_", "-") in _NO_FILE_ENCODINGS:
        return None
    return _SUPERSETS.get(found.name, found.name)


def _reads(data: bytes, name: str) -> bool:
    try:
        return data.decode(name) == data.decode("ascii")
    except UnicodeError:
        return False


def _is_of_single_bytes(name: str) -> bool:
    """Whether each byte is a character of its own: then ASCII is ASCII, and nothing tells the encodings apart."""
    make = codecs.getincrementaldecoder(name)
    return all(make("replace").decode(bytes([byte])) for byte in range(256))


def _first_beyond_ascii(data: bytes) -> int:
    return len(data) - len(data.lstrip(bytes(range(128))))


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # which may end inside a character
    except UnicodeDecodeError:
        return False
    return True


def _same(declared: str, encoding: str) -> bool:
    name = _codec(declared)
    return name is not None and (name == encoding or (name in {"utf-16", "utf-32"} and encoding.startswith(name)))


class _Text:
    """An incremental decoder that counts what it replaces."""

    def __init__(self, encoding: str, note: Note) -> None:
        self._encoding = encoding
        self._note: Final = note
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._return = False
        self._line = 1
        self._column = 1
        self._replaced = 0
        self._first = (0, 0, "")

    def turn_to(self, encoding: str) -> None:
        """Go on in another encoding, as nothing was fed yet that the two read differently."""
        self._note("encoding_differs", f"declared {self._encoding}, but it is {encoding}", 1, 1)
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def feed(self, data: bytes, final: bool = False) -> str:
        if self._encoding == _LATIN and _CONTROLS.search(data):
            self.turn_to("cp1252")
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            text = self._replace(data, state, error, final)
        text = self._line_ends(text, final)
        self._move(text)
        return text

    def tell(self) -> None:
        """Note what was replaced, at the end of the file or of what was read of it."""
        if self._replaced:
            line, column, sample = self._first
            times = f"{self._replaced} times, the first is {sample}" if self._replaced > 1 else sample
            self._note("replaced_bytes", f"bytes that are not {self._encoding} became U+FFFD: {times}", line, column)

    def _replace(self, data: bytes, state: tuple[bytes, int], error: UnicodeDecodeError, final: bool) -> str:
        lenient = codecs.getincrementaldecoder(self._encoding)(_MARK_BAD)
        lenient.setstate(state)
        text = lenient.decode(data, final)
        self._decoder.setstate(lenient.getstate())
        if not self._replaced:
            line, column = _place(self._line, self._column, text[: text.find(_BAD)])
            self._first = (line, column, "0x" + error.object[error.start : max(error.end, error.start + 1)][:4].hex())
        self._replaced += text.count(_BAD)
        return text.replace(_BAD, "\ufffd")

    def _line_ends(self, text: str, final: bool) -> str:
        if self._return:
            text = "\r" + text
            self._return = False
        if "\r" in text:
            if not final and text.endswith("\r"):
                self._return = True
                text = text[:-1]
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text

    def _move(self, text: str) -> None:
        self._line, self._column = _place(self._line, self._column, text)


def _place(line: int, column: int, text: str) -> tuple[int, int]:
    """Line and column after the text, when it begins at these."""
    breaks = text.count("\n")
    if not breaks:
        return line, column + len(text)
    return line + breaks, len(text) - text.rfind("\n")
