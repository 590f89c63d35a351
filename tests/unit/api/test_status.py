from datetime import timedelta

import pytest
from support.api import BASE_URL, running_api
from support.reports import COUNTS, NOON, apply, end, report_of, warning

from report_contract.accesskeys import Role
from report_contract.phases import Phase
from report_contract.resource import Attempts, Counts, Progress

STATUS = "/api/v2/reports/1/status"


def status_of(api, report_id=1):
    answer = api.client.get(f"/api/v2/reports/{report_id}/status")
    assert answer.status_code == 200
    return answer.json()


def test_a_new_import_is_queued_with_its_place(api):
    api.upload()
    status = status_of(api)
    assert status["import_status"] == "queued"
    assert status["import_progress"] == "Import has been put in the queue."
    assert (status["report_id"], status["profile_id"], status["finished"]) == (1, 1, False)
    assert status["report_url"] == f"{BASE_URL}/reports/1"
    assert status["queue"] == {"position": 1, "total": 1, "estimated_seconds": None}
    assert status["counts"]["total"] == 0


def test_a_running_import_shows_how_far_it_is(api):
    api.upload()
    apply(
        api.imports,
        phase=Phase.RUNNING,
        reason="Processing",
        message="Reading r.xml.",
        progress=Progress(percent=42, tests=1204, failed=3, files_total=2, files_done=1, heartbeat_at=NOON),
        attempts=Attempts(started=2, counted=1, memory_bytes=2**28, last_reason="OutOfMemory"),
        started_at=NOON,
        queued_at=NOON,
    )
    status = status_of(api)
    assert (status["import_status"], status["import_progress"], status["reason"]) == (
        "processing",
        "Reading r.xml.",
        "Processing",
    )
    assert status["message"].startswith("Go to the report url")
    assert (status["progress"]["percent"], status["progress"]["tests"], status["progress"]["failed"]) == (42, 1204, 3)
    assert status["attempts"] == {"started": 2, "counted": 1, "memory_bytes": 2**28, "last_reason": "OutOfMemory"}
    assert status["queue"] is None
    assert status["started_at"] == "2026-01-31T12:00:00Z"


@pytest.mark.parametrize(
    ("phase", "word"),
    [
        (Phase.SUCCEEDED, "success"),
        (Phase.PARTIALLY_SUCCEEDED, "partial"),
        (Phase.FAILED, "failed"),
        (Phase.CANCELLED, "cancelled"),
    ],
)
def test_the_status_is_the_same_from_the_resource_and_from_storage(api, phase, word):
    api.upload()
    end(api, phase=phase, messages=[warning(file="r.xml", line=3, column=5)], message_count=1)
    live = status_of(api)
    assert (live["import_status"], live["finished"]) == (word, True)
    assert live["message"] == live["import_progress"] == "8 tests have been imported."
    assert live["counts"] == COUNTS.model_dump()
    assert live["messages"] == [
        {
            "level": "warning",
            "code": "suite_count_differs",
            "message": "Something is odd.",
            "file": "r.xml",
            "line": 3,
            "column": 5,
            "count": 1,
        }
    ]
    api.imports.delete(1)
    archived = status_of(api)
    assert set(archived) == set(live)
    assert archived == {**live, "created_at": archived["created_at"]}


@pytest.mark.parametrize("report", ["1", "0", "-1", "9" * 21, "9" * 5000, "x", "1.5", "%00"])
@pytest.mark.parametrize("path", ["/status", "", "/files", "/files/1", "/events", "/report.json"])
def test_a_report_that_is_not_there_is_a_404_in_our_shape(api, report, path):
    answer = api.client.get(f"/api/v2/reports/{report}{path}")
    body = answer.json()
    assert answer.status_code == 404
    assert set(body) == {"status", "message", "errors"}
    assert body["errors"][0]["code"] == "report_not_found"
    assert body["message"].startswith("There is no report ")
    assert body["message"].endswith(" that you can see.")


def test_an_upload_whose_resource_is_not_made_yet_is_not_there_yet(api):
    api.objects.kept["imports/1/request.json"] = b"{}"
    assert api.client.get(STATUS).status_code == 404


def test_a_status_file_that_is_damaged_is_a_500_and_not_a_crash(api):
    api.objects.kept["imports/1/status.json"] = b"{"
    assert api.client.get(STATUS).status_code == 500


