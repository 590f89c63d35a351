"""The statuses that the operator writes, as values. Pure.

Server-side apply removes what a manager applied before and leaves out now, so the operator applies
the whole set of its fields each time. Once an import has ended its phase, reason, message and most
conditions belong to whoever ended it, and the operator applies only what nobody else writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from report_contract.phases import QUEUED_SENTENCE, Phase, Reason
from report_contract.requests import FinalRecord, ProfileEntry
from report_contract.resource import Attempts, Condition, ReportImport, ReportImportStatus
from report_operator.conditions import conditions, generation_of

MAX_MESSAGE: Final = 1000
_OWN: Final = ("attempts", "job", "queuedAt", "startedAt", "observedGeneration")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a running status says of its attempt."""

    job: str
    attempts: Attempts


def queued(resource: ReportImport, now: datetime) -> dict[str, Any]:
    """In the queue."""
    return _dump(
        phase=Phase.QUEUED,
        reason=Reason.QUEUED,
        message=QUEUED_SENTENCE,
        queued_at=resource.status.queued_at or now,
        conditions=conditions(resource, now, Phase.QUEUED, Reason.QUEUED, QUEUED_SENTENCE),
        observed_generation=generation_of(resource),
    )


def running(resource: ReportImport, now: datetime, attempt: Attempt, reason: Reason, message: str) -> dict[str, Any]:
    """An attempt is under way, or the next one is about to be."""
    message = message[:MAX_MESSAGE]
    return _dump(
        phase=Phase.RUNNING,
        reason=reason,
        message=message,
        attempts=attempt.attempts,
        job=attempt.job,
        queued_at=resource.status.queued_at or created_at(resource, now),
        started_at=resource.status.started_at or now,
        conditions=conditions(resource, now, Phase.RUNNING, reason, message),
        observed_generation=generation_of(resource),
    )


def so_far(running_status: Mapping[str, Any]) -> dict[str, Any]:
    """What of a running status only the operator knows: the processor is told at its start, so that the final
    status in storage says as much as the resource does.
    """
    return {name: running_status[name] for name in _OWN if name in running_status}


def cancelling(resource: ReportImport, now: datetime) -> dict[str, Any]:
    """The same as before, but for the reason: its Job is being stopped."""
    status, message = resource.status, "Import is being cancelled."
    return _dump(
        phase=status.phase,
        reason=Reason.CANCELLING,
        message=message,
        attempts=status.attempts,
        job=status.job,
        queued_at=status.queued_at,
        started_at=status.started_at,
        conditions=conditions(resource, now, status.phase or Phase.QUEUED, Reason.CANCELLING, message),
        observed_generation=generation_of(resource),
    )


def ended(
    resource: ReportImport, now: datetime, attempt: Attempt, *, phase: Phase, reason: Reason, message: str
) -> FinalRecord:
    """The final record of an import that the operator ends."""
    status = resource.status
    attempts = attempt.attempts.model_copy(update={"last_reason": reason.value})
    return FinalRecord(
        report_id=resource.report_id,
        profile=resource.spec.profile,
        requested_at=created_at(resource, now),
        status=status.model_copy(
            update={
                "phase": phase,
                "reason": reason.value,
                "message": message[:MAX_MESSAGE],
                "completed_at": now,
                "attempts": attempts if attempts.started else None,
                "job": attempt.job,
                "duration": _duration(status.started_at, now),
                "conditions": conditions(resource, now, phase, reason, message[:MAX_MESSAGE]),
                "observed_generation": generation_of(resource),
            }
        ),
    )


def final(resource: ReportImport, now: datetime, record: FinalRecord, ttl_seconds: float) -> dict[str, Any]:
    """All of a final record's status, for the resource of an import that the operator ends or adopts."""
    given, own = record.status, resource.status
    phase = given.phase or Phase.FAILED
    completed = given.completed_at or now
    started = given.started_at or own.started_at
    return _dump(
        **{name: getattr(given, name) for name in ("reason", "message", "progress", "counts") if getattr(given, name)},
        messages=given.messages,
        message_count=given.message_count,
        phase=phase,
        attempts=_later(given.attempts, own.attempts),
        job=own.job or given.job,
        queued_at=own.queued_at or given.queued_at or created_at(resource, now),
        started_at=started,
        completed_at=completed,
        expires_at=now + timedelta(seconds=ttl_seconds),
        duration=given.duration or _duration(started, completed),
        conditions=conditions(resource, now, phase, given.reason or phase, given.message),
        observed_generation=generation_of(resource),
    )


def after_the_end(resource: ReportImport, now: datetime, ttl_seconds: float) -> dict[str, Any]:
    """What is the operator's own once the processor has ended the import: never the phase."""
    status = resource.status
    phase = status.phase or Phase.FAILED
    wanted = conditions(resource, now, phase, status.reason or phase, status.message)
    # The processor writes the conditions of the end, but cannot remove those that were the operator's
    # before. What is right already is applied as it stands, and so stays the processor's too; what it
    # left undone is done here, because people wait for it.
    there: dict[str, Condition] = {one.type: one for one in status.conditions}
    right = [there[one.type] if one.type in there and there[one.type].status == one.status else one for one in wanted]
    return _dump(
        attempts=status.attempts,
        job=status.job,
        queued_at=status.queued_at,
        started_at=status.started_at,
        expires_at=now + timedelta(seconds=ttl_seconds),
        conditions=right,
        observed_generation=generation_of(resource),
        **({} if status.completed_at else {"completed_at": now}),
    )


def entry(record: FinalRecord) -> ProfileEntry:
    """The import's line in the index of its profile."""
    status = record.status
    return ProfileEntry(
        report_id=record.report_id,
        profile=record.profile,
        phase=status.phase or Phase.FAILED,
        reason=status.reason,
        **({"counts": status.counts} if status.counts else {}),
        requested_at=record.requested_at,
        completed_at=status.completed_at,
        duration=status.duration,
    )


def archived(resource: ReportImport) -> FinalRecord:
    """A final record of a resource that has ended, for one that was never written to storage."""
    return FinalRecord(
        report_id=resource.report_id,
        profile=resource.spec.profile,
        status=resource.status,
        requested_at=resource.status.queued_at,
    )


def says_the_same(status: ReportImportStatus, wanted: Mapping[str, Any]) -> bool:
    """Whether a resource already says all of this, so that applying it would change nothing that shows."""
    current = status.model_dump(mode="json", by_alias=True)
    return all(_by_type(name, current.get(name)) == _by_type(name, value) for name, value in wanted.items())


def created_at(resource: ReportImport, now: datetime) -> datetime:
    """When the resource was made."""
    text = resource.metadata.get("creationTimestamp")
    return datetime.fromisoformat(text) if isinstance(text, str) else now


def _later(one: Attempts | None, other: Attempts | None) -> Attempts | None:
    """Of two counts of the attempts the one that knows more; the first when they know the same."""
    if one is None or other is None:
        return one or other
    return other if other.started > one.started else one


def _dump(**fields: Any) -> dict[str, Any]:
    status = ReportImportStatus(**{name: value for name, value in fields.items() if value is not None})
    return status.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)


def _duration(start: datetime | None, end: datetime) -> str:
    """Such as 1h2m3s, as Kubernetes writes it; empty when it never started."""
    if start is None:
        return ""
    seconds = max(0, round((end - start).total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    parts = [(hours, "h"), (minutes, "m"), (seconds % 60, "s")]
    return "".join(f"{value}{unit}" for value, unit in parts if value) or "0s"


def _by_type(name: str, value: Any) -> Any:
    return {one["type"]: one for one in value} if name == "conditions" and value else value
