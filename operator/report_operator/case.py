"""One import as it is observed at one moment, and what its end consists of. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from report_contract.phases import Phase, Reason
from report_contract.requests import FinalRecord
from report_contract.resource import ReportImport
from report_operator import statuses
from report_operator.actions import Action, Announce, ApplyStatus, LookIntoStorage, WriteEntry, WriteFinal
from report_operator.attempts import Latest, latest_of
from report_operator.observed import JobObservation
from report_operator.requesting import Storage
from report_operator.settings import Limits


@dataclass(frozen=True, slots=True)
class Observed:
    """One import, as it is now."""

    resource: ReportImport
    jobs: tuple[JobObservation, ...] = ()
    """Its attempts that still exist, in the order of their numbers. Not looked at while it waits
    in the queue without a slot."""
    slot: bool = False
    """Whether it is its turn: the first attempt may be started."""
    storage: Storage | None = None
    """What object storage has of it; None when nobody looked yet."""
    heartbeat_seen_at: datetime | None = None
    """When the heartbeat last changed, on the operator's own clock: those of the nodes may differ."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is decided on: an import, the time and the limits."""

    observed: Observed
    now: datetime
    limits: Limits

    @property
    def resource(self) -> ReportImport:
        """The resource."""
        return self.observed.resource

    @property
    def latest(self) -> Latest:
        """The attempt that matters now."""
        return latest_of(self.resource, self.observed.jobs, self.limits)

    @property
    def queue_deadline(self) -> datetime:
        """When it will have waited too long in the queue."""
        since = self.resource.status.queued_at or statuses.created_at(self.resource, self.now)
        return since + timedelta(seconds=self.limits.queue_deadline_seconds)

    def after(self, seconds: float) -> datetime:
        """The moment so many seconds from now."""
        return self.now + timedelta(seconds=seconds)

    def apply(self, status: dict[str, Any]) -> list[Action]:
        """Apply a status, unless the resource says the same already."""
        return [] if statuses.says_the_same(self.resource.status, status) else [ApplyStatus(status)]

    def end(self, phase: Phase, reason: Reason, message: str) -> list[Action]:
        """The operator ends the import, unless storage says that it has ended: that is always adopted.

        Storage comes first, then the resource: a crash in between is an end that is adopted.
        """
        storage = self.observed.storage
        if storage is None:
            return [LookIntoStorage()]
        if storage.final is not None:
            return self.adopt(storage.final)
        record = statuses.ended(
            self.resource, self.now, self.latest.status, phase=phase, reason=reason, message=message
        )
        return [WriteFinal(record), *self.adopt(record)]

    def adopt(self, record: FinalRecord) -> list[Action]:
        """Storage says that the import has ended; now the resource does."""
        status = statuses.final(self.resource, self.now, record, self.limits.finished_ttl_seconds)
        return [WriteEntry(statuses.entry(record)), ApplyStatus(status), announce_end(record)]


def announce_end(record: FinalRecord) -> Announce:
    """The last event of an import."""
    phase = record.status.phase or Phase.FAILED
    return Announce(phase.value, record.status.message or f"Import has ended: {phase}.", warning=phase is Phase.FAILED)


def span_text(seconds: float) -> str:
    """A span of time for people, such as 4 h or 90 s."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:g} s"
