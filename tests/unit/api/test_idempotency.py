from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from support.api import XML, answer_of, running_api
from support.objects import MemoryObjects
from support.processes import wait_until
from support.reports import end

from report_api.idempotency import token_of
from report_stores.errors import Unavailable
from report_stores.imports_memory import MemoryImports

PATH = "/api/v2/profile/1/import"
KEY = {"idempotency-key": "job-17"}


def test_the_same_key_gives_the_same_report(api):
    first, second = api.upload(headers=KEY), api.upload(headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]
    assert [found.report_id for found in api.imports.list()] == [1]


def test_another_key_or_another_profile_gives_another_report(api):
    answers = [
        api.upload(headers=KEY),
        api.upload(headers={"idempotency-key": "job-18"}),
        api.upload(headers=KEY, path="/api/v2/profile/2/import/junit"),
    ]
    assert [answer.json()["report_id"] for answer in answers] == [1, 2, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"files": [("file[]", ("r.xml", b"<other/>"))]},
        {"files": [("file[]", ("other.xml", XML))]},
        {"files": [("file[]", ("r.xml", XML)), ("attachment[]", ("a", b"a"))]},
        {"files": [("file[]", ("r.xml", XML))], "data": {"tag[]": "x"}},
    ],
)
def test_the_same_key_with_another_upload_is_refused(api, change):
    api.client.post(PATH, files=[("file[]", ("r.xml", XML))], headers=KEY)
    answer = api.client.post(PATH, headers=KEY, **change)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
    assert len(list(api.imports.list())) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(api, key):
    answer = api.upload(headers={"idempotency-key": key})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_idempotency_key")


def test_two_replicas_at_once_make_one_report():
    objects, imports = MemoryObjects(), MemoryImports()
    with (
        running_api(objects, imports) as one,
        running_api(objects, imports) as other,
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(lambda n: (one, other)[n % 2].upload(headers=KEY), range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert {answer.json()["report_id"] for answer in answers} == {1}
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert [found.report_id for found in imports.list()] == [1]
    assert set(objects.kept) == {"imports/1/request.json", "imports/1/upload/1/r.xml"}


def test_a_second_request_waits_for_the_first_and_is_told_to_come_back_when_that_takes_long():
    with running_api(idempotency_wait_seconds=0.2) as api, api.connect() as slow:
        slow.sendall(api.head(PATH + "/junit", Content_Length=str(len(XML)), **{"Idempotency-Key": "job-17"}) + XML[:3])
        wait_until(lambda: "uploads_active 1.0" in api.client.get("/metrics").text, what="the first one runs")
        wait_until(lambda: api.imports._claims, what="the first one holds the key")
        answer = api.upload(headers=KEY)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "upload_in_progress")
        assert int(answer.headers["retry-after"]) > 0
        slow.sendall(XML[3:])
        assert answer_of(slow)[0] == 201


def test_a_failed_upload_gives_its_key_back(api):
    assert api.upload(headers=KEY, data={"date": "rubbish"}).status_code == 422
    api.objects.fail = lambda method, key: (_ for _ in ()).throw(Unavailable("away")) if method == "whole" else None
    assert api.upload(headers=KEY).status_code == 503
    api.objects.fail = lambda method, key: None
    answer = api.upload(headers=KEY)
    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers


def test_the_upload_of_a_process_that_died_is_repeated_under_its_number(api):
    token = token_of("1", "job-17")
    claim = api.imports.claim(token, holder="dead", lease_seconds=0)
    assert api.upload(headers=KEY).json()["report_id"] == claim.report_id


def test_a_process_that_died_right_after_the_import_was_made_has_its_answer_given_by_another(api, monkeypatch):
    def died(*_, **__):
        raise Unavailable("killed")

    with monkeypatch.context() as patched:
        patched.setattr(api.imports, "finish", died)
        patched.setattr(api.imports, "release", died)
        assert api.upload(headers=KEY).status_code == 503
    assert api.imports.get(1) is not None
    for claim in api.imports._claims.values():
        assert not claim.finished
    api.imports._claims = {t: replace(c, lease=timedelta(0)) for t, c in api.imports._claims.items()}
    answer = api.upload(headers=KEY)
    assert (answer.status_code, answer.json()["report_id"]) == (201, 1)
    assert answer.headers["idempotent-replayed"] == "true"
    assert api.upload(headers=KEY).json()["report_id"] == 1


def test_the_key_outlives_the_resource(api):
    api.upload(headers=KEY)
    end(api)
    api.imports.delete(1)
    answer = api.upload(headers=KEY)
    assert (answer.status_code, answer.json()["report_id"]) == (201, 1)


def test_a_holder_that_lost_its_claim_leaves_the_other_ones_files_alone():
    objects, imports = MemoryObjects(), MemoryImports()
    with (
        running_api(objects, imports) as stopped,
        running_api(objects, imports) as other,
        stopped.connect() as slow,
    ):
        slow.sendall(
            stopped.head(PATH + "/junit", Content_Length=str(len(XML)), **{"Idempotency-Key": "job-17"}) + XML[:3]
        )
        wait_until(lambda: imports._claims, what="the first one holds the key")
        imports._claims = {}  # as if it had stood still for longer than its lease, and another had followed it
        first = imports.claim(token_of("1", "job-17"), holder="somebody else", lease_seconds=0)
        answer = other.upload(headers=KEY)
        assert answer.status_code == 201
        slow.sendall(XML[3:])
        status, body = answer_of(slow)
        assert (status, body["errors"][0]["code"]) == (409, "upload_in_progress")
        assert f"imports/{first.report_id}/request.json" in objects.kept
