r"""Bytes to text: byte order mark, declared encoding, then a check.

The order of trust is the order of evidence. A byte order mark decides. Then the bytes themselves:
a file that declares UTF-16 and has no zero byte is not UTF-16 (.NET writes that declaration into
UTF-8 files). Then the declaration, and UTF-8 when there is none. Bytes that are not text in that
encoding become U+FFFD and are counted, with the place of the first. Line ends become ``\n``, as
XML demands of its parsers and as every line format wants it.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

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
_WIDE: Final = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_HEAD: Final = 1024
_NO_FILE_ENCODINGS: Final = frozenset(
    {"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
"""Python's codecs that no report is written in, some with costs that grow with the square."""


def decode(pieces: Iterable[bytes], note: Note) -> Iterator[str]:
    r"""The text of a file. Pieces never end inside a character or between ``\r`` and ``\n``."""
    source = iter(pieces)
    head = b""
    while len(head) < _HEAD and (piece := next(source, b"")):
        head += piece
    encoding, mark = _choose(head, note)
    text = _Text(encoding, note)
    if decoded := text.feed(head[mark:]):
        yield decoded
    for data in source:
        if decoded := text.feed(data):
            yield decoded
    if decoded := text.close():
        yield decoded


def _choose(head: bytes, note: Note) -> tuple[str, int]:
    """The encoding to read the file with, and the length of its byte order mark."""
    declared = _declared(head)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            if declared and not _same(declared, encoding):
                note("encoding_differs", f"declared {declared}, but its byte order mark says {encoding}", 1, 1)
            return encoding, len(mark)
    for pattern, encoding in _PATTERNS:
        if pattern.match(head):
            return encoding, 0
    if not declared:
        return "utf-8", 0
    name = _codec(declared)
    if name is None:
        note("encoding_differs", f"declared {declared}, which is not known here; read as UTF-8", 1, 1)
        return "utf-8", 0
    if name in _WIDE:  # else there would be zero bytes
        note("encoding_differs", f"declared {declared}, but it is UTF-8", 1, 1)
        return "utf-8", 0
    return name, 0


def _declared(head: bytes) -> str:
    found = _DECLARATION.match(head.replace(b"\0", b"").lstrip(codecs.BOM_UTF8 + b"\xff\xfe"))
    return found[1].decode() if found else ""


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
        "a".encode(found.name)  # refuses codecs that are no text encodings, such as base64
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if found.name.replace("_", "-") in _NO_FILE_ENCODINGS else found.name


def _same(declared: str, encoding: str) -> bool:
    name = _codec(declared)
    return name is not None and (name == encoding or (name in {"utf-16", "utf-32"} and encoding.startswith(name)))


class _Text:
    """An incremental decoder that counts what it replaces."""

    def __init__(self, encoding: str, note: Note) -> None:
        self._encoding: Final = encoding
        self._note: Final = note
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._return = False
        self._line = 1
        self._column = 1
        self._replaced = 0
        self._first = (0, 0, "")

    def feed(self, data: bytes, final: bool = False) -> str:
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            text = self._replace(data, state, error, final)
        text = self._line_ends(text, final)
        self._move(text)
        return text

    def close(self) -> str:
        text = self.feed(b"", final=True)
        if self._replaced:
            line, column, sample = self._first
            times = f"{self._replaced} times, the first is {sample}" if self._replaced > 1 else sample
            self._note("replaced_bytes", f"bytes that are not {self._encoding} became U+FFFD: {times}", line, column)
        return text

    def _replace(self, data: bytes, state: tuple[bytes, int], error: UnicodeDecodeError, final: bool) -> str:
        lenient = codecs.getincrementaldecoder(self._encoding)("replace")
        lenient.setstate(state)
        text = lenient.decode(data, final)
        self._decoder.setstate(lenient.getstate())
        # Count what "replace" put there, not the U+FFFD that were in the file before.
        whole = state[0] + data
        before = whole.count("\ufffd".encode(self._encoding))
        if not self._replaced:
            good = error.object[: error.start].decode(self._encoding, "replace")
            line, column = _place(self._line, self._column, good)
            self._first = (line, column, "0x" + error.object[error.start : error.start + 4].hex())
        self._replaced += max(1, text.count("\ufffd") - before)
        return text

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
