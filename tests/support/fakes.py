"""Object storage and attempts that obey the test: for tests of the operator's loop without any service."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace

from report_contract.resource import ReportImport
from report_operator.observed import JobObservation
from report_operator.ports import JobPlan
from report_stores.errors import ObjectMissing, Unavailable


class FakeObjects:
    """The part of ``ObjectStore`` that the operator uses, in a dictionary."""

    bucket = "report-import"

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.broken = False

    def stat(self, key):
        self._check()
        return SimpleNamespace(size=len(self.kept[key])) if key in self.kept else None

    def read_bytes(self, key, limit):
        self._check()
        if key not in self.kept:
            raise ObjectMissing(key)
        return self.kept[key][:limit]

    def put_bytes(self, key, data, content_type=""):
        self._check()
        self.kept[key] = data

    def _check(self):
        if self.broken:
            raise Unavailable("object storage does not answer")


@dataclass
class FakeJobs:
    """Attempts that begin to run at once and end when the test says so."""

    attempts: dict[str, tuple[int, JobObservation]] = field(default_factory=dict)
    started: list[JobPlan] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    peak: int = 0
    obedient: bool = True
    on_change: Callable[[int], None] = lambda _: None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, resource: ReportImport, plan: JobPlan, so_far: dict[str, object]) -> None:
        with self.lock:
            if plan.name in self.attempts:
                return
            now = datetime.now(UTC)
            job = JobObservation(
                plan.name,
                plan.attempt,
                now,
                counted=plan.counted,
                memory_bytes=plan.memory_bytes,
                previous_reason=plan.previous_reason,
                started_at=now,
            )
            self.attempts[plan.name] = (resource.report_id, job)
            self.started.append(plan)
            self.peak = max(self.peak, len(self.live()))

    def observe(self, report_id: int) -> tuple[JobObservation, ...]:
        with self.lock:
            mine = [job for owner, job in self.attempts.values() if owner == report_id]
            return tuple(sorted(mine, key=lambda job: job.attempt))

    def stop(self, report_id: int, name: str) -> None:
        with self.lock:
            self.stopped.append(name)
            if self.obedient:
                self.attempts.pop(name, None)
                self.on_change(report_id)
            elif name in self.attempts:
                self.change(name, stopping_since=datetime.now(UTC))

    def live(self) -> frozenset[int]:
        with self.lock:
            return frozenset(owner for owner, job in self.attempts.values() if job.alive)

    def change(self, name: str, **changes) -> int:
        """Let an attempt be otherwise from now on; returns whose it is."""
        with self.lock:
            owner, job = self.attempts[name]
            self.attempts[name] = (owner, replace(job, **changes))
            return owner


class FakeAnnouncer:
    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []

    def announce(self, resource, reason, message, *, warning=False):
        self.heard.append((resource.report_id, reason))
