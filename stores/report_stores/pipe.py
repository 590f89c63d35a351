"""A pipe between the part of a program that receives bytes and the thread that stores them.

One side writes (a coroutine with ``send``, or a thread with ``write``) and waits while about one
part is ahead; the other side reads exactly as much as it asks for, because the S3 client joins
shorter answers at a cost that grows with their square. The writer is not woken for every read and
the reader not for every write: only when there is room, or all that was asked for.

The SHA-256 is taken on the writing side, so that it costs no time of the thread that stores.
"""

import asyncio
import contextlib
import hashlib
import threading
from collections import deque
from typing import Final

from report_stores.settings import MIB


class PipeClosed(Exception):  # noqa: N818
    """The reader has gone: what is written would be read by nobody."""


class Pipe:
    """Bytes in order from one writer to one reader, in bounded memory."""

    def __init__(self, ahead: int = 8 * MIB) -> None:
        self._ahead: Final = ahead
        self._lock = threading.Lock()
        self._enough = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._waiter: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None = None
        self._chunks: deque[bytes] = deque()
        self._buffered = 0
        self._wanted = 0
        self._closed = False
        self._abandoned = False
        self._error: BaseException | None = None
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes written so far."""

    @property
    def sha256(self) -> str:
        """SHA-256 of all that was written, in lower-case hexadecimal."""
        return self._hash.hexdigest()

    async def send(self, data: bytes) -> None:
        """Write from a coroutine; waits while there is no room. Raises ``PipeClosed`` when the reader has gone."""
        self._count(data)
        while True:
            with self._lock:
                if self._accept(data):
                    return
                loop = asyncio.get_running_loop()
                future = loop.create_future()
                self._waiter = (loop, future)
            await future

    def write(self, data: bytes) -> None:
        """Write from a thread; blocks while there is no room. Raises ``PipeClosed`` when the reader has gone."""
        self._count(data)
        with self._lock:
            while not self._accept(data):
                self._room.wait()

    def close(self, error: BaseException | None = None) -> None:
        """End the data; with an error, the reader raises it at once instead of reading on."""
        with self._lock:
            self._closed = True
            self._error = self._error or error
            self._enough.notify()

    def abandon(self) -> None:
        """The reader's farewell: writers stop waiting and raise ``PipeClosed``."""
        with self._lock:
            self._abandoned = True
            self._chunks.clear()
            self._buffered = 0
            self._wake_writer()

    def read(self, size: int, /) -> bytes:
        """Exactly ``size`` bytes; fewer only at the end of the data, none behind it. Blocks."""
        with self._lock:
            self._wanted = size
            self._wake_writer()
            while self._buffered < size and not self._closed:
                self._enough.wait()
            self._wanted = 0
            if self._error is not None:
                raise self._error
            data = self._take(min(size, self._buffered))
            self._wake_writer()
        return data

    def _count(self, data: bytes) -> None:
        self._hash.update(data)
        self.size += len(data)

    def _accept(self, data: bytes) -> bool:
        """Take the data when there is room, under the lock."""
        if self._abandoned:
            raise PipeClosed("the reader has gone")
        if self._closed:
            raise ValueError("write to a closed pipe")
        if self._buffered >= max(self._ahead, self._wanted):
            return False
        if data:
            self._chunks.append(data)
            self._buffered += len(data)
        if 0 < self._wanted <= self._buffered:
            self._enough.notify()
        return True

    def _take(self, size: int) -> bytes:
        taken: list[bytes] = []
        left = size
        while left > 0:
            chunk = self._chunks.popleft()
            if len(chunk) > left:
                self._chunks.appendleft(chunk[left:])
                chunk = chunk[:left]
            taken.append(chunk)
            left -= len(chunk)
        self._buffered -= size
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def _wake_writer(self) -> None:
        self._room.notify()
        if self._waiter is not None and (self._abandoned or self._buffered < max(self._ahead, self._wanted)):
            (loop, future), self._waiter = self._waiter, None
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_resolve, future)


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
