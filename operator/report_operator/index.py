"""A light memory of all imports: enough to fill the slots, without asking the API server each time.

A few hundred bytes an import. The truth stays in the API server: an import is read afresh before
anything is done to it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from report_contract.phases import Phase
from report_contract.queueing import Waiting, queue_order
from report_contract.resource import ReportImport


@dataclass(frozen=True, slots=True)
class Entry:
    """What is remembered of one import."""

    report_id: int
    profile: str
    phase: Phase | None
    priority: int
    cancel: bool
    deleting: bool
    queued_at: datetime | None
    started_at: datetime | None
    expires_at: datetime | None
    heartbeat_at: datetime | None

    @classmethod
    def of(cls, resource: ReportImport) -> "Entry":
        """The entry of a resource."""
        spec, status = resource.spec, resource.status
        return cls(
            report_id=resource.report_id,
            profile=spec.profile,
            phase=status.phase,
            priority=spec.priority,
            cancel=spec.cancel,
            deleting=bool(resource.metadata.get("deletionTimestamp")),
            queued_at=status.queued_at,
            started_at=status.started_at,
            expires_at=status.expires_at,
            heartbeat_at=status.progress.heartbeat_at if status.progress else None,
        )

    @property
    def terminal(self) -> bool:
        """Whether it has ended."""
        return self.phase is not None and self.phase.terminal

    def differs_from(self, other: "Entry | None") -> bool:
        """Whether a decision may have changed; that a heartbeat beats on changes none."""
        return other is None or _decisive(self) != _decisive(other)


class Index:
    """All imports, and who holds a slot."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: dict[int, Entry] = {}
        self._waiting: dict[int, Waiting] = {}
        self._slots: dict[int, str] = {}
        self._fresh: set[int] = set()
        self._last_started: dict[str, datetime] = {}

    def __contains__(self, report_id: int) -> bool:
        return report_id in self._entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def get(self, report_id: int) -> Entry | None:
        """The entry of an import."""
        return self._entries.get(report_id)

    def put(self, entry: Entry) -> bool:
        """Remember an import; whether a decision on it may have changed."""
        changed = entry.differs_from(self._entries.get(entry.report_id))
        self._entries[entry.report_id] = entry
        self._sort(entry)
        if entry.started_at is not None:
            last = self._last_started.get(entry.profile, entry.started_at)
            self._last_started[entry.profile] = max(last, entry.started_at)
        return changed

    def remove(self, report_id: int) -> bool:
        """Forget an import; whether it was known. Its slot stays taken until it is released."""
        self._waiting.pop(report_id, None)
        return self._entries.pop(report_id, None) is not None

    def holds_slot(self, report_id: int) -> bool:
        """Whether an import holds a slot."""
        return report_id in self._slots

    def is_fresh(self, report_id: int) -> bool:
        """Whether a slot was just given, asked once: no attempt was started since, so none need be looked for."""
        fresh = report_id in self._fresh
        self._fresh.discard(report_id)
        return fresh

    def take_slot(self, report_id: int, profile: str = "") -> None:
        """An import that has a Job holds a slot, whatever the limit says."""
        entry = self._entries.get(report_id)
        self._slots[report_id] = entry.profile if entry else profile
        self._waiting.pop(report_id, None)

    def release_slot(self, report_id: int) -> bool:
        """Nothing of the import runs any more; whether it held a slot."""
        released = self._slots.pop(report_id, None) is not None
        self._fresh.discard(report_id)
        entry = self._entries.get(report_id)
        if entry is not None:
            self._sort(entry)
        return released

    def fill_slots(self, now: datetime) -> list[int]:
        """Give the free slots to those whose turn it is, and return them."""
        free = self._limit - len(self._slots)
        if free <= 0 or not self._waiting:
            return []
        order = queue_order(self._waiting.values(), Counter(self._slots.values()), self._last_started)
        chosen = [item for item, _ in zip(order, range(free), strict=False)]
        for item in chosen:
            self.take_slot(item.report_id)
            self._fresh.add(item.report_id)
            self._last_started[item.profile] = now
        return [item.report_id for item in chosen]

    @property
    def waiting(self) -> int:
        """How many wait in the queue."""
        return len(self._waiting)

    @property
    def slots(self) -> int:
        """How many slots are taken."""
        return len(self._slots)

    def slot_holders(self) -> Iterable[int]:
        """Who holds a slot."""
        return list(self._slots)

    def _sort(self, entry: Entry) -> None:
        """Keep the queue: those that are queued, not asked to go, and hold no slot yet."""
        queued = entry.phase is Phase.QUEUED and not entry.cancel and not entry.deleting
        if queued and entry.queued_at is not None and entry.report_id not in self._slots:
            self._waiting[entry.report_id] = Waiting(entry.report_id, entry.profile, entry.priority, entry.queued_at)
        else:
            self._waiting.pop(entry.report_id, None)


def _decisive(entry: Entry) -> tuple[object, ...]:
    return (entry.phase, entry.priority, entry.cancel, entry.deleting, entry.queued_at, entry.expires_at)
