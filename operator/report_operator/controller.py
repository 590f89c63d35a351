"""The operator's loop: sees that something happened to an import, and lets ``reconcile`` decide.

The same on Kubernetes and standalone: it knows imports, attempts and object storage by their
interfaces only. Everything here runs in one event loop; requests run in worker threads.

Events are hints. Whatever they say, the import and its Jobs are read afresh before anything is
done, Jobs first: an attempt that is seen to have ended has told its end before.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from report_contract.phases import Phase
from report_contract.resource import ReportImport
from report_operator.act import Actor
from report_operator.actions import Action, ApplyStatus, DeleteResource, LookIntoStorage, StopJob, WakeAt
from report_operator.case import Observed
from report_operator.index import Entry, Index
from report_operator.metrics import Metrics
from report_operator.observed import JobObservation
from report_operator.ports import Jobs
from report_operator.reconcile import reconcile
from report_operator.requesting import Storage
from report_operator.settings import Limits
from report_operator.workqueue import WorkQueue
from report_stores.errors import ImportMissing, PhaseIsFinal, StoreError
from report_stores.imports import ImportStore

log = logging.getLogger(__name__)

T = TypeVar("T")

_FIRST_RETRY_SECONDS: Final = 1.0
_LAST_RETRY_SECONDS: Final = 60.0
_ENDING_SECONDS: Final = 2.0
"""An import whose processes are about to go is looked at so often, should no event tell."""
_GLANCE_SECONDS: Final = 30.0
"""A running import is looked at so often, should no event tell."""


class Controller:
    """Runs all imports of one store."""

    def __init__(
        self,
        imports: ImportStore,
        jobs: Jobs,
        actor: Actor,
        limits: Limits,
        *,
        workers: int = 16,
        resync_seconds: float = 300.0,
        metrics: Metrics | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._imports = imports
        self._jobs = jobs
        self._actor = actor
        self._limits = limits
        self._workers = workers
        self._resync_seconds = resync_seconds
        self._metrics = metrics or Metrics()
        self._clock = clock
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="operator")
        self._index = Index(limits.max_concurrent)
        self._queue = WorkQueue(self._look, clock, urgent=self._index.holds_slot)
        self._heartbeats: dict[int, tuple[datetime, datetime]] = {}
        self._failures: dict[int, int] = {}
        self._running = False

    def saw(self, resource: ReportImport) -> None:
        """An import is there, or has changed."""
        entry = Entry.of(resource)
        self._note_heartbeat(entry)
        if self._index.put(entry) and self._running:
            self._consider(entry)

    def gone(self, report_id: int) -> None:
        """An import was deleted."""
        known = self._index.remove(report_id)
        if self._running and (known or self._index.holds_slot(report_id)):
            self._queue.add(report_id)

    def poke(self, report_id: int) -> None:
        """Something happened to a Job or process of an import."""
        if self._running:
            self._queue.add(report_id)

    async def run(self) -> None:
        """Work until cancelled, once. Only one controller of a store may run at a time."""
        try:
            await self._resync_at_last()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._queue.run(self._workers))
                group.create_task(self._resync_again())
        finally:
            self._running = False
            # What a thread has begun is done when this returns: the next operator may begin.
            await asyncio.shield(asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True))

    async def _resync_again(self) -> None:
        while True:
            await asyncio.sleep(self._resync_seconds)
            await self._resync_at_last()

    async def _resync_at_last(self) -> None:
        while True:
            try:
                await self._resync()
            except StoreError as error:
                log.warning("the listing of all imports failed and is repeated: %s", error)
                await asyncio.sleep(_FIRST_RETRY_SECONDS)
            else:
                return

    async def _resync(self) -> None:
        """Look at everything: who runs without our knowing, who is there, who is not any more."""
        known = {entry.report_id for entry in self._index}
        for report_id in await self._in_thread(self._jobs.live):
            self._index.take_slot(report_id)
        listed = await self._in_thread(lambda: [Entry.of(resource) for resource in self._imports.list()])
        for entry in listed:
            self._note_heartbeat(entry)
            self._index.put(entry)
            if entry.phase is Phase.RUNNING:
                self._index.take_slot(entry.report_id)
        for report_id in known - {entry.report_id for entry in listed}:
            self._index.remove(report_id)
        self._running = True
        for entry in self._index:  # also those that came while the others were listed
            self._consider(entry)
        for report_id in self._index.slot_holders():
            self._queue.add(report_id)
        self._fill_slots()

    def _consider(self, entry: Entry) -> None:
        """Look at it now, unless there is nothing to do before its time."""
        moment = self._idle_until(entry)
        if moment is None:
            self._queue.add(entry.report_id)
        else:
            self._queue.add_at(entry.report_id, moment)
        self._fill_slots()

    def _idle_until(self, entry: Entry) -> datetime | None:
        """The next moment of those that only wait: in the queue, or for the end of their time."""
        if entry.deleting or self._index.holds_slot(entry.report_id):
            return None
        moment = None
        if entry.terminal:
            moment = entry.expires_at
        elif entry.phase is Phase.QUEUED and not entry.cancel and entry.queued_at is not None:
            moment = entry.queued_at + timedelta(seconds=self._limits.queue_deadline_seconds)
        return moment if moment is not None and moment > self._clock() else None

    def _fill_slots(self) -> None:
        if not self._running:
            return
        for report_id in self._index.fill_slots(self._clock()):
            self._queue.add(report_id)
        self._metrics.index(self._index)

    async def _look(self, report_id: int) -> None:
        """Look at one import and do what is next. Never raises: what fails is repeated, ever more slowly."""
        try:
            await self._step(report_id)
        except ImportMissing:
            self.gone(report_id)
        except PhaseIsFinal:
            log.info("report-%s: it ended between our look and our writing", report_id)
            self._try_again(report_id)
        except StoreError as error:
            log.warning("report-%s: %s", report_id, error)
            self._try_again(report_id)
        except Exception:  # the loop must outlive any mistake in the handling of one import
            log.exception("report-%s: unexpected error", report_id)
            self._try_again(report_id)
        else:
            self._failures.pop(report_id, None)

    def _try_again(self, report_id: int) -> None:
        self._metrics.failed()
        failures = self._failures.get(report_id, 0)
        self._failures[report_id] = failures + 1
        delay = min(_LAST_RETRY_SECONDS, _FIRST_RETRY_SECONDS * 2.0 ** min(failures, 10))
        self._queue.add_at(report_id, self._clock() + timedelta(seconds=delay))

    async def _step(self, report_id: int) -> None:
        entry = self._index.get(report_id)
        if entry is not None:
            moment = self._idle_until(entry)
            if moment is not None:
                self._queue.add_at(report_id, moment)
                return
        jobs: tuple[JobObservation, ...] = ()
        if self._may_have_jobs(report_id, entry):
            jobs = await self._in_thread(self._jobs.observe, report_id)
        resource = await self._in_thread(self._imports.get, report_id)
        if resource is None:
            await self._clean_up(report_id, jobs)
            return
        if any(job.alive for job in jobs):
            self._index.take_slot(report_id)
        entry = Entry.of(resource)
        self._note_heartbeat(entry)
        self._index.put(entry)
        actions = await self._decide(resource, jobs)
        now = self._clock()
        await self._in_thread(self._actor.perform, resource, actions)
        self._metrics.performed(resource, actions, now)
        self._remember(entry, actions, jobs)

    def _may_have_jobs(self, report_id: int, entry: Entry | None) -> bool:
        if entry is not None and entry.phase is Phase.QUEUED and not entry.cancel and self._index.is_fresh(report_id):
            return False
        return entry is None or entry.cancel or entry.phase is Phase.RUNNING or self._index.holds_slot(report_id)

    async def _decide(self, resource: ReportImport, jobs: tuple[JobObservation, ...]) -> list[Action]:
        storage: Storage | None = None
        while True:
            beat = self._heartbeats.get(resource.report_id)
            observed = Observed(
                resource,
                jobs,
                slot=self._index.holds_slot(resource.report_id),
                storage=storage,
                heartbeat_seen_at=beat[1] if beat else None,
            )
            actions = reconcile(observed, self._clock(), self._limits)
            if storage is not None or not any(isinstance(action, LookIntoStorage) for action in actions):
                return actions
            storage = await self._in_thread(self._actor.look, resource)

    def _remember(self, entry: Entry, actions: list[Action], jobs: tuple[JobObservation, ...]) -> None:
        """What is known now, before the events that tell of our own doing arrive."""
        for action in actions:
            if isinstance(action, ApplyStatus):
                entry = _with_status(entry, action)
            elif isinstance(action, DeleteResource):
                entry = replace(entry, deleting=True)
        self._index.put(entry)
        alive = any(job.alive for job in jobs)
        if entry.terminal and not alive:
            self._index.release_slot(entry.report_id)
        if entry.terminal:
            self._heartbeats.pop(entry.report_id, None)
        moment = min(self._moments(entry, actions, jobs), default=None)
        if moment is not None:
            self._queue.add_at(entry.report_id, moment)
        self._fill_slots()

    def _moments(self, entry: Entry, actions: list[Action], jobs: tuple[JobObservation, ...]) -> Iterator[datetime]:
        """When to look again: at the deadlines, and now and then at what events should tell sooner."""
        for action in actions:
            if isinstance(action, WakeAt):
                yield action.moment
            elif isinstance(action, StopJob):
                yield self._clock() + timedelta(seconds=_ENDING_SECONDS)
        if any(job.alive and (entry.terminal or job.stopping_since) for job in jobs):
            yield self._clock() + timedelta(seconds=_ENDING_SECONDS)
        if entry.phase is Phase.RUNNING:
            yield self._clock() + timedelta(seconds=_GLANCE_SECONDS)
        if entry.terminal and entry.expires_at is not None:
            yield entry.expires_at

    async def _clean_up(self, report_id: int, jobs: tuple[JobObservation, ...]) -> None:
        """The import was deleted: nothing of it may run on, and its slot is free once nothing does."""
        self._index.remove(report_id)
        self._heartbeats.pop(report_id, None)
        self._failures.pop(report_id, None)
        self._queue.forget(report_id)
        alive = [job for job in jobs if job.alive]
        for job in alive:
            if job.stopping_since is None:
                await self._in_thread(self._jobs.stop, report_id, job.name)
        if alive:
            self._index.take_slot(report_id)
            self._queue.add_at(report_id, self._clock() + timedelta(seconds=_ENDING_SECONDS))
        else:
            self._index.release_slot(report_id)
        self._fill_slots()

    def _note_heartbeat(self, entry: Entry) -> None:
        """The moment a heartbeat changed, on our own clock."""
        if entry.heartbeat_at is None or entry.terminal:
            return
        last = self._heartbeats.get(entry.report_id)
        if last is None or last[0] != entry.heartbeat_at:
            self._heartbeats[entry.report_id] = (entry.heartbeat_at, self._clock())

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


def _with_status(entry: Entry, action: ApplyStatus) -> Entry:
    status = action.status
    phase = Phase(status["phase"]) if "phase" in status else entry.phase
    return replace(
        entry,
        phase=phase,
        queued_at=_moment(status.get("queuedAt")) or entry.queued_at,
        started_at=_moment(status.get("startedAt")) or entry.started_at,
        expires_at=_moment(status.get("expiresAt")) or entry.expires_at,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
