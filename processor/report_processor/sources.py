"""Uploaded objects as streams: their SHA-256 is checked on the way, and progress is counted."""

import contextlib
import hashlib
import queue
import threading
from collections.abc import Callable
from typing import Final

from report_processor.damage import Damage
from report_processor.streams import CHUNK, Readable

_PIECES: Final = 4
"""Pieces of ``CHUNK`` bytes that are read ahead."""


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


class Ahead:
    """Reads a stream in a thread, a few pieces ahead, so that waiting and hashing overlap with parsing.

    Use it as a context manager: the thread ends with it.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream: Final = stream
        self._pieces: Final[queue.Queue[bytes | Exception]] = queue.Queue(_PIECES)
        self._piece = b""
        self._ended = False
        self._stopped = False
        self._thread: Final = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Ahead":
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self._pieces.get(timeout=0.05)  # it may be waiting for room
        self._thread.join()

    def read(self, size: int, /) -> bytes:
        """Some of the next bytes, at most ``size``; none at the end. Raises what the stream raised."""
        if not self._piece and not self._ended:
            piece = self._pieces.get()
            if isinstance(piece, Exception):
                self._ended = True
                raise piece
            self._piece = piece
            self._ended = not piece
        data, self._piece = self._piece[:size], self._piece[size:]
        return data

    def _run(self) -> None:
        while not self._stopped:
            try:
                piece = self._stream.read(CHUNK)
            except Exception as error:  # whatever it is, the reading thread raises it
                self._pieces.put(error)
                return
            self._pieces.put(piece)
            if not piece:
                return
