"""An example of every answer, in the OpenAPI document and on its page."""

from datetime import UTC, datetime
from typing import Any, Final

from report_contract.formatters import FORMATTERS
from report_contract.report import Report
from report_contract.resource import Counts

_UPLOAD: Final = {
    "report_id": 41,
    "report_url": "https://reports.example/reports/41",
    "report_status_url": "https://reports.example/api/v2/reports/41/status",
    "import_status": "queued",
    "import_progress": "Import has been put in the queue.",
    "message": "Go to the report url to follow the progress and see the results of your report.",
}
_COUNTS: Final = {
    "total": 1310,
    "passed": 1296,
    "failed": 3,
    "broken": 0,
    "skipped": 11,
    "unknown": 0,
    "informational": 0,
}
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "UploadAnswer": _UPLOAD,
    "ErrorAnswer": {
        "status": "failed",
        "message": "date: 'rubbish' is neither 'now' nor a date and time such as 2026-01-31T12:00:00Z.",
        "errors": [
            {
                "code": "invalid_option",
                "message": "date: 'rubbish' is neither 'now' nor a date and time such as 2026-01-31T12:00:00Z.",
            }
        ],
    },
    "StatusAnswer": {
        **_UPLOAD,
        "profile_id": 1,
        "import_status": "processing",
        "import_progress": "Reading TEST-a.xml: 1,204 tests so far.",
        "finished": False,
        "reason": "Processing",
        "progress": {
            "percent": 42,
            "files_total": 2,
            "files_done": 0,
            "bytes_total": 1048576,
            "bytes_done": 440401,
            "tests": 1204,
            "failed": 3,
            "heartbeat_at": "2026-01-31T12:00:04Z",
        },
        "counts": {
            "total": 0,
            "passed": 0,
            "failed": 0,
            "broken": 0,
            "skipped": 0,
            "unknown": 0,
            "informational": 0,
        },
        "attempts": {"started": 1, "counted": 1, "memory_bytes": 268435456, "last_reason": ""},
        "messages": [],
        "message_count": 0,
        "queue": None,
        "created_at": "2026-01-31T12:00:00Z",
        "queued_at": "2026-01-31T12:00:00Z",
        "started_at": "2026-01-31T12:00:02Z",
        "completed_at": None,
    },
    "ReportAnswer": {
        "report_id": 41,
        "report_url": "https://reports.example/reports/41",
        "report_status_url": "https://reports.example/api/v2/reports/41/status",
        "status": "success",
        "import_status": "success",
        "message": "1,310 tests have been imported.",
        "report": {
            "id": 41,
            "profile_id": 1,
            "origin": "junit_xml",
            "os": None,
            "build": None,
            "platform": None,
            "tags": ["env:test"],
            "status_hash": "a9993e364706816aba3e25717850c26c9cd0d89d",
            "history_hash": "356a192b7913b04c54574d18c28d46e6395428ab",
            "cached_duration": "260.682",
            "cached_total": 1310,
            "cached_passed": 1296,
            "cached_failed": 3,
            "cached_broken": 0,
            "cached_skipped": 11,
            "cached_unknown": 0,
            "date": "2026-01-31T12:00:00.000Z",
            "created_at": "2026-01-31T12:00:07.114Z",
            "updated_at": "2026-01-31T12:00:07.114Z",
            "is_moved": False,
            "cached_json_asset_id": None,
            "most_recent": True,
            "children_count": 0,
        },
    },
    "ReportList": {
        "reports": [
            {
                "report_id": 41,
                "report_url": "https://reports.example/reports/41",
                "import_status": "success",
                "counts": _COUNTS,
                "created_at": "2026-01-31T12:00:00Z",
                "completed_at": "2026-01-31T12:00:07Z",
            }
        ],
        "next_before": None,
    },
    "FilesAnswer": {
        "files": [
            {
                "number": 1,
                "name": "TEST-a.xml",
                "size": 1048576,
                "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "url": "https://reports.example/api/v2/reports/41/files/1",
            }
        ],
        "attachments": [],
    },
    "ProfileAnswer": {"profile_id": 1, "role": "user"},
    "FormattersAnswer": {"formatters": [FORMATTERS["junit"].plain()]},
    "HealthAnswer": {"status": "ok"},
    "ReadyAnswer": {"status": "ok", "storage": "ok", "imports": "ok"},
}
"""By the name of the answer's model; a test reads them with the models."""

STORED_REPORT: Final[dict[str, Any]] = Report(
    report_id=41,
    profile="1",
    origin="junit_xml",
    created_at=datetime(2026, 1, 31, 12, 0, 7, tzinfo=UTC),
    counts=Counts(**_COUNTS),
).model_dump(mode="json", by_alias=True, exclude_unset=True)
"""The beginning of a ``report.json``."""
LOG: Final = "2026-01-31 12:00:02,114 INFO Reading TEST-a.xml\n"
PARQUET: Final = "PAR1 ... PAR1"
ORIGINAL: Final = '<testsuite name="a"><testcase name="t"/></testsuite>'
EVENTS: Final = 'event: status\ndata: {"report_id": 41, "import_status": "processing", "finished": false, ...}\n\n'
METRICS: Final = 'report_import_uploads_total{outcome="accepted"} 41.0\n'


def finished(document: dict[str, Any]) -> dict[str, Any]:
    """The framework's OpenAPI document, with the example of its model at every answer, and without the
    framework's own refusals: ours have another shape and are documented.
    """
    for path in document["paths"].values():
        for call in path.values():
            answers = call["responses"]
            for code in [code for code, answer in answers.items() if _model_of(answer) == "HTTPValidationError"]:
                del answers[code]
            for answer in answers.values():
                if _model_of(answer) in EXAMPLES:
                    for content in answer["content"].values():
                        content["example"] = EXAMPLES[_model_of(answer)]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    return document


def _model_of(answer: dict[str, Any]) -> str:
    """Name of the model of an answer; empty without one."""
    schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
    return str(schemas[0].get("$ref", "")).rpartition("/")[2] if schemas else ""
