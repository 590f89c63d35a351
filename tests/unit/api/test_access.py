import pytest
from support.api import XML, running_api
from support.reports import end, report_of

from report_api.keysource import FileKeys
from report_contract.accesskeys import KeyFile, Role, new_key

READS = [
    "/api/v2/reports/1/status",
    "/api/v2/reports/1",
    "/api/v2/reports/1/files",
    "/api/v2/reports/1/files/1",
    "/api/v2/reports/1/tests.parquet",
    "/api/v2/reports/1/report.json",
    "/api/v2/reports/1/log.txt",
    "/api/v2/reports/1/events",
    "/api/v2/profile/1",
    "/api/v2/formatters",
]
CHANGES = [
    ("POST", "/api/v2/profile/1/import", Role.USER),
    ("POST", "/api/v2/reports/1/cancel", Role.USER),
    ("DELETE", "/api/v2/reports/1", Role.MODERATOR),
]


@pytest.fixture
def ended(api):
    api.upload()
    end(api, report=report_of())
    return api


def code_of(answer):
    return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.mark.parametrize("path", READS)
def test_nothing_is_read_without_a_key_or_with_a_wrong_one(ended, path):
    anybody = ended.client_with()
    answer = anybody.get(path)
    assert code_of(answer) == (401, "missing_api_key")
    assert "Bearer" in answer.headers["www-authenticate"]
    for wrong in ("x", "ri_00000000_x", ended.keys[Role.USER] + "x", "", "ri__", "é"):
        assert code_of(anybody.get(path, headers={"x-api-key": wrong.encode()})) == (401, "invalid_api_key")


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads(ended, path, role):
    assert ended.as_role(role).get(path).status_code == 200


@pytest.mark.parametrize(("method", "path", "needed"), CHANGES)
@pytest.mark.parametrize("role", list(Role))
def test_changes_need_their_role(ended, method, path, needed, role):
    answer = ended.as_role(role).request(method, path, content=XML if path.endswith("import") else None)
    if role.allows(needed):
        assert answer.status_code in {200, 201, 204}
    else:
        assert code_of(answer) == (403, "role_too_low")
        assert needed.value in answer.json()["message"]


@pytest.mark.parametrize(("method", "path", "needed"), CHANGES)
def test_nothing_is_changed_without_a_key(ended, method, path, needed):
    assert code_of(ended.client_with().request(method, path, content=XML))[0] == 401


def test_a_bearer_token_is_a_key(ended):
    key = ended.keys[Role.READ_ONLY]
    for scheme in ("Bearer", "bearer"):
        assert ended.client_with(authorization=f"{scheme} {key}").get(READS[0]).status_code == 200
    assert ended.client_with(authorization=f"Basic {key}").get(READS[0]).status_code == 401


def test_a_profile_that_the_key_does_not_see_is_not_there():
    key, record = new_key("web only", Role.MODERATOR, ["web"])
    other, other_record = new_key("all", Role.MODERATOR)
    with running_api(keys=KeyFile(keys=[record, other_record])) as api:
        web, all_profiles = api.client_with(**{"x-api-key": key}), api.client_with(**{"x-api-key": other})
        assert web.get("/api/v2/profile/web").status_code == 200
        assert code_of(web.get("/api/v2/profile/secret")) == (404, "profile_not_found")
        assert code_of(web.post("/api/v2/profile/secret/import", content=XML)) == (404, "profile_not_found")
        report = all_profiles.post("/api/v2/profile/secret/import", content=XML).json()["report_id"]
        for method, path in [("GET", "/status"), ("GET", ""), ("POST", "/cancel"), ("DELETE", ""), ("GET", "/files/1")]:
            seen = web.request(method, f"/api/v2/reports/{report}{path}")
            assert code_of(seen) == (404, "report_not_found")
            missing = web.request(method, f"/api/v2/reports/999{path}")
            assert seen.json()["message"].replace(str(report), "N") == missing.json()["message"].replace("999", "N")
        assert api.imports.get(report).spec.cancel is False


