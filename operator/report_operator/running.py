"""What happens to an import that has a Job, or should have one. Pure."""

from datetime import timedelta

from report_contract.phases import Phase, Reason
from report_operator import statuses
from report_operator.actions import Action, Announce, ApplyStatus, LookIntoStorage, StartJob, StopJob, WakeAt
from report_operator.attempts import (
    Over,
    next_step,
    over_by_itself,
    over_when_gone,
    planned,
    stopped_for,
    trouble_text,
)
from report_operator.case import Case, span_text
from report_operator.observed import JobObservation

_SOON = 1.0
"""Seconds after which something is looked at again that is about to change by itself."""


def run(case: Case) -> list[Action]:
    """The next step of an import in the phase Running, or of one whose Job was just created."""
    latest = case.latest
    job = latest.job
    # Only one attempt may be at work. An earlier one that lives was taken for lost, and came back.
    stray: list[Action] = [
        StopJob(one.name) for one in case.observed.jobs if one is not job and one.alive and not one.stopping_since
    ]
    return stray + _latest(case, job)


def _latest(case: Case, job: JobObservation | None) -> list[Action]:
    latest = case.latest
    if job is None:
        return _over(case, over_when_gone(case.resource, latest))
    how = over_by_itself(job) if job.end is not None else over_when_gone(case.resource, latest)
    if not job.alive:
        return _over(case, how)
    if job.stopping_since is not None:
        # Its process may still be at work; a node that does not answer is not waited for in vain.
        deadline = job.stopping_since + timedelta(seconds=case.limits.stop_deadline_seconds)
        return [WakeAt(deadline)] if case.now < deadline else _over(case, how)
    if stopped_for(case.resource, latest) is not None:
        return [StopJob(job.name), WakeAt(case.after(case.limits.stop_deadline_seconds))]
    if job.end is not None:
        return [WakeAt(case.after(_SOON))]
    return _starts(case, job) if job.started_at is None else _runs(case, job)


def _starts(case: Case, job: JobObservation) -> list[Action]:
    """No container runs yet: what keeps it is said at once, and waited for until the deadline."""
    limits = case.limits
    if job.suspended:
        deadline, late = case.queue_deadline, Reason.QUEUE_DEADLINE_EXCEEDED
        reason, text = Reason.STARTING, "Import waits for admission by Kueue."
        too_late = f"Kueue did not admit the import within {span_text(limits.queue_deadline_seconds)}."
    else:
        deadline, late = (
            job.created_at + timedelta(seconds=limits.start_deadline_seconds),
            Reason.START_DEADLINE_EXCEEDED,
        )
        reason, text = trouble_text(job)
        too_late = f"The import did not start within {span_text(limits.start_deadline_seconds)}. {text}"
    if case.now >= deadline:
        return _stop(case, job, late, too_late)
    told = case.resource.status
    if reason is Reason.STARTING and told.reason == Reason.RETRYING and case.latest.told:
        # Why there is another attempt is worth more than that it is about to start.
        return [WakeAt(deadline)]
    return [*_tell(case, reason, text), WakeAt(deadline)]


def _runs(case: Case, job: JobObservation) -> list[Action]:
    """Its container runs: it must end in time, and show signs of life until then."""
    limits = case.limits
    started = job.started_at or job.created_at
    deadline = started + timedelta(seconds=limits.run_deadline_seconds)
    silent = max(started, case.observed.heartbeat_seen_at or started) + timedelta(
        seconds=limits.heartbeat_timeout_seconds
    )
    if case.now >= deadline:
        text = f"Attempt {job.attempt} ran longer than {span_text(limits.run_deadline_seconds)} and was stopped."
        return _stop(case, job, Reason.DEADLINE_EXCEEDED, text)
    if case.now >= silent:
        quiet = span_text(limits.heartbeat_timeout_seconds)
        text = f"Attempt {job.attempt} showed no progress for {quiet} and was stopped."
        return _stop(case, job, Reason.STALLED, text)
    which = f" (attempt {job.attempt})" if job.attempt > 1 else ""
    return [*_tell(case, Reason.PROCESSING, f"Import is being processed{which}."), WakeAt(min(deadline, silent))]


def _over(case: Case, over: Over) -> list[Action]:
    """An attempt has ended, and no final phase is told."""
    storage = case.observed.storage
    if storage is None:
        return [LookIntoStorage()]
    if storage.final is not None:
        return case.adopt(storage.final)
    latest = case.latest
    step = next_step(latest, over, case.limits)
    if step.plan is None:
        return case.end(Phase.FAILED, step.reason, step.message)
    ended_at = latest.job.ended_at if latest.job else None
    if ended_at is not None and case.now < ended_at + step.delay:
        return [*_tell(case, Reason.RETRYING, step.message), WakeAt(ended_at + step.delay)]
    status = statuses.running(case.resource, case.now, planned(step.plan), Reason.RETRYING, step.message)
    announcement = Announce("Retried", step.message, warning=True)
    return [StartJob(step.plan, statuses.so_far(status)), ApplyStatus(status), announcement]


def _stop(case: Case, job: JobObservation, reason: Reason, text: str) -> list[Action]:
    """First say why, then do it: once the Job is gone, the reason is all that is left of it."""
    status = statuses.running(case.resource, case.now, case.latest.status, reason, text)
    return [ApplyStatus(status), StopJob(job.name), WakeAt(case.after(case.limits.stop_deadline_seconds))]


def _tell(case: Case, reason: Reason, text: str) -> list[Action]:
    return case.apply(statuses.running(case.resource, case.now, case.latest.status, reason, text))
