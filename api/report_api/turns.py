"""How many uploads run at once. Each takes memory, so their number is what bounds the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from report_api.errors import busy


class Turns:
    """A counter with a waiting room."""

    def __init__(self, limit: int, wait_seconds: float) -> None:
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._free = asyncio.Semaphore(limit)
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one place; raises 503 when none gets free in time."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise busy(f"This server takes {self._limit} uploads at once (max_uploads). Please repeat it.") from None
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._free.release()
            self._running -= 1
            if self._running == 0:
                self._idle.set()

    async def idle(self, seconds: float) -> None:
        """Wait until nothing runs, but no longer than this: the server stops, and broken uploads are being removed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
