"""Place in the queue, and an estimate: computed when somebody asks, from one look at all resources
that everybody who asks within two seconds shares. Nothing of it is written anywhere.

The order is the operator's own, ``report_contract.queueing``.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from report_api.threads import Threads
from report_contract.phases import Phase
from report_contract.queueing import Waiting, queue_order
from report_contract.resource import ReportImport
from report_stores.imports import ImportStore

FRESH_SECONDS: Final = 2.0
MAX_ENTRIES: Final = 20_000
"""Waiting imports that are looked at one by one. A longer queue is counted, and places in it are not told."""

_LAST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an import is in the queue."""

    position: int
    """From 1: the next to run."""
    total: int
    """Imports that wait."""
    estimated_seconds: float | None
    """Until it starts, by the durations of recent imports; None when there are none to go by."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that matters of all imports at one moment."""

    positions: dict[int, int] = field(default_factory=dict)
    """Place of each waiting report, from 1; empty when the queue is too long to say."""
    total: int = 0
    """Imports that wait."""
    running: int = 0
    """Imports that run."""
    mean_seconds: float | None = None
    """How long an import took; None when none has finished lately."""

    def place(self, report_id: int) -> Place | None:
        """Where this report is; None when it is not waiting, or the queue is too long to say."""
        position = self.positions.get(report_id)
        if position is None:
            return None
        estimate = None if self.mean_seconds is None else round(self.mean_seconds * position / max(self.running, 1), 1)
        return Place(position, self.total, estimate)


def snapshot(resources: Iterable[ReportImport]) -> Snapshot:
    """One pass over all resources; keeps a few small values of each that waits."""
    waiting: list[Waiting] = []
    total = finished = 0
    seconds = 0.0
    running: Counter[str] = Counter()
    last_started: dict[str, datetime] = {}
    for resource in resources:
        status, profile = resource.status, resource.spec.profile
        if status.started_at:
            last_started[profile] = max(status.started_at, last_started.get(profile, status.started_at))
        phase = status.phase or Phase.QUEUED
        if phase is Phase.QUEUED:
            total += 1
            if len(waiting) < MAX_ENTRIES:
                waiting.append(_waiting(resource))
        elif phase is Phase.RUNNING:
            running[profile] += 1
        elif status.started_at and status.completed_at:
            finished += 1
            seconds += (status.completed_at - status.started_at).total_seconds()
    order = queue_order(waiting, running, last_started) if total == len(waiting) else ()
    return Snapshot(
        positions={item.report_id: position for position, item in enumerate(order, start=1)},
        total=total,
        running=running.total(),
        mean_seconds=seconds / finished if finished else None,
    )


def _waiting(resource: ReportImport) -> Waiting:
    """A resource that the operator has not seen yet counts from its creation."""
    created = resource.metadata.get("creationTimestamp")
    queued_at = resource.status.queued_at or (datetime.fromisoformat(created) if created else _LAST)
    return Waiting(resource.report_id, resource.spec.profile, resource.spec.priority, queued_at)


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
