"""Zip, tar and what is compressed, recognised by content, in bounded memory and with limits.

A stream of bytes becomes the files in it. Archives may lie in archives once, and each file may be
compressed by itself. A zip file is copied to disk first; everything else streams. Members must be
read in order. One that cannot be unpacked leaves those behind it alone: reading it raises what is
wrong with it.
"""

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, NoReturn, cast

from report_processor import zips
from report_processor.compression import unpacked
from report_processor.damage import Damage
from report_processor.streams import CHUNK, Peeked, Readable
from report_processor.zip_member import ZipMember

_ARCHIVES_DEEP: Final = 2
_COMPRESSIONS_DEEP: Final = 2
_SNIFF: Final = 512
_HEADER: Final = 512
"""Bytes of a header of a tar file."""
_RATIO_FLOOR: Final = 64 << 20
"""Bytes that may come out of anything before the ratio counts: small files of zeros are no attack."""
_HEADER_BYTES: Final = 1 << 20
"""Of one header of a tar member, such as its long name."""


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """Limits on what may come out of compressed files and archives."""

    entries: int = 10_000
    """Files in all archives of an import together."""
    unpacked_bytes: int = 32 << 30
    """Bytes that may come out of all files of an import together."""
    ratio: int = 500
    """Bytes out for each byte in, of one compressed file."""


@dataclass(slots=True)
class Member:
    """One file."""

    path: str
    """Name as uploaded; a member of an archive follows after ``!``."""
    stream: Readable
    """Its bytes. Reading may raise ``Damage``."""
    packed: bool
    """Whether it came out of an archive, so that it is no object of its own."""


class Unpacker:
    """Unpacks the files of one import and counts what comes out."""

    def __init__(self, limits: UnpackLimits, folder: Path, skipped: Callable[[str], None]) -> None:
        """``folder`` takes the copies of zip files; ``skipped`` is told the paths of links in archives."""
        self._skipped: Final = skipped
        self._limits: Final = limits
        self._folder: Final = folder
        self._entries = 0
        self._bytes = 0

    def members(self, path: str, stream: Readable) -> Iterator[Member]:
        """The files in a file; itself when it is no archive. Raises ``Damage`` for a broken archive."""
        yield from self._open(path, stream, 0, 0, packed=False)

    def _open(self, path: str, stream: Readable, archives: int, layers: int, *, packed: bool) -> Iterator[Member]:
        peeked = Peeked(stream)
        head = peeked.peek(_SNIFF)
        opened = unpacked(head, peeked)
        if opened is not None:
            if layers >= _COMPRESSIONS_DEEP:
                raise Damage("limit_exceeded", f"{path}: compressed more than {_COMPRESSIONS_DEEP} times over")
            watched = _Watched(opened, peeked, self)
            yield from self._open(path, watched, archives, layers + 1, packed=packed)
            return
        is_zip = head.startswith((b"PK\x03\x04", b"PK\x05\x06"))
        is_tar = _is_tar(head)
        if not is_zip and not is_tar:
            yield Member(path, peeked, packed)
            return
        if archives >= _ARCHIVES_DEEP:
            raise Damage("limit_exceeded", f"{path}: archives inside each other more than {_ARCHIVES_DEEP} deep")
        empty = True
        for name, member in self._zip(path, peeked) if is_zip else self._tar(path, peeked):
            empty = False
            self._entries += 1
            if self._entries > self._limits.entries:
                raise _Over(f"more than {self._limits.entries} files in archives")
            inside = _inside(path, name)
            try:
                yield from self._open(inside, member, archives + 1, 0, packed=True)
            except _Over:
                raise
            except Damage as damage:
                yield Member(inside, _Unreadable(damage), packed=True)
        if empty:
            raise Damage("empty_file", "there are no files in the archive")

    def count(self, size: int, total_in: int, total_out: int) -> None:
        """Count bytes that came out. Raises ``Damage`` past a limit."""
        self._bytes += size
        limits = self._limits
        if self._bytes > limits.unpacked_bytes:
            raise _Over(f"more than {limits.unpacked_bytes} bytes come out of the files of this import")
        if total_out > _RATIO_FLOOR and total_out > limits.ratio * max(1, total_in):
            raise Damage("limit_exceeded", f"it unpacks to more than {limits.ratio} times its size")

    def _zip(self, path: str, stream: Readable) -> Iterator[tuple[str, Readable]]:
        for member in zips.members(stream, self._folder):
            watched = _Watched(member, member, self)
            if member.entry.link:
                self._skipped(_inside(path, member.entry.name))
            elif not member.entry.folder:
                yield member.entry.name, watched
            if member.open_ended:
                _read_to_the_end(watched)

    def _tar(self, path: str, stream: Readable) -> Iterator[tuple[str, Readable]]:
        forward = _Forward(stream)
        try:
            with tarfile.open(fileobj=cast("IO[bytes]", forward), mode="r:") as archive:
                while (info := archive.next()) is not None:
                    archive.members = []  # type: ignore[attr-defined]  # else every header stays in memory
                    if info.issym() or info.islnk():
                        self._skipped(_inside(path, info.name))
                    elif info.issparse():
                        yield (
                            info.name,
                            _Unreadable(Damage("malformed", "it is packed as a sparse file; pack it without --sparse")),
                        )
                    elif info.isreg() and (member := archive.extractfile(info)) is not None:
                        yield info.name, _TarMember(member, forward)
                forward.check_end()
        except tarfile.TarError as error:
            code = "truncated_file" if "end of data" in str(error) else "malformed"
            raise Damage(code, f"not a readable tar file: {error}") from error


