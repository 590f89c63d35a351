"""What the operator needs from the world, beside the two stores.

Kubernetes implements these in ``jobs_kubernetes`` and ``main``; the standalone mode implements them
with subprocesses. All methods of ``Jobs`` block and are called from worker threads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from report_contract.names import job_name
from report_contract.resource import ReportImport
from report_operator.observed import JobObservation


@dataclass(frozen=True, slots=True)
class JobPlan:
    """An attempt that is to be started."""

    report_id: int
    attempt: int
    """From 1."""
    counted: int
    """Attempts that count against the limit, this one included."""
    memory_bytes: int
    """Memory limit."""
    previous_reason: str = ""
    """Why the attempt before it ended; empty for the first."""

    @property
    def name(self) -> str:
        """Name of the Job: the same attempt has the same name, so starting it twice is starting it once."""
        return job_name(self.report_id, self.attempt)


class Jobs(Protocol):
    """The attempts of all imports."""

    def start(self, resource: ReportImport, plan: JobPlan, so_far: Mapping[str, Any]) -> None:
        """Start an attempt. One of the same name that exists already is success.

        ``so_far`` has the fields of the status that only the operator knows, in camelCase. The processor
        gets them as JSON in ``REPORT_IMPORT_SO_FAR``.
        """
        ...

    def observe(self, report_id: int) -> tuple[JobObservation, ...]:
        """The attempts of one import that still exist, in the order of their numbers, freshly read.

        An attempt whose Job is gone while a process of it may still run is among them.
        """
        ...

    def stop(self, report_id: int, name: str) -> None:
        """Ask for an attempt to be stopped and removed; returns at once.

        ``observe`` shows it with ``stopping_since`` until its processes are gone, and then no more.
        Stopping what is gone is success.
        """
        ...

    def live(self) -> frozenset[int]:
        """The report ids of all attempts that are alive, whether or not their import still exists."""
        ...


class Announcer(Protocol):
    """Where a handful of events per import go, for ``kubectl describe``. Must not block or raise."""

    def announce(self, resource: ReportImport, reason: str, message: str, *, warning: bool = False) -> None:
        """Tell that something happened to an import."""
        ...
