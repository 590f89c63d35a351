"""The memory in which parts of uploads wait to be sent: so many buffers, and not one more.

Every large file being uploaded holds one buffer, and up to two more when they are free, so that it
is filled while another is sent. When all are taken, a file waits for its own parts to be sent
instead, and a new one waits for a buffer. Buffers are used again: allocating 8 MiB for each part
would cost page faults for each of its 2048 pages.
"""

import asyncio

from report_api.errors import busy


class Buffers:
    """The pool of one process."""

    def __init__(self, count: int, size: int, wait_seconds: float) -> None:
        self.size = size
        """Bytes of each."""
        self._count = count
        self._wait_seconds = wait_seconds
        self._idle: list[bytearray] = []
        self._taken = 0
        self._waiting: list[asyncio.Future[None]] = []

    async def take(self) -> bytearray:
        """A buffer, when one is free; raises 503 when none gets free in time."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                while (buffer := self._take()) is None:
                    await self._wait()
        except TimeoutError:
            raise busy(
                f"This server takes {self._count} large files at once (upload_buffers). Please repeat the upload."
            ) from None
        return buffer

    def take_if_free(self) -> bytearray | None:
        """A buffer that nobody waits for, or None."""
        return None if self._waiting else self._take()

    def give_back(self, buffer: bytearray) -> None:
        """Return a buffer whose content is not needed any more."""
        self._taken -= 1
        self._idle.append(buffer)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
                return
        if self._taken == 0:
            self._idle.clear()  # an idle process needs no such memory

    def _take(self) -> bytearray | None:
        if self._taken >= self._count:
            return None
        self._taken += 1
        return self._idle.pop() if self._idle else bytearray(self.size)

    async def _wait(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._wake_next()
            raise
        finally:
            self._waiting.remove(future)

    def _wake_next(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
                return
