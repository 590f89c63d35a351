import pytest
from pydantic import ValidationError
from support.api import running_api

from report_api.answers import ErrorAnswer, StatusAnswer, UploadAnswer
from report_api.compatible import ReportAnswer
from report_api.downloads import FilesAnswer
from report_api.examples import EXAMPLES
from report_api.health import HealthAnswer, ReadyAnswer
from report_api.listing import ReportList
from report_api.reading import FormattersAnswer, ProfileAnswer
from report_api.settings import ApiSettings
from report_contract.options import OPTION_NAMES
from report_stores.errors import Unavailable


def test_a_living_server_says_so_whatever_its_services_do(api, monkeypatch):
    monkeypatch.setattr(api.objects, "check", lambda: 1 / 0)
    assert api.client_with().get("/healthz").json() == {"status": "ok"}


def test_a_server_is_ready_when_storage_and_imports_answer(api):
    answer = api.client_with().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "storage": "ok", "imports": "ok"})


@pytest.mark.parametrize("service", ["storage", "imports"])
def test_a_server_is_not_ready_when_a_service_is_away(api, monkeypatch, service):
    def away(*_):
        raise Unavailable("10.0.0.1 does not answer")

    monkeypatch.setattr(*((api.objects, "check") if service == "storage" else (api.imports, "get")), away)
    answer = api.client_with().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()[service] == "unavailable"
    assert "10.0.0.1" not in answer.text


def test_readiness_is_asked_at_most_once_a_second(api, monkeypatch):
    asked = []
    monkeypatch.setattr(api.objects, "check", lambda: asked.append(1))
    for _ in range(20):
        api.client_with().get("/readyz")
    assert len(asked) <= 2


def test_metrics_count_requests_by_route_and_uploads_by_outcome(api):
    api.upload()
    api.upload(data={"date": "rubbish"})
    for report in (1, 2, 3):
        api.client.get(f"/api/v2/reports/{report}/status")
    text = api.client_with().get("/metrics").text
    for line in (
        'report_import_http_requests_total{method="GET",route="/api/v2/reports/{report_id}/status",status="200"} 1.0',
        'report_import_http_requests_total{method="GET",route="/api/v2/reports/{report_id}/status",status="404"} 2.0',
        'report_import_uploads_total{outcome="accepted"} 1.0',
        'report_import_uploads_total{outcome="refused"} 1.0',
        "report_import_uploads_active 0.0",
    ):
        assert line in text, text
    assert "report_import_upload_bytes_total" in text


def test_unknown_addresses_make_no_metrics_of_their_own(api):
    for number in range(5):
        assert api.client.get(f"/nothing/{number}").status_code == 404
    assert "/nothing/" not in api.client.get("/metrics").text


def test_the_openapi_document_describes_everything_that_is_public(api):
    document = api.client_with().get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            assert call["summary"], (method, path)
            assert call.get("description"), (method, path)
            assert call["tags"], (method, path)
            if path.startswith("/api/"):
                assert "401" in call["responses"], (method, path)
    call = document["paths"]["/api/v2/profile/{profile_id}/import/{formatter}"]["post"]
    names = {parameter["name"] for parameter in call["parameters"]}
    form = call["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert (OPTION_NAMES - {"tag", "tags", "tags[]"}) <= names
    assert (OPTION_NAMES - {"tag", "tags", "tags[]"}) <= set(form)
    assert {"file[]", "file", "attachment[]", "formatter"} <= set(form)
    assert {"201", "400", "401", "403", "404", "408", "409", "413", "422", "503"} <= set(call["responses"])
    assert "ValidationError" not in str(document)
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert described.get("description") or "$ref" in described, (name, field)


def test_every_operation_is_described_and_shows_an_example_of_its_answer(api):
    document = api.client_with().get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            assert len(call["description"]) > 20, (method, path)
            first = min(code for code in call["responses"] if code.startswith("2"))
            assert call["responses"][first]["description"] != "Successful Response", (method, path)
            if first == "204":
                continue
            contents = call["responses"][first]["content"].values()
            assert contents, (method, path)
            assert all(content["example"] for content in contents), (method, path)


def test_the_examples_of_the_documentation_are_answers():
    models = [
        ErrorAnswer,
        FilesAnswer,
        FormattersAnswer,
        HealthAnswer,
        ProfileAnswer,
        ReadyAnswer,
        ReportAnswer,
        ReportList,
        StatusAnswer,
        UploadAnswer,
    ]
    assert set(EXAMPLES) == {model.__name__ for model in models}
    for model in models:
        example = EXAMPLES[model.__name__]
        assert model.model_validate(example).model_dump(mode="json") == example


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_is_not_there_is_a_405_in_our_shape(api, method):
    answer = api.client.request(method, "/api/v2/profile/1/import")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (405, "method_not_allowed")


def test_every_answer_has_the_security_headers(api):
    for path in ("/", "/nothing", "/api/v2/reports/1", "/static/report.css", "/healthz"):
        headers = api.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" in headers
        assert "server" not in headers


def test_too_many_connections_are_turned_away():
    with running_api(max_connections=3) as api:
        connections = [api.connect() for _ in range(6)]
        try:
            connections[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connections[-1].recv(1000).startswith(b"HTTP/1.1 503")
        finally:
            for connection in connections:
                connection.close()


@pytest.mark.parametrize("address", ["reports.example", "ftp://x", ""])
def test_a_base_url_that_is_none_is_refused_at_the_start(address):
    with pytest.raises(ValidationError):
        ApiSettings(base_url=address)


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("REPORT_IMPORT_BASE_URL", "https://x.example/")
    monkeypatch.setenv("REPORT_IMPORT_MAX_FILES", "7")
    settings = ApiSettings()
    assert (settings.base_url, settings.max_files, settings.secure) == ("https://x.example", 7, True)
