"""One file of a zip file: stored, deflate, bzip2 or lzma, in bounded memory, with its errors as damage.

https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from report_processor.compression import Inflater
from report_processor.damage import Damage
from report_processor.streams import CHUNK, LEAST, Copied

LOCAL: Final = struct.Struct("<4s5H3L2H")
"""The header before each file."""
_LZMA_MEMORY: Final = 64 << 20
"""What 7-Zip takes at its highest level."""


@dataclass(slots=True)
class Entry:
    """What the table of contents of a zip file, or the header before a file, says of it."""

    name: str
    flags: int
    method: int
    crc: int | None
    """None when it stands in a descriptor behind the file, as do the sizes."""
    packed: int | None
    """Bytes that it takes in the zip file."""
    size: int | None
    """Bytes that come out."""
    header: int
    """Where its header begins."""
    link: bool = False
    """Whether it is a symbolic link and no file, which only the table of contents says."""

    @property
    def folder(self) -> bool:
        """Whether it is a directory and no file."""
        return self.name.endswith(("/", "\\"))


class ZipMember:
    """The bytes of one file. Reading raises ``Damage``."""

    def __init__(self, copy: Copied, entry: Entry) -> None:
        self._copy: Final = copy
        self.entry: Final = entry
        self._unpacker: Any = None
        self._start = self._at = 0
        self._piece = LEAST
        self._crc = self._out = 0
        self._descriptor = 0
        self._done = False

    @property
    def taken(self) -> int:
        """Bytes in the zip file that it is made of, so far as is known."""
        return self._at - self._start if self.entry.packed is None else self.entry.packed

    @property
    def open_ended(self) -> bool:
        """Whether it must be read to know where it ends."""
        return self.entry.packed is None

    @property
    def end(self) -> int:
        """Where it ends in the zip file. After damage, when its size is not known, a place before that."""
        return (self._start or start_of(self._copy, self.entry.header)) + self.taken + self._descriptor

    def read(self, size: int, /) -> bytes:
        """See ``Readable``."""
        if self._done:
            return b""
        if self._unpacker is None:
            self._open()
        data = self._next(size)
        self._crc = zlib.crc32(data, self._crc)
        self._out += len(data)
        if not data:
            self._done = True
            self._check()
        return data

    def _open(self) -> None:
        entry = self.entry
        if entry.flags & 1:
            raise Damage("malformed", "it is encrypted with a password; pack it without one")
        if entry.method not in _METHODS:
            text = f"it is compressed by method {entry.method} of zip, which is not known here; use deflate"
            raise Damage("malformed", text)
        self._start = self._at = start_of(self._copy, entry.header)
        if not self._start:
            raise Damage("malformed", "the zip file is damaged: the header of the file is not in its place")
        self._unpacker = _METHODS[entry.method]()

    def _next(self, size: int) -> bytes:
        if self.entry.size is not None:
            size = min(size, self.entry.size - self._out)  # lzma need not say where it ends
        while size > 0 and not self._unpacker.eof:
            data = self._packed() if self._unpacker.needs_input else b""
            at_end = self._unpacker.needs_input and not data
            try:
                out: bytes = self._unpacker.decompress(data, size)
            except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError) as error:
                raise Damage("malformed", f"the zip file is damaged: {error}") from error
            self._at += len(data)
            if self._unpacker.eof:
                self._at -= len(self._unpacker.unused_data)
            if out:
                return out
            if at_end and self._at - self._start != self.entry.packed:
                raise Damage("truncated_file", "the zip file ends in the middle of it")
            if at_end:
                break
        return b""

    def _packed(self) -> bytes:
        count, self._piece = self._piece, min(CHUNK, 2 * self._piece)
        if self.entry.packed is not None:
            count = min(count, self._start + self.entry.packed - self._at)
        return self._copy.read_at(self._at, count)

    def _check(self) -> None:
        """Compare what came out with the checksum. In a descriptor that is cut, it may be as it should."""
        if self.entry.crc is None:
            taken = self._at - self._start
            behind = self._copy.read_at(self._at, 24)
            for layout in ("<4sLLL", "<4sLQQ"):
                descriptor = struct.pack(layout, DESCRIPTOR, self._crc, taken, self._out)
                for one in (descriptor, descriptor[4:]):
                    if behind.startswith(one) or (len(behind) < len(one) and one.startswith(behind)):
                        self._descriptor = len(one)
                        return
        elif self._crc == self.entry.crc:
            return
        raise Damage("malformed", "the zip file is damaged: what comes out has another checksum (CRC-32)")


DESCRIPTOR: Final = b"PK\x07\x08"
"""What may stand before the checksum and the sizes behind a file."""


def start_of(copy: Copied, header: int) -> int:
    """Where the bytes of a file begin; 0 when its header is not where it should be."""
    data = copy.read_at(header, LOCAL.size)
    if len(data) < LOCAL.size or not data.startswith(b"PK\x03\x04"):
        return 0
    name, extra = LOCAL.unpack(data)[-2:]
    return header + LOCAL.size + int(name) + int(extra)


class _Stored:
    """What is not compressed. Like the others, it is an unpacker as ``bz2.BZ2Decompressor`` is one."""

    eof: Final = False
    unused_data: Final = b""

    def __init__(self) -> None:
        self._held = b""

    @property
    def needs_input(self) -> bool:
        return not self._held

    def decompress(self, data: bytes, size: int) -> bytes:
        data = self._held + data
        self._held = data[size:]
        return data[:size]


class _Lzma:
    """Raw lzma behind two bytes of a version, the length of the properties, and these."""

    def __init__(self) -> None:
        self._object: lzma.LZMADecompressor | None = None
        self._held = b""

    @property
    def eof(self) -> bool:
        return self._object is not None and self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data if self._object is not None else b""

    @property
    def needs_input(self) -> bool:
        return self._object is None or self._object.needs_input

    def decompress(self, data: bytes, size: int) -> bytes:
        if self._object is not None:
            return self._object.decompress(data, size)
        self._held += data
        if len(self._held) < 9:
            return b""
        length, kind, dictionary = struct.unpack_from("<HBL", self._held, 2)
        if length != 5:
            raise ValueError("its lzma properties are not of the length 5")
        if dictionary > _LZMA_MEMORY:
            raise Damage("limit_exceeded", f"unpacking it takes more than {_LZMA_MEMORY} bytes of memory; use deflate")
        chosen = {"dict_size": max(4096, dictionary), "lc": kind % 9, "lp": kind // 9 % 5, "pb": kind // 45}
        self._object = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **chosen}])
        return self._object.decompress(self._held[9:], size)


_METHODS: Final[dict[int, Callable[[], Any]]] = {
    0: _Stored,
    8: lambda: Inflater(-15),
    12: bz2.BZ2Decompressor,
    14: _Lzma,
}
