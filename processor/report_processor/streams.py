"""Streams of bytes, and the beginning of one looked at before it is read."""

from typing import Final, Protocol

from report_processor.damage import Damage

CHUNK: Final = 1 << 18
"""Bytes that are read at once."""


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
