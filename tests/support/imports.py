"""Builders of imports and their attempts, in the states that tests begin with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from report_contract.names import job_name, resource_name
from report_contract.phases import Phase
from report_contract.requests import FinalRecord
from report_contract.resource import Attempts, Counts, ReportImport, ReportImportStatus

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""The present of tests."""


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def an_import(report_id: int = 41, *, status: dict[str, Any] | None = None, **spec: Any) -> ReportImport:
    """A resource as the API server returns it; ``spec`` overrides fields of the spec."""
    prefix = f"imports/{report_id}/"
    files = [{"key": f"{prefix}upload/1/r.xml", "name": "r.xml", "size": 7}]
    source = {"bucket": "report-import", "prefix": prefix, "files": files, "file_count": 1, "bytes": 7}
    return ReportImport.model_validate(
        {
            "metadata": {
                "name": resource_name(report_id),
                "uid": f"uid-{report_id}",
                "generation": 1,
                "creationTimestamp": "2026-03-01T11:59:00Z",
            },
            "spec": {"report_id": report_id, "profile": "web", "source": source} | spec,
            "status": ReportImportStatus(**(status or {})),
        }
    )


def queued(report_id: int = 41, *, seconds: float = 60, **spec: Any) -> ReportImport:
    """In the queue for so many seconds."""
    status = {"phase": Phase.QUEUED, "reason": "Queued", "queued_at": ago(seconds)}
    return an_import(report_id, status=status, **spec)


def running(
    report_id: int = 41, *, started: int = 1, status: dict[str, Any] | None = None, **spec: Any
) -> ReportImport:
    """Running its attempt number ``started``."""
    attempts = Attempts(started=started, counted=started, memory_bytes=2**29)
    base = {
        "phase": Phase.RUNNING,
        "reason": "Starting",
        "message": "Import is about to start.",
        "queued_at": ago(60),
        "started_at": ago(50),
        "attempts": attempts,
        "job": job_name(report_id, started),
    }
    return an_import(report_id, status=base | (status or {}), **spec)


def ended(report_id: int = 41, phase: Phase = Phase.SUCCEEDED, *, status: dict[str, Any] | None = None) -> ReportImport:
    """Ended ten seconds ago by the processor."""
    base = {"phase": phase, "reason": "Imported", "message": "All is well.", "completed_at": ago(10)}
    return running(report_id, status=base | (status or {}))


def a_final_record(report_id: int = 41, phase: Phase = Phase.SUCCEEDED, **status: Any) -> FinalRecord:
    """What the processor leaves in ``status.json``."""
    counts = Counts(total=8, passed=7, failed=1)
    base = {"phase": phase, "reason": "Imported", "message": "8 tests.", "counts": counts, "completed_at": ago(5)}
    return FinalRecord(report_id=report_id, profile="web", status=ReportImportStatus(**(base | status)))
