"""Streams of bytes, the beginning of one looked at before it is read, and a copy of one to read in any order."""

import re
from collections.abc import Iterator
from typing import IO, Final, Protocol

from report_processor.damage import Damage

CHUNK: Final = 1 << 18
"""Bytes that are read at once."""
LEAST: Final = 1 << 12
"""Bytes that are read at first where they may be few."""


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes; none at the end."""
        ...


class Peeked:
    """A stream whose beginning can be looked at."""

    def __init__(self, stream: Readable) -> None:
        self._stream: Final = stream
        self._head = b""
        self._damage: Damage | None = None
        self.taken = 0
        """Bytes read from the stream so far."""

    def peek(self, size: int) -> bytes:
        """The first bytes, which will be read again. Raises ``Damage`` when there are none before it."""
        try:
            while len(self._head) < size and self._damage is None:
                data = self._stream.read(size - len(self._head))
                if not data:
                    break
                self._head += data
        except Damage as damage:
            self._damage = damage
        if self._damage is not None and not self._head:
            raise self._damage
        return self._head[:size]

    def read(self, size: int, /) -> bytes:
        """See ``Readable``."""
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
        elif self._damage is not None:
            raise self._damage
        else:
            data = self._stream.read(size)
        self.taken += len(data)
        return data


class Copied:
    """A stream that is copied to disk, up to its damage."""

    def __init__(self, stream: Readable, file: IO[bytes]) -> None:
        self.file: Final = file
        self.damage: Damage | None = None
        """What ended the stream."""
        try:
            while data := stream.read(CHUNK):
                file.write(data)
        except Damage as damage:
            self.damage = damage
        self.size: Final = file.tell()

    def read_at(self, at: int, count: int) -> bytes:
        """So many bytes from there on, or as many as there are."""
        if not 0 <= at < self.size or count <= 0:
            return b""
        self.file.seek(at)
        return self.file.read(count)

    def search(self, mark: re.Pattern[bytes], at: int) -> Iterator[tuple[int, bytes]]:
        """Where a mark of four bytes is, from there on, and what it is."""
        count = LEAST
        while len(data := self.read_at(at, count)) >= 4:
            for found in mark.finditer(data):
                yield at + found.start(), found[0]
            at += len(data) - 3
            count = min(CHUNK, 2 * count)
