"""Gzip, zstd, bzip2 and xz: recognised by content, unpacked in bounded memory, with their errors as damage.

Whatever is compressed in several parts (members, frames, streams) is read to the end of the last one, and one that
ends inside a part is told: a report that is cut may look whole.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Any, Final, cast

from report_processor.damage import Damage
from report_processor.streams import CHUNK, Readable

_ZSTD_WINDOW: Final = 8 << 20
_XZ_MEMORY: Final = 72 << 20
"""What ``xz -9`` takes."""
_SKIPPABLE: Final = b"\x2a\x4d\x18"
"""A frame that decoders of zstd skip; the byte before it is 0x50 to 0x5f. pzstd begins with one."""


def unpacked(head: bytes, stream: Readable) -> Readable | None:
    """What comes out of a stream that begins with ``head``; None when it is not compressed."""
    if head.startswith(b"\x1f\x8b"):
        return _gzip(stream)
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[:1] in _NUMBERS_OF_SKIPPABLE and head[1:4] == _SKIPPABLE):
        return _zstd(stream)
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        return _bzip2(stream)
    return _xz(stream) if head.startswith(b"\xfd7zXZ\0") else None


_NUMBERS_OF_SKIPPABLE: Final = frozenset(bytes([number]) for number in range(0x50, 0x60))


class Inflater:
    """Unpacks what zlib packed, with the interface of ``bz2.BZ2Decompressor``. ``wbits`` is zlib's: the container."""

    def __init__(self, wbits: int) -> None:
        self._object: Final = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        """Whether all has come out."""
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        """What stands behind its end."""
        return self._object.unused_data

    @property
    def needs_input(self) -> bool:
        """Whether nothing comes out without more input."""
        return not self._object.unconsumed_tail

    def decompress(self, data: bytes, size: int) -> bytes:
        """At most so many bytes."""
        return self._object.decompress(self._object.unconsumed_tail + data, size)


def _gzip(stream: Readable) -> Readable:
    return _Parts("gzip", stream, lambda: Inflater(31), b"\x1f\x8b", (zlib.error,))


def _bzip2(stream: Readable) -> Readable:
    return _Parts("bzip2", stream, bz2.BZ2Decompressor, b"BZh", (OSError, ValueError))


def _xz(stream: Readable) -> Readable:
    def make() -> Any:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    return _Parts("xz", stream, make, b"\xfd7zXZ", (lzma.LZMAError,))


class _Parts:
    """Unpacks gzip, bzip2 and xz: several parts after each other, zeros between them."""

    def __init__(
        self,
        name: str,
        stream: Readable,
        make: Callable[[], Any],
        magic: bytes,
        failures: tuple[type[Exception], ...],
    ) -> None:
        self._name: Final = name
        self._stream: Final = stream
        self._make: Final = make
        self._magic: Final = magic
        self._failures: Final = failures
        self._part = make()

    def read(self, size: int, /) -> bytes:
        try:
            return self._read(size)
        except self._failures as error:
            if "emory" in str(error):
                text = f"unpacking it takes more than {_XZ_MEMORY} bytes of memory; compress it with xz -9 or less"
                raise Damage("limit_exceeded", text) from error
            raise Damage("malformed", f"not readable as {self._name}: {error}") from error

    def _read(self, size: int) -> bytes:
        while True:
            data = b""
            if self._part.eof:
                data = self._next_part()
                if not data:
                    return b""
            elif self._part.needs_input:
                data = self._stream.read(CHUNK)
            at_end = self._part.needs_input and not data
            out: bytes = self._part.decompress(data, size)  # zlib may hold some back although it has all input
            if out:
                return out
            if at_end and not self._part.eof:
                raise Damage("truncated_file", f"the {self._name} file ends in the middle")

    def _next_part(self) -> bytes:
        """The beginning of the next part; nothing at the end, and for whatever else follows."""
        data: bytes = self._part.unused_data.lstrip(b"\0")
        while len(data) < len(self._magic) and (more := self._stream.read(CHUNK)):
            data = (data + more).lstrip(b"\0")
        if not data.startswith(self._magic):
            return b""
        self._part = self._make()
        return data


def _zstd(stream: Readable) -> Readable:
    import zstandard  # noqa: PLC0415  # few uploads need it, and every one waits for imports

    frames = _Frames(stream)
    reader = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(
        cast("IO[bytes]", frames), read_size=CHUNK, read_across_frames=True
    )
    return _Zstd(reader, frames, zstandard.ZstdError)


class _Zstd:
    """Unpacks zstd."""

    def __init__(self, reader: Any, frames: "_Frames", failure: type[Exception]) -> None:
        self._reader: Final = reader
        self._frames: Final = frames
        self._failure: Final = failure

    def read(self, size: int, /) -> bytes:
        try:
            data = bytes(self._reader.read(size))
        except self._failure as error:
            if "memory" in str(error):
                text = f"its zstd window is larger than {_ZSTD_WINDOW} bytes; compress it without --long or --ultra"
                raise Damage("limit_exceeded", text) from error
            raise Damage("malformed", f"not readable as zstd: {error}") from error
        if not data and self._frames.inside:
            raise Damage("truncated_file", "the zstd file ends in the middle")
        return data


class _Frames:
    """Passes zstd on and follows its frames and blocks, for the reader says nothing when it ends in one.

    https://www.rfc-editor.org/rfc/rfc8878#section-3.1
    """

    def __init__(self, stream: Readable) -> None:
        self._stream: Final = stream
        self._held = b""
        self._skip = 0
        self._step: Callable[[bytes], int] = self._magic
        """Takes the bytes of one part from the beginning of what it is given; 0 when they are too few."""
        self._checksum = 0

    @property
    def inside(self) -> bool:
        """Whether so far it ends in the middle of a frame."""
        return bool(self._skip or self._held.strip(b"\0")) or self._step != self._magic

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._follow(data)
        return data

    def _follow(self, data: bytes) -> None:
        passed = min(self._skip, len(data))
        self._skip -= passed
        data = self._held + data[passed:]
        at = 0
        while taken := self._step(data[at : at + _HEADER]):
            at += taken
            passed = min(self._skip, len(data) - at)
            self._skip -= passed
            at += passed
        self._held = data[at : at + _HEADER]

    def _magic(self, data: bytes) -> int:
        if len(data) < 8:
            return 0
        if data[1:4] == _SKIPPABLE:
            self._skip = int.from_bytes(data[4:8], "little")
            return 8
        descriptor = data[4]
        content_size, single, dictionary = descriptor >> 6, descriptor >> 5 & 1, descriptor & 3
        self._checksum = 4 * (descriptor >> 2 & 1)
        self._skip = (not single) + (0, 1, 2, 4)[dictionary] + ((single, 2, 4, 8)[content_size])
        self._step = self._block
        return 5

    def _block(self, data: bytes) -> int:
        if len(data) < 3:
            return 0
        header = int.from_bytes(data[:3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        self._skip = 1 if kind == 1 else size
        if last:
            self._skip += self._checksum
            self._step = self._magic
        return 3


_HEADER: Final = 8
"""Bytes that ``_Frames`` looks at, at most."""
