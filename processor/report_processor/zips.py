"""Zip files, by their table of contents or, when that is lost or wrong, by the header before each file.

The table is at the end, so that a zip file is copied to disk, and so that the table is what an upload
that breaks off loses. What the table says is better where it is there: the headers do not tell links
from files, and whatever writes a zip file into a pipe leaves checksums and sizes out of them.
"""

import re
import stat
import struct
import tempfile
import zipfile
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from report_processor.damage import Damage
from report_processor.streams import Copied, Readable
from report_processor.zip_member import DESCRIPTOR, LOCAL, Entry, ZipMember, start_of

_TABLE_BYTES: Final = 32 << 20
"""Of the table of contents, which Python's zipfile holds in memory."""
_HEADER: Final = re.compile(rb"PK\x03\x04")
_HEADER_OR_TABLE: Final = re.compile(rb"PK(?:\x03\x04|\x01\x02|\x05\x06)")
_END_OF_FILE: Final = re.compile(rb"PK(?:\x07\x08|\x03\x04|\x01\x02)")
_IN_DESCRIPTOR: Final = 8
_UTF8: Final = 0x800
_IN_ZIP64: Final = 0xFFFFFFFF
_MANY: Final = 0xFFFF
"""The highest number of files that is told. Of more, some tools tell this number, some the lowest 16 bits."""


def members(stream: Readable, folder: Path) -> Iterator[ZipMember]:
    """The files and directories in a zip file, in order; ``folder`` takes the copy.

    Each that is ``open_ended`` must be read to its end before the next. Raises ``Damage`` behind the
    last one when the zip file is cut or damaged.
    """
    with tempfile.TemporaryFile(dir=folder, prefix="zip-") as file:
        copy = Copied(stream, file)
        entries: list[Entry] = []
        wrong: Damage | None = None
        try:
            entries = _table(copy)
        except Damage as damage:
            wrong = damage
        for entry in entries:
            yield ZipMember(copy, entry)
        if wrong is not None and not (yield from _walk(copy)):
            wrong = Damage("truncated_file", "the zip file ends in the middle; the files before that are read")
        if (told := copy.damage or wrong) is not None:
            raise told


def _table(copy: Copied) -> list[Entry]:
    """The table of contents. Raises ``Damage`` when there is none that can be relied on."""
    count = _check_end(copy)
    try:
        with zipfile.ZipFile(copy.file) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error) as error:
        raise Damage("malformed", f"not a readable zip file: {error}") from error
    if count not in {_MANY, len(found) & _MANY}:
        raise Damage("malformed", f"the zip file is damaged: its table of contents has {len(found)} of {count} files")
    if min((info.header_offset for info in found), default=0):
        # It is that of a zip file inside one that is cut, or of the last of some that were put together.
        raise Damage("malformed", "the zip file is damaged: its table of contents does not begin with its first file")
    return [
        Entry(
            info.filename,
            info.flag_bits,
            info.compress_type,
            info.CRC,
            info.compress_size,
            info.file_size,
            info.header_offset,
            stat.S_ISLNK(info.external_attr >> 16),
        )
        for info in found
    ]


def _check_end(copy: Copied) -> int:
    """Look at the size of the table of contents before zipfile reads it into memory; returns how many are in it."""
    tail = copy.read_at(max(0, copy.size - 65_557 - 20), 65_557 + 20)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise Damage("truncated_file", "the zip file ends in its table of contents; all files are read")
    count, table = struct.unpack_from("<HL", tail, at + 10)
    if table == _IN_ZIP64 and at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        record = copy.read_at(struct.unpack_from("<Q", tail, at - 12)[0], 56)
        if len(record) == 56:
            table = struct.unpack_from("<Q", record, 40)[0]
    if table > _TABLE_BYTES:
        raise Damage("limit_exceeded", f"the zip file's table of contents is larger than {_TABLE_BYTES} bytes")
    return int(count)


def _walk(copy: Copied) -> Generator[ZipMember, None, bool]:
    """From header to header; returns whether the table of contents, or some of it, is behind the last file."""
    at, in_table = 0, False
    while found := next(copy.search(_HEADER if in_table else _HEADER_OR_TABLE, at), None):
        at, mark = found
        in_table = not _HEADER.match(mark)
        if in_table:
            continue
        entry = _entry(copy, at)
        if entry is None:
            return False
        member = ZipMember(copy, entry)
        yield member
        at = member.end
    return in_table


def _entry(copy: Copied, at: int) -> Entry | None:
    """What the header before a file says; None when the zip file ends in it."""
    data = copy.read_at(at, LOCAL.size)
    start = start_of(copy, at)
    if not start or start > copy.size:
        return None
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = LOCAL.unpack(data)
    names = copy.read_at(at + LOCAL.size, name_length)
    extra = copy.read_at(start - extra_length, extra_length)
    name = names.decode("utf-8" if flags & _UTF8 else "cp437", errors="replace").partition("\0")[0]
    size, packed = _in_zip64(extra, size, packed)
    entry = Entry(name, flags, method, crc, packed, size, at)
    if not flags & _IN_DESCRIPTOR:
        return entry
    if packed in {0, _IN_ZIP64}:
        entry = replace(entry, packed=_stored_size(copy, start) if method == 0 else None, size=None)
    return replace(entry, crc=None)


def _in_zip64(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """The sizes, which are in a field of the extra data when they are larger than 32 bits hold."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == 1:
            if size == _IN_ZIP64 and len(field) >= 8:
                size, field = int.from_bytes(field[:8], "little"), field[8:]
            if packed == _IN_ZIP64 and len(field) >= 8:
                packed = int.from_bytes(field[:8], "little")
            break
    return size, packed


def _stored_size(copy: Copied, start: int) -> int | None:
    """The size of a file that is not compressed, from the descriptor behind it, which repeats it; None without one."""
    for at, mark in copy.search(_END_OF_FILE, start):
        places = (
            ((at + 8, "<L", 0), (at + 8, "<Q", 0)) if mark == DESCRIPTOR else ((at - 8, "<L", 12), (at - 16, "<Q", 20))
        )
        for place, layout, length in places:
            data = copy.read_at(place, struct.calcsize(layout))
            size = at - start - length
            if len(data) == struct.calcsize(layout) and struct.unpack(layout, data)[0] == size >= 0:
                return size
    return None
