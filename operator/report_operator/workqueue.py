"""Keys to look at: each at most once at a time, again when something happened meanwhile, and at set times."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime


class WorkQueue:
    """Runs ``look(key)`` for keys. Used from one event loop only."""

    def __init__(self, look: Callable[[int], Awaitable[None]], clock: Callable[[], datetime]) -> None:
        """``look`` must not raise: what fails is put back by itself."""
        self._look = look
        self._clock = clock
        self._ready: asyncio.Queue[int] = asyncio.Queue()
        self._dirty: set[int] = set()
        self._busy: set[int] = set()
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def add(self, key: int) -> None:
        """Look at this key soon."""
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._busy:
            self._ready.put_nowait(key)

    def add_at(self, key: int, moment: datetime) -> None:
        """Look at this key at a time, unless that is done before; replaces an earlier time."""
        self.forget(key)
        delay = max(0.0, (moment - self._clock()).total_seconds())
        self._timers[key] = asyncio.get_running_loop().call_later(delay, self._due, key)

    def forget(self, key: int) -> None:
        """No set time for this key any more."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    async def run(self, workers: int) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(self._work())
        finally:
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()

    async def _work(self) -> None:
        while True:
            key = await self._ready.get()
            self._dirty.discard(key)
            self._busy.add(key)
            try:
                await self._look(key)
            finally:
                self._busy.discard(key)
                if key in self._dirty:
                    self._ready.put_nowait(key)

    def _due(self, key: int) -> None:
        self._timers.pop(key, None)
        self.add(key)
