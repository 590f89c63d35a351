"""How many uploads run at once. Each takes memory, so their number is what bounds the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from report_api.errors import busy


class Turns:
    """A counter with a waiting room."""

    def __init__(self, limit: int, wait_seconds: float) -> None:
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._free = asyncio.Semaphore(limit)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one place; raises 503 when none gets free in time."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise busy(f"This server takes {self._limit} uploads at once (max_uploads). Please repeat it.") from None
        try:
            yield
        finally:
            self._free.release()
