"""What happens next to one import. Pure: everything that is observed goes in, actions come out.

The decision depends on nothing but what is there now, so it may be taken at any time, twice, or
after a crash between any two of its actions:

* a Job is created before the status says so, and its own annotations say which attempt it is;
* a Job is stopped after the status says why, so that the reason is known once it is gone;
* ``status.json`` is written before the phase is terminal, and an existing one is always adopted;
* ``expiresAt`` is set last, and says that the archive and the profile's index are complete.

The table of the design, row by row: ``_arrive`` and ``_wait_for_a_turn`` here, the rows on Jobs in
``running``, ``_cancel`` and ``_after_the_end`` here again.
"""

from datetime import datetime, timedelta

from report_contract.phases import Phase, Reason
from report_operator import statuses
from report_operator.actions import (
    Action,
    Announce,
    ApplyStatus,
    DeleteResource,
    LookIntoStorage,
    StartJob,
    StopJob,
    WakeAt,
    WriteEntry,
    WriteFinal,
    WriteRequest,
)
from report_operator.attempts import first_plan, planned
from report_operator.case import Case, Observed, announce_end, span_text
from report_operator.requesting import request_of, trouble_with
from report_operator.running import run
from report_operator.settings import Limits


def reconcile(observed: Observed, now: datetime, limits: Limits) -> list[Action]:
    """The actions that bring the import one step further; none when it is on its way out."""
    case = Case(observed, now, limits)
    resource = observed.resource
    phase = resource.status.phase
    if resource.metadata.get("deletionTimestamp"):
        return []
    if phase is not None and phase.terminal:
        return _after_the_end(case)
    if resource.spec.cancel:
        return _cancel(case)
    if phase is None:
        return _arrive(case)
    if phase is Phase.QUEUED and not observed.jobs:
        return _wait_for_a_turn(case)
    return run(case)


def _arrive(case: Case) -> list[Action]:
    """A new resource: into the queue, with a request that the processor can read."""
    resource, storage = case.resource, case.observed.storage
    if storage is None:
        return [LookIntoStorage()]
    if storage.final is not None:
        return case.adopt(storage.final)
    actions: list[Action] = []
    if not storage.requested:
        trouble = trouble_with(resource, storage)
        if trouble:
            return case.end(Phase.FAILED, Reason.INVALID_REQUEST, trouble)
        actions.append(WriteRequest(request_of(resource, storage, case.now)))
    status = statuses.queued(resource, case.now)
    return [*actions, ApplyStatus(status), Announce(Reason.QUEUED, status["message"])]


def _wait_for_a_turn(case: Case) -> list[Action]:
    if case.now >= case.queue_deadline:
        waited = span_text(case.limits.queue_deadline_seconds)
        text = f"The import waited for {waited} in the queue and was never started."
        return case.end(Phase.FAILED, Reason.QUEUE_DEADLINE_EXCEEDED, text)
    if not case.observed.slot:
        return [WakeAt(case.queue_deadline)]
    plan = first_plan(case.resource, case.limits)
    text = "Import is about to start."
    status = statuses.running(case.resource, case.now, planned(plan), Reason.STARTING, text)
    announcement = Announce("Started", f"Job {plan.name} has been created.")
    return [StartJob(plan, statuses.so_far(status)), ApplyStatus(status), announcement]


def _cancel(case: Case) -> list[Action]:
    """First the Job must be gone: it may have finished just before."""
    patience = timedelta(seconds=case.limits.stop_deadline_seconds)
    waited_for = [
        job
        for job in case.observed.jobs
        if job.alive and (job.stopping_since is None or case.now < job.stopping_since + patience)
    ]
    if not waited_for:
        return case.end(Phase.CANCELLED, Reason.CANCELLED_BY_REQUEST, "Import has been cancelled.")
    told = case.apply(statuses.cancelling(case.resource, case.now))
    stops = [StopJob(job.name) for job in waited_for if job.stopping_since is None]
    return [*told, *stops, WakeAt(case.now + patience)]


def _after_the_end(case: Case) -> list[Action]:
    """Archive, index, then the end of its time; and nothing of it may run on."""
    storage, status = case.observed.storage, case.resource.status
    actions: list[Action] = _end_processes(case)
    if status.expires_at is not None and case.now < status.expires_at:
        return [*actions, WakeAt(status.expires_at)]
    if storage is None:
        return [*actions, LookIntoStorage()]
    record = storage.final or statuses.archived(case.resource)
    if storage.final is None:
        actions.append(WriteFinal(record))
    if status.expires_at is not None:
        return [*actions, DeleteResource()]
    own = statuses.after_the_end(case.resource, case.now, case.limits.finished_ttl_seconds)
    return [*actions, WriteEntry(statuses.entry(record)), ApplyStatus(own), announce_end(record)]


def _end_processes(case: Case) -> list[Action]:
    """A processor that wrote the final status ends by itself, and is stopped when it does not."""
    alive = [job for job in case.observed.jobs if job.alive and not job.stopping_since]
    if not alive:
        return []
    leave_by = (case.resource.status.completed_at or case.now) + timedelta(seconds=case.limits.exit_grace_seconds)
    if case.now < leave_by:
        return [WakeAt(leave_by)]
    return [StopJob(job.name) for job in alive]
