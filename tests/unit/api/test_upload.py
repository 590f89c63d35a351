import hashlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.api import BASE_URL, XML, running_api

from report_contract.phases import QUEUED_SENTENCE
from report_contract.requests import ImportRequest

MULTIPART = "/api/v2/profile/1/import"


def request_of(api, report_id=1):
    return ImportRequest.model_validate_json(api.objects.kept[f"imports/{report_id}/request.json"])


def test_an_upload_is_answered_with_the_six_fields_and_a_location(api):
    answer = api.upload()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BASE_URL}/api/v2/reports/1/status"
    assert answer.json() == {
        "report_id": 1,
        "report_url": f"{BASE_URL}/reports/1",
        "report_status_url": f"{BASE_URL}/api/v2/reports/1/status",
        "import_status": "queued",
        "import_progress": QUEUED_SENTENCE,
        "message": "Go to the report url to follow the progress and see the results of your report.",
    }


@pytest.mark.parametrize(
    "path",
    [
        "/import",
        "/import/",
        "/import/junit",
        "/import/junit/",
        "/report/import",
        "/report/import/",
        "/report/import/junit",
        "/report/import/junit/",
    ],
)
def test_every_path_of_the_compatible_api_takes_uploads(api, path):
    assert api.upload(path=f"/api/v2/profile/1{path}").status_code == 201
    assert request_of(api).formatter == ("junit" if "junit" in path else "")


