"""The attempts of one import: which one it is, why it ended, and whether there is another. Pure.

The truth about an attempt is its Job: number, memory and count are written on it when it is created,
so a crash before the status says the same loses nothing. The status stands in when the Job is gone.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from report_contract.names import job_name
from report_contract.phases import Reason
from report_contract.resource import Attempts, ReportImport
from report_operator.lastwords import as_sentence, one_line
from report_operator.observed import End, JobObservation, Trouble
from report_operator.ports import JobPlan
from report_operator.settings import Limits
from report_operator.statuses import Attempt

DISRUPTED: Final = "Disrupted"
"""``lastReason`` of an attempt that an eviction or a lost node ended."""
_MAX_DELAY: Final = timedelta(minutes=1)
_STOPPED_FOR: Final = frozenset(
    {
        Reason.STALLED,
        Reason.DEADLINE_EXCEEDED,
        Reason.START_DEADLINE_EXCEEDED,
        Reason.QUEUE_DEADLINE_EXCEEDED,
    }
)
"""Reasons that are told before a Job is stopped, and explain its absence afterwards."""
_NO_RETRY: Final = frozenset({Reason.START_DEADLINE_EXCEEDED, Reason.QUEUE_DEADLINE_EXCEEDED})


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest attempt; its number is 0 when there was none."""

    report_id: int
    number: int
    counted: int
    """Attempts that count against the limit, this one included."""
    memory_bytes: int
    last_reason: str
    """Why the one before it ended."""
    job: JobObservation | None
    """The attempt itself, unless it is gone."""
    told: bool
    """Whether the status speaks of this attempt already."""

    @property
    def status(self) -> Attempt:
        """What a status says of it."""
        if self.number == 0:
            return Attempt("", Attempts(memory_bytes=0))
        return Attempt(
            job_name(self.report_id, self.number),
            Attempts(
                started=self.number,
                counted=self.counted,
                memory_bytes=self.memory_bytes,
                last_reason=self.last_reason,
            ),
        )


