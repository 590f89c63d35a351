import json
import threading

import pytest
from support.api import running_api
from support.processes import wait_until
from support.reports import apply, end

from report_contract.phases import Phase
from report_contract.resource import Progress
from report_stores.errors import Unavailable

EVENTS = "/api/v2/reports/1/events"


def follow(client, seen, comments=None, path=EVENTS):
    """Collect the statuses of a stream until the server ends it."""
    with client.stream("GET", path) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                assert name == "status"
                seen.append(json.loads(line.removeprefix("data: ")))
            elif line.startswith(":") and comments is not None:
                comments.append(line)


def following(api, count=1, **arguments):
    seen = [[] for _ in range(count)]
    threads = [
        threading.Thread(target=follow, args=(api.as_role("read_only"), seen[n]), kwargs=arguments)
        for n in range(count)
    ]
    for thread in threads:
        thread.start()
    return threads, seen


def test_the_stream_tells_each_change_and_ends_with_the_final_status(api):
    api.upload()
    (thread,), (seen,) = following(api)
    wait_until(lambda: seen, what="the first event")
    apply(api.imports, phase=Phase.RUNNING, progress=Progress(tests=5))
    wait_until(lambda: seen[-1]["progress"]["tests"] == 5, what="progress")
    end(api)
    thread.join(10)
    assert not thread.is_alive()
    assert [status["import_status"] for status in seen] == ["queued", "processing", "success"]
    assert seen[-1] == api.client.get("/api/v2/reports/1/status").json()


def test_the_stream_of_an_import_that_has_ended_is_one_event(api):
    api.upload()
    end(api)
    api.imports.delete(1)
    seen = []
    follow(api.client, seen)
    assert [status["import_status"] for status in seen] == ["success"]


def test_the_stream_goes_on_from_storage_when_the_resource_is_deleted(api):
    api.upload()
    (thread,), (seen,) = following(api)
    wait_until(lambda: seen, what="the first event")
    end(api)
    api.imports.delete(1)
    thread.join(10)
    assert seen[-1]["import_status"] == "success"


def test_the_stream_of_a_report_that_is_deleted_ends(api):
    api.upload()
    (thread,), (seen,) = following(api)
    wait_until(lambda: seen, what="the first event")
    api.imports.delete(1)
    thread.join(10)
    assert not thread.is_alive()


def test_many_listeners_share_one_look_and_all_see_the_end(api, monkeypatch):
    api.upload()
    looks = []
    get = api.imports.get
    threads, seen = following(api, 20)
    wait_until(lambda: all(seen), what="everybody's first event")
    monkeypatch.setattr(api.imports, "get", lambda report_id: looks.append(threading.get_ident()) or get(report_id))
    wait_until(lambda: len(looks) >= 5, what="some looks")
    apply(api.imports, phase=Phase.RUNNING)
    end(api)
    for thread in threads:
        thread.join(10)
    assert {status[-1]["import_status"] for status in seen} == {"success"}
    assert len(looks) < 60


def test_nobody_looks_when_nobody_listens(api):
    api.upload()
    with api.client.stream("GET", EVENTS) as answer:
        lines = answer.iter_lines()  # held: an iterator that is dropped closes the connection
        next(lines)
        watching = api.app.state.context.watching
        wait_until(lambda: watching.listeners == 1, what="the listener is there")
    wait_until(lambda: watching.listeners == 0 and not watching._feeds, what="the listener is gone")


def test_a_quiet_stream_is_kept_open_by_comments():
    with running_api(heartbeat_seconds=0.05) as api:
        api.upload()
        comments = []
        (thread,), _ = following(api, comments=comments)
        wait_until(lambda: len(comments) > 2, what="heartbeats")
        end(api)
        thread.join(10)


def test_a_stream_ends_after_a_time_and_can_be_opened_again():
    with running_api(heartbeat_seconds=0.05, listener_seconds=0.1) as api:
        api.upload()
        for _ in range(2):
            seen = []
            follow(api.client, seen)
            assert [status["import_status"] for status in seen] == ["queued"]


def test_a_store_that_is_away_for_a_moment_does_not_end_the_stream(api, monkeypatch):
    api.upload()
    (thread,), (seen,) = following(api)
    wait_until(lambda: seen, what="the first event")
    asked = []

    def away(report_id):
        asked.append(report_id)
        raise Unavailable("no route")

    with monkeypatch.context() as patched:
        patched.setattr(api.imports, "get", away)
        wait_until(lambda: len(asked) > 2, what="some failed looks")
    end(api)
    thread.join(10)
    assert seen[-1]["import_status"] == "success"


def test_listeners_are_bounded():
    with running_api(max_listeners=2) as api:
        api.upload()
        threads, seen = following(api, 2)
        wait_until(lambda: all(seen), what="both listen")
        answer = api.client.get(EVENTS)
        assert answer.status_code == 503
        assert "max_listeners" in answer.json()["message"]
        end(api)
        for thread in threads:
            thread.join(10)
        assert api.client.get(EVENTS).status_code == 200


def test_streams_end_when_the_server_stops():
    with running_api(shutdown_seconds=30) as api:
        api.upload()
        (thread,), (seen,) = following(api)
        wait_until(lambda: seen, what="the first event")
        api.server.should_exit = True
        thread.join(5)
        assert not thread.is_alive()


@pytest.mark.parametrize("role", ["read_only", "user"])
def test_whoever_may_read_may_listen(api, role):
    api.upload()
    end(api)
    follow(api.as_role(role), [])