def test_the_older_shape_has_the_fields_and_types_of_the_compatible_api(api):
    api.upload()
    pending = api.client.get("/api/v2/reports/1").json()
    assert (pending["status"], pending["import_status"], pending["report"]) == ("pending", "queued", None)
    end(api, report=report_of())
    answer = api.client.get("/api/v2/reports/1").json()
    assert (answer["report_id"], answer["status"], answer["import_status"]) == (1, "success", "success")
    assert answer["report"] == {
        "id": 1,
        "profile_id": 1,
        "origin": "junit_xml",
        "os": None,
        "build": None,
        "platform": None,
        "tags": ["env:test"],
        "status_hash": "a9fa127d00000000000000000000000000000000",
        "history_hash": "356a192b7913b04c54574d18c28d46e6395428ab",
        "cached_duration": "260.682",
        "cached_total": 8,
        "cached_passed": 6,
        "cached_failed": 1,
        "cached_broken": 0,
        "cached_skipped": 1,
        "cached_unknown": 0,
        "date": "2026-01-31T12:00:00.000Z",
        "created_at": answer["report"]["created_at"],
        "updated_at": answer["report"]["created_at"],
        "is_moved": False,
        "cached_json_asset_id": None,
        "most_recent": True,
        "children_count": 0,
    }
    assert answer["report"]["created_at"].startswith("2026-01-31T12:00:00.")
    assert answer["report"]["created_at"].endswith("Z")


def test_only_the_newest_report_of_a_profile_is_the_most_recent(api):
    for report_id in (1, 2):
        api.upload()
        end(api, report_id, report=report_of(report_id))
    recent = [api.client.get(f"/api/v2/reports/{n}").json()["report"]["most_recent"] for n in (1, 2)]
    assert recent == [False, True]


def test_a_failed_import_without_a_report_has_none_in_the_older_shape(api):
    api.upload()
    end(api, phase=Phase.FAILED, message="No file could be read.")
    answer = api.client.get("/api/v2/reports/1").json()
    assert (answer["status"], answer["message"], answer["report"]) == ("failed", "No file could be read.", None)


def test_cancel_asks_for_the_import_to_stop(api):
    api.upload()
    answer = api.client.post("/api/v2/reports/1/cancel")
    assert answer.status_code == 200
    assert api.imports.get(1).spec.cancel is True
    assert api.client.post("/api/v2/reports/1/cancel").status_code == 200


def test_cancel_leaves_what_has_ended_as_it_is(api):
    api.upload()
    end(api)
    assert api.client.post("/api/v2/reports/1/cancel").json()["import_status"] == "success"
    assert api.imports.get(1).spec.cancel is False
    api.imports.delete(1)
    assert api.client.post("/api/v2/reports/1/cancel").json()["import_status"] == "success"


def test_delete_removes_the_report_and_all_its_files(api):
    api.upload()
    api.upload()
    end(api, report=report_of())
    assert api.client.delete("/api/v2/reports/1").status_code == 204
    assert all(key.startswith("imports/2/") for key in api.objects.kept)
    assert api.client.get(STATUS).status_code == 404
    assert api.client.delete("/api/v2/reports/1").status_code == 404


def test_delete_works_for_an_archived_report(api):
    api.upload()
    end(api, report=report_of())
    api.imports.delete(1)
    assert api.client.delete("/api/v2/reports/1").status_code == 204
    assert api.objects.kept == {}


def test_delete_cancels_a_running_import_first_and_waits_for_it(api):
    api.upload()
    stopped = []

    def stop_when_asked(report_id, resource):
        if resource is not None and resource.spec.cancel and not stopped:
            stopped.append(report_id)
            apply(api.imports, report_id, phase=Phase.CANCELLED, completed_at=NOON)

    api.imports.subscribe(stop_when_asked)
    assert api.client.delete("/api/v2/reports/1").status_code == 204
    assert stopped == [1]
    assert api.objects.kept == {}
    assert api.imports.get(1) is None


def test_delete_of_an_import_that_does_not_stop_can_be_repeated_later():
    with running_api(delete_wait_seconds=0.1) as api:
        api.upload()
        answer = api.client.delete("/api/v2/reports/1")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "report_busy")
        assert int(answer.headers["retry-after"]) > 0
        assert api.imports.get(1) is not None
        assert api.objects.kept


def test_the_profile_answers_whether_the_key_may_use_it(api):
    assert api.client.get("/api/v2/profile/7").json() == {"profile_id": 7, "role": "moderator"}
    assert api.client.get("/api/v2/profile/web-app/").json()["profile_id"] == "web-app"
    assert api.as_role(Role.READ_ONLY).get("/api/v2/profile/7").json()["role"] == "read_only"


def test_the_formats_are_listed_with_what_each_expects(api):
    junit, *others = api.client.get("/api/v2/formatters").json()["formatters"]
    assert (junit["key"], junit["origin"]) == ("junit", "junit_xml")
    assert "testsuite" in junit["expects"]
    assert junit["example"].startswith("<testsuite")
    assert "trx" in {other["key"] for other in others}


def test_counts_of_a_status_without_counts_are_zero(api):
    api.upload()
    end(api, phase=Phase.CANCELLED, counts=None)
    assert status_of(api)["counts"] == Counts().model_dump()


def test_estimates_come_from_how_long_recent_imports_took(api):
    for _ in range(3):
        api.upload()
    end(api, 1, started_at=NOON, completed_at=NOON + timedelta(seconds=30))
    assert status_of(api, 3)["queue"] == {"position": 2, "total": 2, "estimated_seconds": 60.0}
