"""Keys to look at: each at most once at a time, again when something happened meanwhile, and at set times.

Urgent keys go first: those that run are not to wait behind thousands that have just arrived.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime


class WorkQueue:
    """Runs ``look(key)`` for keys. Used from one event loop only."""

    def __init__(
        self,
        look: Callable[[int], Awaitable[None]],
        clock: Callable[[], datetime],
        urgent: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """``look`` must not raise: what fails is put back by itself. ``urgent`` is asked when a key is added."""
        self._look = look
        self._clock = clock
        self._urgent = urgent
        self._numbers = itertools.count()
        self._ready: asyncio.PriorityQueue[tuple[int, int, int]] = asyncio.PriorityQueue()
        self._dirty: dict[int, bool] = {}
        """Keys to look at, and whether they stand among the urgent ones."""
        self._busy: set[int] = set()
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def add(self, key: int) -> None:
        """Look at this key soon."""
        urgent = self._urgent(key)
        if key in self._dirty and self._dirty[key] >= urgent:
            return
        self._dirty[key] = urgent
        if key not in self._busy:
            self._put(key, urgent=urgent)

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
            *_, key = await self._ready.get()
            if key not in self._dirty or key in self._busy:
                continue  # it became urgent after it was put here, and was looked at then
            del self._dirty[key]
            self._busy.add(key)
            try:
                await self._look(key)
            finally:
                self._busy.discard(key)
                if key in self._dirty:
                    self._put(key, urgent=self._dirty[key])

    def _put(self, key: int, *, urgent: bool) -> None:
        self._ready.put_nowait((0 if urgent else 1, next(self._numbers), key))

    def _due(self, key: int) -> None:
        self._timers.pop(key, None)
        self.add(key)