def test_addresses_come_from_the_settings_and_never_from_the_host_header(api):
    answer = api.upload(headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    assert "evil" not in answer.text
    assert "evil" not in answer.headers["location"]


def test_files_and_attachments_are_stored_byte_for_byte_in_their_order(api):
    contents = [secrets.token_bytes(size) for size in (10, 0, 700_000, 3)]
    parts = [("file[]", (f"{number}.xml", data)) for number, data in enumerate(contents)]
    parts += [("file", ("single.xml", XML)), ("attachment[]", ("log.txt", b"log"))]
    assert api.client.post(MULTIPART, files=parts).status_code == 201
    request = request_of(api)
    assert [file.name for file in request.files] == ["0.xml", "1.xml", "2.xml", "3.xml", "single.xml"]
    for file, data in zip(request.files, [*contents, XML], strict=True):
        assert api.objects.kept[file.key] == data
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert [(file.name, file.key) for file in request.attachments] == [("log.txt", "imports/1/attachments/1/log.txt")]


@pytest.mark.parametrize("size", [8 * 2**20 - 1, 8 * 2**20, 8 * 2**20 + 1, 40_000_001])
def test_a_large_file_arrives_whole_whatever_its_size(api, size):
    data = secrets.token_bytes(size)
    assert api.upload(data).status_code == 201
    (file,) = request_of(api).files
    assert api.objects.kept[file.key] == data
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert not api.objects.unfinished


@pytest.mark.parametrize("content_type", ["application/xml", "text/plain", "application/x-www-form-urlencoded", ""])
def test_the_body_itself_can_be_the_file(api, content_type):
    answer = api.client.post("/api/v2/profile/1/import/junit", content=XML, headers={"content-type": content_type})
    assert answer.status_code == 201
    (file,) = request_of(api).files
    assert (file.name, api.objects.kept[file.key]) == ("junit", XML)


@pytest.mark.parametrize(
    ("query", "headers", "name"),
    [
        ({"filename": "a/TEST-x.xml"}, {}, "a/TEST-x.xml"),
        ({}, {"content-disposition": 'attachment; filename="b.xml"'}, "b.xml"),
        ({}, {}, "file"),
    ],
)
def test_a_bare_file_is_named_by_query_or_header(api, query, headers, name):
    assert api.client.post(MULTIPART, content=XML, params=query, headers=headers).status_code == 201
    assert request_of(api).files[0].name == name


def test_a_body_in_chunks_of_unknown_length_is_taken(api):
    chunks = [b"<a>", b"x" * 100_000, b"</a>"]
    assert api.client.post(MULTIPART, content=iter(chunks)).status_code == 201
    assert api.objects.kept[request_of(api).files[0].key] == b"".join(chunks)


def test_options_come_from_query_and_form_and_the_form_wins(api):
    answer = api.upload(
        path=MULTIPART,
        params=[("tag[]", "env:test"), ("smart", "false"), ("date", "now")],
        data={"tag[]": ["os:linux\n"], "smart": "true", "formatter": "junit"},
    )
    assert answer.status_code == 201
    request = request_of(api)
    assert request.formatter == "junit"
    assert (request.options.tags, request.options.smart, request.options.date) == (
        ["env:test", "os:linux"],
        True,
        "now",
    )


def test_an_option_after_the_files_counts(api):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file[]"; filename="x"\r\n\r\n<a/>\r\n'
        b'--b\r\nContent-Disposition: form-data; name="tag[]"\r\n\r\nlate\r\n--b--\r\n'
    )
    answer = api.client.post(MULTIPART, content=body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 201
    assert request_of(api).options.tags == ["late"]


def test_the_boundary_may_be_missing_in_the_header(api):
    body = b'--zz\r\nContent-Disposition: form-data; name="file[]"; filename="x"\r\n\r\n<a/>\r\n--zz--\r\n'
    answer = api.client.post(MULTIPART, content=body, headers={"content-type": "multipart/form-data"})
    assert answer.status_code == 201
    assert api.objects.kept["imports/1/upload/1/x"] == b"<a/>"


def test_the_resource_refers_to_the_upload_and_names_who_sent_it(api):
    api.upload(("a/b.xml", XML), params={"tag[]": "t"})
    resource = api.imports.get(1)
    assert resource.metadata["name"] == "report-1"
    assert resource.metadata["labels"] == {"reportimport.dev/report-id": "1", "reportimport.dev/profile": "1"}
    assert (resource.spec.profile, resource.spec.formatter, resource.spec.options.tags) == ("1", "junit", ["t"])
    source = resource.spec.source
    assert (source.bucket, source.prefix, source.file_count, source.bytes) == ("memory", "imports/1/", 1, len(XML))
    assert source.files[0].key == "imports/1/upload/1/b.xml"
    key = api.client.headers["x-api-key"].split("_", 2)
    assert request_of(api).requested_by == key[1]
    assert key[2] not in json.dumps(resource.model_dump(mode="json")) + str(api.objects.kept)


def test_the_resource_lists_the_first_hundred_files_and_the_request_all(api):
    assert api.upload(*[(f"{n}.xml", XML) for n in range(120)]).status_code == 201
    assert len(request_of(api).files) == 120
    source = api.imports.get(1).spec.source
    assert (len(source.files), source.file_count) == (100, 120)


def test_the_files_are_durable_before_the_request_and_that_before_the_resource(api):
    seen = []
    api.objects.fail = lambda method, key: seen.append((method, key, api.imports.get(1) is None))
    api.upload()
    assert seen == [("whole", "imports/1/upload/1/r.xml", True), ("put_bytes", "imports/1/request.json", True)]
    assert api.imports.get(1) is not None


def test_report_ids_increase(api):
    assert [api.upload().json()["report_id"] for _ in range(3)] == [1, 2, 3]


def test_a_connection_serves_one_upload_after_another(api):
    for _ in range(3):
        assert api.upload(secrets.token_bytes(100_000)).status_code == 201


def test_a_client_that_asks_to_continue_is_told_before_it_sends(api):
    with api.connect() as connection:
        connection.sendall(api.head(MULTIPART, Content_Length=str(len(XML)), Expect="100-continue"))
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        connection.sendall(XML)
        assert connection.recv(1000).startswith(b"HTTP/1.1 201")


def test_an_upload_waits_for_its_turn_and_is_sent_away_when_none_comes():
    with running_api(max_uploads=1, upload_wait_seconds=0.1) as api, api.connect() as slow:
        slow.sendall(api.head(MULTIPART, Content_Length="10") + b"<a>")
        answer = api.upload()
        while answer.status_code == 201:  # the slow one had not begun yet
            answer = api.upload()
        assert answer.status_code == 503
        assert "max_uploads" in answer.json()["message"]
        assert int(answer.headers["retry-after"]) > 0
        slow.sendall(b"<b/></a>"[:7])
        assert slow.recv(1000).startswith(b"HTTP/1.1 201")
        assert api.upload().status_code == 201


def test_more_large_files_than_buffers_still_all_arrive():
    with running_api(upload_buffers=2) as api, ThreadPoolExecutor(5) as pool:
        contents = [secrets.token_bytes(18_000_000) for _ in range(5)]
        answers = list(pool.map(api.upload, contents))
        assert [answer.status_code for answer in answers] == [201] * 5
        for answer, data in zip(answers, contents, strict=True):
            assert api.objects.kept[f"imports/{answer.json()['report_id']}/upload/1/r.xml"] == data