@dataclass(frozen=True, slots=True)
class Over:
    """How an attempt ended without a final status."""

    reason: Reason
    text: str
    """As a sentence."""
    counts: bool = True
    """Whether it counts against the limit."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """Another attempt, or the end."""

    plan: JobPlan | None
    """None: the import fails."""
    reason: Reason
    message: str
    delay: timedelta = timedelta()
    """Pause before the next attempt."""


def latest_of(resource: ReportImport, jobs: tuple[JobObservation, ...], limits: Limits) -> Latest:
    """The attempt that matters now."""
    told = resource.status.attempts or Attempts()
    job = jobs[-1] if jobs and jobs[-1].attempt >= told.started else None
    if job is None:
        memory = told.memory_bytes or limits.memory
        return Latest(resource.report_id, told.started, told.counted, memory, told.last_reason, None, told=True)
    memory = job.memory_bytes or limits.memory
    return Latest(
        resource.report_id,
        job.attempt,
        job.counted,
        memory,
        job.previous_reason,
        job,
        told=job.attempt == told.started,
    )


def first_plan(resource: ReportImport, limits: Limits) -> JobPlan:
    """The attempt of an import whose turn it is."""
    before = resource.status.attempts or Attempts()
    return JobPlan(
        resource.report_id,
        attempt=before.started + 1,
        counted=before.counted + 1,
        memory_bytes=before.memory_bytes or limits.memory,
    )


def planned(plan: JobPlan) -> Attempt:
    """What a status says of an attempt that is being started."""
    return Latest(
        plan.report_id, plan.attempt, plan.counted, plan.memory_bytes, plan.previous_reason, None, told=False
    ).status


def stopped_for(resource: ReportImport, latest: Latest) -> Reason | None:
    """The reason for which this attempt was, or is being, stopped."""
    if not latest.told or resource.status.reason not in _STOPPED_FOR:
        return None
    return Reason(resource.status.reason)


def over_when_gone(resource: ReportImport, latest: Latest) -> Over:
    """An attempt whose Job is no more."""
    reason = stopped_for(resource, latest)
    if reason is not None:
        return Over(reason, resource.status.message)
    return Over(Reason.PROCESSOR_VANISHED, f"Attempt {latest.number} is gone: its Job was removed before it ended.")


def over_by_itself(job: JobObservation) -> Over:
    """An attempt that ended, by its own doing or not."""
    detail = f" {as_sentence(job.detail)}".rstrip()
    which = f"Attempt {job.attempt}"
    match job.end:
        case End.OUT_OF_MEMORY:
            return Over(
                Reason.OUT_OF_MEMORY, f"{which} ran out of memory at its limit of {bytes_text(job.memory_bytes)}."
            )
        case End.DISRUPTED:
            return Over(Reason.TOO_MANY_DISRUPTIONS, f"{which} lost its node or was evicted.{detail}", counts=False)
        case End.DEADLINE:
            return Over(Reason.DEADLINE_EXCEEDED, f"{which} ran longer than its Job may.{detail}")
        case End.DONE | End.BAD_INPUT:
            text = f"{which} ended with exit code {job.exit_code} but left no result.{detail}"
            return Over(Reason.PROCESSOR_VANISHED, text)
        case _:
            code = "" if job.exit_code is None else f" with exit code {job.exit_code}"
            return Over(Reason.PROCESSOR_CRASHED, f"{which} crashed{code}.{detail}")


def next_step(latest: Latest, over: Over, limits: Limits) -> NextStep:
    """Another attempt if there is one left, else the end with its reason."""
    if over.reason in _NO_RETRY:
        return NextStep(None, over.reason, over.text)
    if over.reason is Reason.OUT_OF_MEMORY:
        return _with_more_memory(latest, over, limits)
    delay = timedelta(seconds=limits.retry_delay_seconds)
    if not over.counts:
        lost = latest.number - latest.counted + 1
        if lost > limits.max_disruptions:
            text = f"{over.text} {lost} attempts were lost like this, and at most {limits.max_disruptions} may be."
            return NextStep(None, over.reason, text)
        return _again(latest, over, counted=latest.counted, memory=latest.memory_bytes, delay=delay, reason=DISRUPTED)
    if latest.counted >= limits.max_attempts:
        which = "only attempt" if limits.max_attempts == 1 else f"last of {limits.max_attempts} attempts"
        return NextStep(None, over.reason, f"{over.text} It was the {which}.")
    delay = min(_MAX_DELAY, delay * 2 ** max(0, latest.counted - 1))
    return _again(latest, over, counted=latest.counted + 1, memory=latest.memory_bytes, delay=delay)


def trouble_text(job: JobObservation) -> tuple[Reason, str]:
    """What to say of an attempt that has not started yet."""
    detail = one_line(job.detail)
    match job.trouble:
        case Trouble.IMAGE:
            return Reason.IMAGE_PULL_FAILED, f"The processor's image cannot be pulled: {detail}"
        case Trouble.UNSCHEDULABLE:
            return Reason.UNSCHEDULABLE, f"No node can run the import: {detail}"
        case Trouble.CONFIG:
            return Reason.STARTING, f"The processor's container cannot be created: {detail}"
        case _:
            return Reason.STARTING, "Import is about to start."


def bytes_text(count: int) -> str:
    """Bytes for people, in the unit that makes the number short and exact, such as 512 MiB."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} bytes"


def _with_more_memory(latest: Latest, over: Over, limits: Limits) -> NextStep:
    if latest.memory_bytes >= limits.memory_cap:
        text = (
            f"{over.text} More than {bytes_text(limits.memory_cap)} is not allowed: split the upload, or raise the cap."
        )
        return NextStep(None, over.reason, text)
    memory = min(limits.memory_cap, latest.memory_bytes * 2)
    return _again(latest, over, counted=latest.counted + 1, memory=memory, delay=timedelta())


def _again(latest: Latest, over: Over, *, counted: int, memory: int, delay: timedelta, reason: str = "") -> NextStep:
    plan = JobPlan(latest.report_id, latest.number + 1, counted, memory, reason or over.reason.value)
    more = f" with {bytes_text(memory)}" if memory != latest.memory_bytes else ""
    return NextStep(plan, Reason.RETRYING, f"{over.text} Attempt {plan.attempt} follows{more}.", delay)