def test_with_anonymous_read_everybody_reads_and_nobody_changes():
    with running_api(anonymous_read=True) as api:
        api.upload()
        end(api, report=report_of())
        anybody = api.client_with()
        for path in [*READS, "/reports/1"]:
            assert anybody.get(path).status_code == 200
        for method, path, _ in CHANGES:
            assert anybody.request(method, path, content=XML).status_code == 401
        assert anybody.get(READS[0], headers={"x-api-key": "wrong"}).status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost:1", 200),
        ("[::1]:8080", 200),
        ("10.1.2.3", 200),
        ("reports.example", 200),
        ("evil.example", 401),
        ("127.0.0.1.evil.example", 401),
        ("[", 401),
    ],
)
def test_anonymous_reading_is_not_for_names_that_somebody_else_points_at_this_machine(host, status):
    with running_api(anonymous_read=True) as api:
        api.upload()
        assert api.client_with().get("/api/v2/reports/1/status", headers={"host": host}).status_code == status
        assert api.client.get("/api/v2/reports/1/status", headers={"host": host}).status_code == 200


def test_keys_are_never_logged(ended, caplog):
    with caplog.at_level("DEBUG"):
        key = ended.keys[Role.USER]
        ended.as_role(Role.USER).post("/api/v2/profile/1/import?tag[]=secret", content=XML)
        ended.client_with().get("/reports/1", headers={"x-api-key": key + "x", "cookie": f"report-import-key={key}"})
    assert key not in caplog.text
    assert key.split("_", 2)[2] not in caplog.text
    lines = [record.getMessage() for record in caplog.records if record.name == "report_api.access_log"]
    assert any("POST /api/v2/profile/1/import 201" in line for line in lines)
    assert not any("secret" in line for line in lines)
    assert f"key={key.split('_')[1]} report=2" in caplog.text


def test_a_key_file_is_read_again_when_it_changes(tmp_path):
    file = tmp_path / "keys.json"
    keys = FileKeys(file, look_seconds=0)
    key, record = new_key("ci", Role.USER)
    assert keys.find(key) is None
    file.write_text(KeyFile(keys=[record]).model_dump_json())
    assert keys.find(key).id == record.id
    file.write_text(KeyFile().model_dump_json())
    assert keys.find(key) is None


def test_a_key_file_replaced_as_secrets_are_is_noticed(tmp_path):
    # Kubernetes swaps a symlink to a folder.
    (first_key, first), (second_key, second) = new_key("a", Role.USER), new_key("b", Role.USER)
    for name, record in (("one", first), ("two", second)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "keys.json").write_text(KeyFile(keys=[record]).model_dump_json())
    (tmp_path / "data").symlink_to("one")
    keys = FileKeys(tmp_path / "data" / "keys.json", look_seconds=0)
    assert keys.find(first_key)
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").replace(tmp_path / "data")
    assert keys.find(first_key) is None
    assert keys.find(second_key)


def test_a_damaged_key_file_keeps_the_keys_that_were_valid(tmp_path, caplog):
    file = tmp_path / "keys.json"
    key, record = new_key("ci", Role.USER)
    file.write_text(KeyFile(keys=[record]).model_dump_json())
    keys = FileKeys(file, look_seconds=0)
    assert keys.find(key)
    file.write_text('{"keys": [{"id": "sécret')
    assert keys.find(key)
    assert "cannot be read" in caplog.text
    assert "sécret" not in caplog.text


def test_a_key_file_is_not_looked_at_for_every_request(tmp_path):
    file = tmp_path / "keys.json"
    key, record = new_key("ci", Role.USER)
    file.write_text(KeyFile(keys=[record]).model_dump_json())
    keys = FileKeys(file, look_seconds=1000)
    assert keys.find(key)
    file.unlink()
    assert keys.find(key)
