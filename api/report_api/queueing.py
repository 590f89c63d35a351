"""Place in the queue, and an estimate: computed when somebody asks, from one look at all resources
that everybody who asks within two seconds shares. Nothing of it is written anywhere.

The order is the operator's: priority, then turns over the profiles, then first come first served.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from report_api.threads import Threads
from report_contract.phases import Phase
from report_contract.resource import ReportImport
from report_stores.imports import ImportStore

FRESH_SECONDS: Final = 2.0
MAX_ENTRIES: Final = 20_000
"""Waiting imports that are looked at one by one. A longer queue is counted, and places in it are not told."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an import is in the queue."""

    position: int
    """From 1: the next to run."""
    total: int
    """Imports that wait."""
    estimated_seconds: float | None
    """Until it starts, by the durations of recent imports; None when there are none to go by."""


@dataclass(slots=True)
class Snapshot:
    """All that matters of all imports at one moment."""

    waiting: list[tuple[int, int, str]] = field(default_factory=list)
    """Priority, report id, profile."""
    total: int = 0
    running: int = 0
    finished: int = 0
    seconds: float = 0.0
    """Sum of the durations of the finished ones."""

    def place(self, report_id: int) -> Place | None:
        """Where this report is; None when it is not waiting, or the queue is too long to say."""
        own = next((entry for entry in self.waiting if entry[1] == report_id), None)
        if own is None or self.total > len(self.waiting):
            return None
        priority, _, profile = own
        before = 0
        others: Counter[str] = Counter()
        turn = 1
        for its_priority, its_id, its_profile in self.waiting:
            if its_priority > priority:
                before += 1
            elif its_priority == priority and its_profile == profile:
                turn += its_id < report_id
            elif its_priority == priority:
                others[its_profile] += 1
        before += turn - 1 + sum(min(count, turn - 1) for count in others.values())
        return Place(before + 1, self.total, self._estimate(before))

    def _estimate(self, before: int) -> float | None:
        if self.finished == 0:
            return None
        mean = self.seconds / self.finished
        return round(mean * (before + 1) / max(self.running, 1), 1)


def snapshot(resources: Iterable[ReportImport]) -> Snapshot:
    """One pass over all resources; keeps three small values of each that waits."""
    seen = Snapshot()
    for resource in resources:
        status = resource.status
        phase = status.phase or Phase.QUEUED
        if phase is Phase.QUEUED:
            seen.total += 1
            if len(seen.waiting) < MAX_ENTRIES:
                seen.waiting.append((resource.spec.priority, resource.spec.report_id, resource.spec.profile))
        elif phase is Phase.RUNNING:
            seen.running += 1
        elif status.started_at and status.completed_at:
            seen.finished += 1
            seen.seconds += (status.completed_at - status.started_at).total_seconds()
    return seen


class QueueView:
    """A snapshot that is at most two seconds old."""

    def __init__(self, imports: ImportStore, threads: Threads) -> None:
        self._imports = imports
        self._threads = threads
        self._lock = asyncio.Lock()
        self._taken = float("-inf")
        self._snapshot = Snapshot()

    async def place(self, report_id: int) -> Place | None:
        """Where a report is in the queue."""
        async with self._lock:
            if time.monotonic() - self._taken > FRESH_SECONDS:
                self._snapshot = await self._threads.run(lambda: snapshot(self._imports.list()))
                self._taken = time.monotonic()
        return self._snapshot.place(report_id)
