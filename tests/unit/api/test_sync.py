import threading

import pytest
from support.api import running_api
from support.processes import wait_until
from support.reports import end, report_of

from report_contract.phases import Phase

SYNC = {"process_async": "false"}


def finishing(api, **arguments):
    """End the import as soon as it is there, as the operator and the processor would."""

    def work():
        wait_until(lambda: api.imports.get(1), what="the import is there")
        end(api, **arguments)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize("where", ["params", "data"])
def test_the_synchronous_answer_waits_and_has_the_older_shape(api, where):
    thread = finishing(api, report=report_of())
    answer = api.upload(**{where: SYNC})
    thread.join()
    assert answer.status_code == 201
    assert answer.headers["deprecation"].startswith("@")
    body = answer.json()
    assert (body["report_id"], body["status"], body["report"]["cached_duration"]) == (1, "success", "260.682")
    assert body["report_url"].endswith("/reports/1")
    assert answer.headers["location"].endswith("/api/v2/reports/1/status")


def test_a_partial_import_counts_as_success_and_says_so(api):
    thread = finishing(api, report=report_of(), phase=Phase.PARTIALLY_SUCCEEDED)
    body = api.upload(params=SYNC).json()
    thread.join()
    assert (body["status"], body["import_status"]) == ("success", "partial")


@pytest.mark.parametrize(("phase", "code"), [(Phase.FAILED, "import_failed"), (Phase.CANCELLED, "import_cancelled")])
def test_a_failed_import_is_a_422_with_its_reason_and_its_report(api, phase, code):
    thread = finishing(api, phase=phase, message="No file could be read.")
    answer = api.upload(params=SYNC)
    thread.join()
    assert answer.status_code == 422
    body = answer.json()
    assert (body["status"], body["message"], body["report_id"]) == ("failed", "No file could be read.", 1)
    assert body["errors"] == [{"code": code, "message": "No file could be read."}]


def test_past_the_deadline_the_answer_is_the_asynchronous_one():
    with running_api(sync_wait_seconds=0.2) as api:
        answer = api.upload(params=SYNC)
        assert answer.status_code == 201
        assert answer.json()["import_status"] == "queued"
        assert answer.headers["deprecation"].startswith("@")


def test_the_asynchronous_answer_is_not_called_deprecated(api):
    assert "deprecation" not in api.upload().headers


def test_a_waiting_upload_takes_nobodys_turn():
    with running_api(max_uploads=1, sync_wait_seconds=5, upload_wait_seconds=0.1) as api:
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(api.upload(params=SYNC)))
        waiting.start()
        wait_until(lambda: api.imports.get(1), what="the first import is there")
        assert api.as_role("user").post("/api/v2/profile/1/import", content=b"<a/>").status_code == 201
        end(api, report=report_of())
        waiting.join()
        assert answers[0].json()["status"] == "success"
