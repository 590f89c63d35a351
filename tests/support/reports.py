"""Reports and statuses as the operator and the processor would write them."""

from datetime import UTC, datetime

from report_contract import objectkeys
from report_contract.names import FIELD_MANAGER_PROCESSOR
from report_contract.phases import Phase
from report_contract.report import ContainerHead, FileReport, Report, ResultHead, ResultStatus, Verdict
from report_contract.requests import FinalRecord
from report_contract.resource import Counts, Message, ReportImportStatus

NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
COUNTS = Counts(total=8, passed=6, failed=1, skipped=1)


def report_of(report_id=1, **changes):
    """A small report with one failure."""
    fields = {
        "report_id": report_id,
        "profile": "1",
        "origin": "junit_xml",
        "date": NOON,
        "date_source": "file",
        "tags": ["env:test"],
        "created_at": NOON.replace(microsecond=123456),
        "counts": COUNTS,
        "duration": 260.682,
        "history_hash": "356a192b7913b04c54574d18c28d46e6395428ab",
        "status_hash": "a9fa127d00000000000000000000000000000000",
        "container_count": 2,
        "file_count": 1,
        "files": [
            FileReport(
                path="r.xml", format="junit", evidence="root element <testsuite>", verdict=Verdict.PARSED, counts=COUNTS
            )
        ],
        "containers": [
            ContainerHead(id=1, title="suite", counts=COUNTS, duration=260.682),
            ContainerHead(id=2, parent_id=1, title="inner", counts=COUNTS, duration=1.0),
        ],
        "failures": [
            ResultHead(
                id=3,
                container_id=2,
                container_path="suite > inner",
                file="r.xml",
                line=12,
                title="test_adds",
                status=ResultStatus.FAILED,
                duration=0.5,
                exception_name="AssertionError",
                exception_description="1 != <b>2</b>",
                exception_backtrace="Traceback:\n  line 1",
            )
        ],
    }
    return Report(**{**fields, **changes})


def final_status(phase=Phase.SUCCEEDED, **changes):
    """A terminal status."""
    fields = {
        "phase": phase,
        "reason": "Imported",
        "message": "8 tests have been imported.",
        "counts": COUNTS,
        "queued_at": NOON,
        "started_at": NOON,
        "completed_at": NOON.replace(minute=1),
    }
    return ReportImportStatus(**{**fields, **changes})


def warning(text="Something is odd.", **place):
    return Message(level="warning", code="suite_count_differs", message=text, **place)


def apply(imports, report_id=1, **status):
    """Write status fields, given in the contract's names, as the processor would."""
    whole = ReportImportStatus(**status).model_dump(mode="json", by_alias=True, exclude_unset=True)
    imports.apply_status(report_id, whole, manager=FIELD_MANAGER_PROCESSOR)


def end(api, report_id=1, phase=Phase.SUCCEEDED, report=None, **status):
    """End an import as the processor does: report, status.json, then the resource."""
    if report is not None:
        store(api, objectkeys.report(report_id), report)
        api.objects.kept[objectkeys.tests(report_id)] = b"PAR1"
        api.objects.kept[objectkeys.log(report_id)] = b"parsed\n"
        api.objects.kept[objectkeys.profile_entry("1", report_id)] = b"{}"
    final = final_status(phase, **status)
    store(
        api,
        objectkeys.status(report_id),
        FinalRecord(report_id=report_id, profile="1", status=final, requested_at=NOON),
    )
    body = final.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    api.imports.apply_status(report_id, body, manager=FIELD_MANAGER_PROCESSOR)


def store(api, key, model):
    api.objects.kept[key] = model.model_dump_json(by_alias=True).encode()
