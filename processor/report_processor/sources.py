"""Uploaded objects as streams: their SHA-256 is checked on the way, and progress is counted."""

import hashlib
from collections.abc import Callable
from typing import Final

from report_processor.damage import Damage
from report_processor.unpack import Readable


class Source:
    """A stream that knows what it should be."""

    def __init__(self, stream: Readable, sha256: str, count: Callable[[int], None]) -> None:
        """``sha256`` in hexadecimal, empty when it is not known; ``count`` is told of bytes as they are read."""
        self._stream: Final = stream
        self._expected: Final = sha256
        self._count: Final = count
        self._hash = hashlib.sha256()
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """The next bytes. Raises ``Damage`` at the end when they are not those that were uploaded."""
        data = self._stream.read(size)
        if data:
            if self._expected:
                self._hash.update(data)
            self._count(len(data))
        elif not self._ended:
            self._ended = True
            if self._expected and self._hash.hexdigest() != self._expected:
                text = f"expected {self._expected}, found {self._hash.hexdigest()}"
                raise Damage("checksum_mismatch", text)
        return data
