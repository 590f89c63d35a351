"""Packets of subunit, version 2: https://github.com/testing-cabal/subunit has the specification.

A packet is a signature byte, 16 bits of flags, its length, what the flags say, and a CRC-32. Numbers have
two bits in front that say how many bytes follow. Anything may stand between packets: tests print there.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from report_processor.damage import Damage

SIGNATURE: Final = 0xB3
LONGEST: Final = 1 << 22
"""Bytes of a packet, which the format allows."""
_VERSION: Final = 2
_TEST, _ROUTE, _TIME, _TAGS, _CONTENT, _MIME, _END = 0x0800, 0x0400, 0x0200, 0x0080, 0x0040, 0x0020, 0x0010
_LEAST: Final = 8
_WASTE: Final = 1 << 27
_MASK: Final = 7


class Packet(NamedTuple):
    """What one packet says."""

    status: int
    test: str
    time: float | None
    tags: list[str]
    mime: str
    file: str
    content: bytes | None
    ends: bool
    """It is the end of the attached file."""
    offset: int


class _BadPacketError(Exception):
    """It is no packet."""


class PacketReader:
    """Bytes in pieces in, packets out."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._offset = 0
        self._wanted = 0
        self._waste = 0
        """Bytes whose checksum was worked out in vain: without a limit that could go on for hours."""
        self.strange = 0
        """Bytes that belong to no packet."""
        self.broken: list[int] = []
        """Offsets of what begins as a packet and is none: of the first few."""

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that are complete."""
        self._data += data
        if len(self._data) < self._wanted:
            return
        self._wanted = 0
        at = 0
        view = bytes(self._data)
        while True:
            start = view.find(SIGNATURE.to_bytes(1, "big"), at)
            if start < 0:
                self.strange += len(view) - at
                at = len(view)
                break
            self.strange += start - at
            at = start
            end = None
            try:
                end = _end(view, at)
                if end is None or end > len(view):
                    self._wanted = 0 if end is None else end - at
                    break
                packet = _packet(view[at:end], self._offset + at)
            except (_BadPacketError, struct.error, UnicodeDecodeError, IndexError):
                if end is not None and len(self.broken) < _LEAST:
                    self.broken.append(self._offset + at)
                self._waste += max(_LEAST, (end or at) - at)
                if self._waste > _WASTE:
                    raise Damage("malformed", f"too much that is no packet, up to byte {self._offset + at}") from None
                self.strange += 1
                at += 1
                continue
            at = end
            yield packet
        self._offset += at
        del self._data[:at]

    def rest(self) -> Iterator[Packet]:
        """At the end: packets behind what only began as one."""
        while self._data:
            self._waste += len(self._data)
            if self._waste > _WASTE:
                return
            del self._data[:1]
            self._offset += 1
            self.strange += 1
            self._wanted = 0
            yield from self.feed(b"")

    @property
    def torn(self) -> bool:
        """Whether a packet has begun and is not complete."""
        return bool(self._data)

    @property
    def offset(self) -> int:
        """Bytes that were read."""
        return self._offset


def _end(view: bytes, at: int) -> int | None:
    """Where the packet ends; None when that is not known yet."""
    if len(view) < at + _LEAST:
        return None
    if view[at + 1] >> 4 != _VERSION:
        raise _BadPacketError
    length, _ = _number(view, at + 3)
    if not _LEAST <= length <= LONGEST:
        raise _BadPacketError
    return at + length


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends."""
    size = (data[at] >> 6) + 1
    if at + size > len(data):
        raise _BadPacketError
    return int.from_bytes(data[at : at + size], "big") & ((1 << (8 * size - 2)) - 1), at + size


def _bytes(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _number(data, at)
    if at + size > len(data):
        raise _BadPacketError
    return data[at : at + size], at + size


def _text(data: bytes, at: int) -> tuple[str, int]:
    found, at = _bytes(data, at)
    return found.decode(), at


def _packet(whole: bytes, offset: int) -> Packet:
    if zlib.crc32(whole[:-4]) != int.from_bytes(whole[-4:], "big"):
        raise _BadPacketError
    data = whole[:-4]
    flags = int.from_bytes(data[1:3], "big")
    _, at = _number(data, 3)
    time, test, tags, mime, file, content = None, "", [], "", "", None
    if flags & _TIME:
        (seconds,) = struct.unpack_from(">I", data, at)
        nanoseconds, at = _number(data, at + 4)
        time = seconds + nanoseconds / 1e9
    if flags & _TEST:
        test, at = _text(data, at)
    if flags & _TAGS:
        count, at = _number(data, at)
        for _ in range(count):
            tag, at = _text(data, at)
            tags.append(tag)
    if flags & _MIME:
        mime, at = _text(data, at)
    if flags & _CONTENT:
        file, at = _text(data, at)
        content, at = _bytes(data, at)
    return Packet(flags & _MASK, test, time, tags, mime, file, content, bool(flags & _END), offset)
