import json

import pytest
from support.api import XML
from support.reports import end, report_of

from report_api.downloads import disposition

DATA = bytes(range(256)) * 4000


@pytest.fixture
def ended(api):
    api.upload(("dir/r.xml", DATA), ("page.html", b"<script>alert(1)</script>"))
    end(api, report=report_of())
    return api


def test_originals_come_back_byte_for_byte_and_never_as_a_page(ended):
    answer = ended.client.get("/api/v2/reports/1/files/1")
    assert answer.content == DATA
    assert answer.headers["content-length"] == str(len(DATA))
    for number in (1, 2):
        headers = ended.client.get(f"/api/v2/reports/1/files/{number}").headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"].startswith("attachment;")
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_files_are_listed_with_size_hash_and_address(ended):
    listed = ended.client.get("/api/v2/reports/1/files").json()
    first = listed["files"][0]
    assert (first["number"], first["name"], first["size"]) == (1, "dir/r.xml", len(DATA))
    assert first["url"] == "https://reports.example/api/v2/reports/1/files/1"
    assert len(first["sha256"]) == 64
    assert listed["attachments"] == []


def test_attachments_come_back(api):
    api.client.post("/api/v2/profile/1/import", files=[("file[]", ("r", XML)), ("attachment[]", ("a.png", b"png"))])
    assert api.client.get("/api/v2/reports/1/attachments/1").content == b"png"
    assert api.client.get("/api/v2/reports/1/attachments/2").status_code == 404


@pytest.mark.parametrize("number", ["0", "3", "-1", "x"])
def test_a_file_that_is_not_there_is_a_404(ended, number):
    assert ended.client.get(f"/api/v2/reports/1/files/{number}").status_code == 404


def test_a_file_that_is_lost_in_storage_is_a_404(ended):
    del ended.objects.kept["imports/1/upload/1/r.xml"]
    assert ended.client.get("/api/v2/reports/1/files/1").status_code == 404


@pytest.mark.parametrize(
    ("asked", "start", "end_"),
    [("bytes=0-9", 0, 10), ("bytes=1000000-", 1_000_000, None), ("bytes=-5", -5, None), ("bytes=5-99999999", 5, None)],
)
def test_a_range_is_answered_with_just_that(ended, asked, start, end_):
    answer = ended.client.get("/api/v2/reports/1/files/1", headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == DATA[start:end_]
    first = start % len(DATA)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(answer.content) - 1}/{len(DATA)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "bytes=" + "9" * 5000 + "-"])
def test_a_range_that_is_none_or_several_gives_the_whole(ended, asked):
    answer = ended.client.get("/api/v2/reports/1/files/1", headers={"range": asked})
    assert (answer.status_code, len(answer.content)) == (200, len(DATA))


@pytest.mark.parametrize("asked", ["bytes=2000000-", "bytes=9-3", "bytes=-0"])
def test_a_range_outside_the_file_is_a_416(ended, asked):
    answer = ended.client.get("/api/v2/reports/1/files/1", headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


def test_results_have_their_types(ended):
    kinds = {
        "tests.parquet": "application/vnd.apache.parquet",
        "report.json": "application/json",
        "log.txt": "text/plain",
    }
    for name, kind in kinds.items():
        answer = ended.client.get(f"/api/v2/reports/1/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        assert f"report-1-{name}" in answer.headers["content-disposition"]
    assert json.loads(ended.client.get("/api/v2/reports/1/report.json").content)["origin"] == "junit_xml"


def test_results_that_are_not_there_yet_say_so(api):
    api.upload()
    for name in ("tests.parquet", "containers.parquet", "report.json", "log.txt"):
        answer = api.client.get(f"/api/v2/reports/1/{name}")
        assert answer.status_code == 404
        assert name in answer.json()["message"]


def test_an_empty_file_is_downloaded_as_one(api):
    api.upload(XML, ("empty.xml", b""))
    answer = api.client.get("/api/v2/reports/1/files/2")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("name", ['a"b.xml', "a\r\nSet-Cookie: x", "ü.xml", "../../x", "\\\\server\\x;y", "a\ud800b"])
def test_no_file_name_breaks_the_header(name):
    header = disposition(name)
    header.encode("ascii")
    assert "\n" not in header
    assert "\r" not in header
    assert header.count('"') == 2
