"""HEAD is GET without its body, and a final slash means nothing: on every address there is."""

import pytest
from support.api import XML, running_api
from support.reports import end, report_of

PROFILE = "/api/v2/profile/1"
REPORT = "/api/v2/reports/1"


@pytest.fixture(scope="module")
def api():
    with running_api() as running:
        files = [("file[]", ("r.xml", XML)), ("attachment[]", ("a.png", b"png"))]
        assert running.client.post(f"{PROFILE}/import", files=files).status_code == 201
        end(running, report=report_of())
        yield running


def get_addresses():
    """An address that answers for each GET route, by the route's path."""
    return {
        "/": "/",
        "/docs": "/docs",
        "/openapi.json": "/openapi.json",
        "/open": "/open?report=1",
        "/sign-in": "/sign-in",
        "/static": "/static/report.css",
        "/healthz": "/healthz",
        "/readyz": "/readyz",
        "/metrics": "/metrics",
        "/reports/{report_id}": "/reports/1",
        "/api/v2/formatters": "/api/v2/formatters",
        "/api/v2/profile/{profile_id}": PROFILE,
        "/api/v2/reports": "/api/v2/reports?profile=2",
        "/api/v2/reports/{report_id}": REPORT,
        "/api/v2/reports/{report_id}/status": f"{REPORT}/status",
        "/api/v2/reports/{report_id}/events": f"{REPORT}/events",
        "/api/v2/reports/{report_id}/files": f"{REPORT}/files",
        "/api/v2/reports/{report_id}/files/{number}": f"{REPORT}/files/1",
        "/api/v2/reports/{report_id}/attachments/{number}": f"{REPORT}/attachments/1",
        "/api/v2/reports/{report_id}/report.json": f"{REPORT}/report.json",
        "/api/v2/reports/{report_id}/tests.parquet": f"{REPORT}/tests.parquet",
        "/api/v2/reports/{report_id}/containers.parquet": f"{REPORT}/containers.parquet",
        "/api/v2/reports/{report_id}/log.txt": f"{REPORT}/log.txt",
    }


def get_routes(app):
    """The path of every route of GET, those of the included routers too."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if hasattr(route, "original_router"):
            waiting += route.original_router.routes
        elif "GET" in (getattr(route, "methods", None) or {"GET"}):
            yield route.path


def test_this_test_knows_every_route(api):
    assert set(get_routes(api.app)) == set(get_addresses())


@pytest.mark.parametrize("address", get_addresses().values())
def test_head_answers_as_get_does_and_has_no_body(api, address):
    api.objects.kept.setdefault("imports/1/results/containers.parquet", b"PAR1")
    got, head = api.client.get(address), api.client.head(address)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert got.status_code in {200, 303}
    for name in ("content-type", "content-disposition", "location", "accept-ranges"):
        assert head.headers.get(name) == got.headers.get(name)
    if address not in {"/metrics", f"{REPORT}/events"}:  # one counts the other, and one has no length
        assert head.headers["content-length"] == got.headers["content-length"]


def test_the_connection_goes_on_after_a_head(api):
    with api.connect() as connection:
        for _ in range(3):
            connection.sendall(
                b"HEAD %s/files/1 HTTP/1.1\r\nHost: x\r\nx-api-key: %s\r\n\r\n"
                % (REPORT.encode(), api.client.headers["x-api-key"].encode())
            )
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200")
            assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("name", ["files/1", "attachments/1", "report.json", "log.txt"])
def test_head_of_a_download_does_not_read_the_object(api, monkeypatch, name):
    opened = []
    monkeypatch.setattr(api.objects, "open", lambda key, *_: opened.append(key) or _read(api, key))
    assert api.client.head(f"{REPORT}/{name}", headers={"range": "bytes=0-1"}).status_code == 200
    assert not [key for key in opened if not key.endswith(("request.json", "status.json"))]


def _read(api, key):
    return type(api.objects).open(api.objects, key)


def test_head_of_a_lost_file_is_a_404(api, monkeypatch):
    monkeypatch.delitem(api.objects.kept, "imports/1/upload/1/r.xml")
    assert api.client.head(f"{REPORT}/files/1").status_code == 404


def test_head_of_the_events_opens_no_listener(api, monkeypatch):
    asked = []
    monkeypatch.setattr(api.app.state.context.watching, "changes", asked.append)
    answer = api.client.head(f"{REPORT}/events")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert asked == []


@pytest.mark.parametrize("path", [f"{REPORT}0/status", "/nothing", "/reports/7"])
def test_head_of_what_is_not_there_is_a_404(api, path):
    assert api.client.head(path).status_code == 404


def test_head_of_what_only_takes_uploads_is_a_405(api):
    assert api.client.head(f"{PROFILE}/import").status_code == 405


def test_head_needs_a_key_where_get_does(api):
    assert api.client_with().head(f"{REPORT}/status").status_code == 401


def test_the_log_and_the_metrics_say_what_was_asked(api, caplog):
    with caplog.at_level("INFO", "report_api.access_log"):
        api.client.head(f"{REPORT}/status/")
        text = api.client.get("/metrics").text
    assert 'method="HEAD",route="/api/v2/reports/{report_id}/status",status="200"' in text
    assert any(record.getMessage().startswith(f"HEAD {REPORT}/status/ 200") for record in caplog.records)


@pytest.mark.parametrize(
    ("path", "address"), [(path, address) for path, address in get_addresses().items() if path not in {"/", "/static"}]
)
def test_a_final_slash_means_nothing(api, path, address):
    plain, _, query = address.partition("?")
    answer = api.client.get(f"{plain}/?{query}")
    assert answer.status_code == api.client.get(address).status_code, path


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_final_slash_means_nothing_whatever_the_method(api, method):
    path = {"POST": f"{REPORT}/cancel", "DELETE": "/api/v2/reports/77"}[method]
    plain, slash = api.client.request(method, path), api.client.request(method, f"{path}/")
    assert (slash.status_code, slash.json()) == (plain.status_code, plain.json())


def test_two_final_slashes_are_another_address(api):
    assert api.client.get(f"{REPORT}//").status_code == 404
