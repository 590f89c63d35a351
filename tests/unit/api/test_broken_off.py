"""Whatever breaks in the middle of an upload, nothing is left, and the caller knows what to do."""

import pytest
from support.api import XML, running_api
from support.processes import wait_until

from report_stores.errors import InvalidResource, StoreError, Unavailable

PATH = "/api/v2/profile/1/import"
LARGE = b"x" * 20_000_000


def clean(api):
    return api.objects.kept == {} and not api.objects.unfinished and not list(api.imports.list())


def failing(*methods, error=Unavailable):
    def fail(method, key):
        if method in methods:
            raise error(f"{method} {key} at 10.0.0.1")

    return fail


@pytest.mark.parametrize("sent", [1000, 9_000_000, 17_000_000])
def test_a_client_that_breaks_off_leaves_nothing_behind(api, sent):
    seen = []
    api.objects.fail = lambda method, key: seen.append(method)
    with api.connect() as connection:
        connection.sendall(api.head(PATH, Content_Length=str(len(LARGE))) + LARGE[:sent])
        if sent > 9_000_000:
            wait_until(lambda: "part" in seen, what="a part is sent")
    wait_until(lambda: "delete" in seen, what="the rest is removed")
    wait_until(lambda: clean(api), what="nothing is left")
    assert 'uploads_total{outcome="broken_off"} 1.0' in api.client.get("/metrics").text
    assert api.upload(LARGE).status_code == 201


@pytest.mark.parametrize("method", ["whole", "part", "complete", "put_bytes"])
def test_storage_that_does_not_answer_is_a_503_with_a_time_to_come_back(api, method):
    api.objects.fail = failing(method)
    answer = api.upload(XML if method == "whole" else LARGE)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["errors"][0]["code"] == "unavailable"
    assert "10.0.0.1" not in answer.text
    api.objects.fail = lambda method, key: None
    assert clean(api)
    assert api.upload(LARGE).status_code == 201


def test_storage_that_fails_for_good_is_a_500_without_details(api):
    api.objects.fail = failing("whole", error=StoreError)
    answer = api.upload()
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (500, "internal_error")
    assert "10.0.0.1" not in answer.text


def test_storage_that_cannot_even_delete_still_gets_an_answer(api):
    api.objects.fail = failing("whole", "delete")
    assert api.upload().status_code == 503


def test_a_cluster_that_does_not_answer_is_a_503_and_the_files_are_removed(api, monkeypatch):
    monkeypatch.setattr(api.imports, "create", lambda resource: failing("create")("create", ""))
    answer = api.upload()
    assert answer.status_code == 503
    assert clean(api)


def test_files_stay_when_nobody_knows_whether_the_resource_was_made(api, monkeypatch):
    def lost(_):
        raise Unavailable("the connection broke")

    create = api.imports.create

    def created_but_lost(resource):
        create(resource)
        lost(resource)

    monkeypatch.setattr(api.imports, "create", created_but_lost)
    monkeypatch.setattr(api.imports, "delete", lost)
    assert api.upload().status_code == 503
    assert set(api.objects.kept) == {"imports/1/request.json", "imports/1/upload/1/r.xml"}


def test_a_resource_that_was_made_before_the_connection_broke_is_taken_back(api, monkeypatch):
    create = api.imports.create

    def created_but_lost(resource):
        create(resource)
        raise Unavailable("the connection broke")

    monkeypatch.setattr(api.imports, "create", created_but_lost)
    assert api.upload().status_code == 503
    assert clean(api)


def test_a_resource_that_the_cluster_refuses_is_the_callers_to_know(api, monkeypatch):
    def refuse(_):
        raise InvalidResource("spec.source.files[0].name: too long")

    monkeypatch.setattr(api.imports, "create", refuse)
    answer = api.upload()
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_import")
    assert "spec.source.files[0].name" in answer.json()["message"]
    assert clean(api)


def test_reports_cannot_be_read_while_the_cluster_is_away(api, monkeypatch):
    api.upload()

    def away(_):
        raise Unavailable("no route")

    monkeypatch.setattr(api.imports, "get", away)
    for path in ("/api/v2/reports/1/status", "/api/v2/reports/1", "/api/v2/reports/1/events"):
        assert api.client.get(path).status_code == 503
    page = api.client.get("/reports/1", headers={"accept": "text/html"})
    assert page.status_code == 503
    assert "<h1>Not available</h1>" in page.text


def test_a_programming_error_has_an_answer_too(api, monkeypatch, caplog):
    monkeypatch.setattr(api.imports, "next_report_id", lambda: 1 / 0)
    answer = api.upload()
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (500, "internal_error")
    assert "content-security-policy" in answer.headers
    assert any("ZeroDivisionError" in (record.exc_text or "") for record in caplog.records)


def test_a_server_that_is_told_to_stop_finishes_the_uploads_that_run():
    with running_api(shutdown_seconds=5) as api, api.connect() as connection:
        connection.sendall(api.head(PATH, Content_Length=str(len(XML))) + XML[:5])
        wait_until(lambda: "uploads_active 1.0" in api.client.get("/metrics").text, what="the upload runs")
        api.server.should_exit = True
        connection.sendall(XML[5:])
        assert connection.recv(1000).startswith(b"HTTP/1.1 201")


def test_a_server_that_must_stop_removes_the_upload_that_does_not_end():
    with running_api(shutdown_seconds=1) as api, api.connect() as connection:
        connection.sendall(api.head(PATH, Content_Length=str(len(LARGE))) + LARGE[:17_000_000])
        wait_until(lambda: api.objects.unfinished, what="a part is sent")
        api.server.should_exit = True
        wait_until(lambda: clean(api), what="nothing is left")
