"""What ``reconcile`` asks for. Values only; ``act`` performs them, in order, and stops at the first that fails.

Each may be performed again after a crash: writing the same object, creating a Job of the same name
and deleting what is gone all succeed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from report_contract.requests import FinalRecord, ImportRequest, ProfileEntry
from report_operator.ports import JobPlan


@dataclass(frozen=True, slots=True)
class LookIntoStorage:
    """Read what object storage has of this import, and reconcile again with that."""


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Write ``request.json`` for a resource that was made by hand."""

    request: ImportRequest


@dataclass(frozen=True, slots=True)
class WriteFinal:
    """Write ``status.json``: the commit point, before the resource says that the import has ended."""

    record: FinalRecord


@dataclass(frozen=True, slots=True)
class WriteEntry:
    """Write the import's entry in the index of its profile."""

    entry: ProfileEntry


@dataclass(frozen=True, slots=True)
class ApplyStatus:
    """Apply the operator's fields of the resource's status; the whole set each time."""

    status: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StartJob:
    """Start an attempt."""

    plan: JobPlan
    so_far: dict[str, Any] = field(default_factory=dict, compare=False)
    """What only the operator knows of the import; the processor keeps it in ``status.json``."""


@dataclass(frozen=True, slots=True)
class StopJob:
    """Stop and remove an attempt."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteResource:
    """Delete the resource; its report stays in object storage."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell people, as a Kubernetes event."""

    reason: str
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Nothing to do before this moment, unless something happens."""

    moment: datetime


Action = (
    LookIntoStorage
    | WriteRequest
    | WriteFinal
    | WriteEntry
    | ApplyStatus
    | StartJob
    | StopJob
    | DeleteResource
    | Announce
    | WakeAt
)