class _Over(Damage):
    """A limit on the import as a whole: nothing more is unpacked."""

    def __init__(self, text: str) -> None:
        super().__init__("limit_exceeded", text)


class _Unreadable:
    """A member that cannot be unpacked."""

    def __init__(self, damage: Damage) -> None:
        self._damage: Final = damage

    def read(self, _size: int, /) -> NoReturn:
        raise self._damage


class _Watched:
    """Counts what comes out of a compressed stream."""

    def __init__(self, stream: Readable, source: Peeked | ZipMember, unpacker: Unpacker) -> None:
        self._stream: Final = stream
        self._source: Final = source
        self._unpacker: Final = unpacker
        self._out = 0

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._out += len(data)
        self._unpacker.count(len(data), self._source.taken, self._out)
        return data


class _TarMember:
    """One member of a tar file. The limit on headers does not count for its content."""

    def __init__(self, file: IO[bytes], forward: "_Forward") -> None:
        self._file: Final = file
        self._forward: Final = forward

    def read(self, size: int, /) -> bytes:
        try:
            return self._file.read(size)
        except tarfile.TarError as error:
            raise Damage("truncated_file", f"the tar file ends in the middle: {error}") from error


class _Forward:
    """A stream that tarfile takes for a file: it can tell, skip forward, and go back by one block."""

    def __init__(self, stream: Readable) -> None:
        self._stream: Final = stream
        self._position = 0
        self._last = b""
        self._back = 0

    def tell(self) -> int:
        return self._position - self._back

    def seek(self, position: int, whence: int = 0) -> int:
        if whence != 0:
            raise ValueError("only from the beginning")
        while (gap := position - self.tell()) > 0:
            if not self._take(min(gap, CHUNK)):
                break
        if gap < 0:
            if self._back - gap > len(self._last):
                raise ValueError("too far back")
            self._back -= gap
        return self.tell()

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _HEADER_BYTES:
            raise Damage("limit_exceeded", f"a header of the tar file is longer than {_HEADER_BYTES} bytes")
        pieces = []
        while size > 0 and (data := self._take(size)):
            pieces.append(data)
            size -= len(data)
        return b"".join(pieces)

    def check_end(self) -> None:
        """Raise ``Damage`` unless the last block is one of zeros: tarfile ends quietly at damage, too."""
        if self._last == bytes(512):
            return
        if self._position % 512 or not self._stream.read(1):
            raise Damage("truncated_file", "the tar file ends in the middle")
        raise Damage("malformed", f"the tar file has no header at byte {self._position - 512}")

    def _take(self, size: int) -> bytes:
        if self._back:
            start = len(self._last) - self._back
            data = self._last[start : start + size]
            self._back -= len(data)
            return data
        data = self._stream.read(size)
        self._position += len(data)
        self._last = (self._last + data)[-512:] if len(data) < 512 else data[-512:]
        return data


def _is_tar(head: bytes) -> bool:
    """Whether this is the header of a tar member: by its mark or, in tar files of old, by its checksum."""
    if head[257:262] == b"ustar":
        return True
    checksum = head[148:156].strip(b" \0")
    if len(head) < _HEADER or not checksum.isdigit() or not head[0]:
        return False
    return int(checksum) == int(f"{sum(head[:148]) + sum(head[156:_HEADER]) + 8 * 32:o}")


def _read_to_the_end(stream: Readable) -> None:
    try:
        while stream.read(CHUNK):
            pass
    except _Over:
        raise
    except Damage:
        """Whoever reads the file is told."""


def _inside(path: str, name: str) -> str:
    """The path of a member of the archive at ``path``."""
    return f"{path}!{''.join(character if character.isprintable() else '_' for character in name)[:500]}"
