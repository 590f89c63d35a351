"""What is wrong with a request is told at once, in one shape, and leaves nothing behind."""

import pytest
from support.api import XML, answer_of, running_api
from support.processes import wait_until

from report_contract import formatters

PATH = "/api/v2/profile/1/import"


def check(api, answer, status, code, *words):
    body = answer.json()
    assert answer.status_code == status, body
    assert body["status"] == "failed"
    assert body["errors"] == [{"code": code, "message": body["message"]}]
    for word in words:
        assert word in body["message"]
    assert api.objects.kept == {}
    assert not api.objects.unfinished
    assert list(api.imports.list()) == []


def multipart(api, body, boundary="b", **arguments):
    headers = {"content-type": f"multipart/form-data; boundary={boundary}" if boundary else "multipart/form-data"}
    return api.client.post(PATH, content=body, headers=headers, **arguments)


def part(head, data=b"<a/>"):
    return b"--b\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + data + b"\r\n"


FILE = part(b'name="file[]"; filename="r.xml"')


def test_no_file_at_all(api):
    check(api, multipart(api, part(b'name="smart"', b"true") + b"--b--\r\n"), 400, "no_file", "file[]")


def test_only_attachments(api):
    check(api, api.client.post(PATH, files=[("attachment[]", ("a", b"x"))]), 400, "no_file", "file[]")


def test_only_empty_files(api):
    answer = api.client.post(
        PATH, files=[("file[]", ("a", b"")), ("file[]", ("b", b"")), ("attachment[]", ("c", b"x"))]
    )
    check(api, answer, 400, "empty_file", "file[]")


def test_one_empty_file_among_others_is_the_processors_to_judge(api):
    assert api.upload(b"", XML).status_code == 201


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/xml"}, {"content-length": "0"}])
def test_an_empty_body(api, headers):
    check(api, api.client.post(PATH, content=b"", headers=headers), 400, "empty_body", "file[]")


def test_an_empty_multipart_body(api):
    check(api, multipart(api, b""), 400, "no_file")


def test_a_wrong_boundary(api):
    check(api, multipart(api, FILE + b"--b--\r\n", boundary="other"), 400, "wrong_boundary", "Content-Type")


def test_a_missing_boundary_that_the_body_does_not_show_either(api):
    check(api, multipart(api, XML, boundary=""), 400, "missing_boundary", "boundary")


def test_a_boundary_without_end(api):
    check(api, multipart(api, b"--" + b"x" * 1_000_000, boundary=""), 400, "missing_boundary")


def test_a_body_that_ends_in_the_middle_of_a_part(api):
    check(api, multipart(api, FILE[:-6]), 400, "truncated_body", "boundary")


def test_a_form_without_its_last_boundary(api):
    check(api, multipart(api, FILE), 400, "truncated_body")


def test_a_part_that_never_ends():
    with running_api(upload_idle_seconds=0.3) as api, api.connect() as connection:
        connection.sendall(
            api.head(PATH, Content_Type="multipart/form-data; boundary=b", Transfer_Encoding="chunked")
            + b"%x\r\n%s\r\n" % (len(FILE), FILE)
        )
        status, body = answer_of(connection)
        assert (status, body["errors"][0]["code"]) == (408, "upload_timeout")
        assert "upload_idle_seconds" in body["message"]
        assert api.objects.kept == {}


def test_a_part_that_trickles_for_ever():
    with running_api(upload_total_seconds=0.5, upload_idle_seconds=0.4) as api, api.connect() as connection:
        connection.sendall(
            api.head(PATH, Content_Type="multipart/form-data; boundary=b", Content_Length="100000000") + FILE[:-2]
        )

        def trickle():
            connection.setblocking(False)
            try:
                connection.send(b"x")
                return connection.recv(65536)
            except BlockingIOError:
                return b""

        head = wait_until(trickle, what="the server gives up", pause=0.1)
        assert b" 408 " in head.split(b"\r\n")[0]
        assert b"upload_total_seconds" in head
        assert api.objects.kept == {}


def test_ten_thousand_fields(api):
    body = b"".join(part(b'name="tag[]"', b"%d" % number) for number in range(10_000)) + FILE + b"--b--\r\n"
    check(api, multipart(api, body), 413, "too_many_fields", "1000", "max_fields")


def test_ten_thousand_query_parameters(api):
    # uvicorn takes request lines of 64 KiB; shorter ones reach us.
    answer = api.client.post(PATH + "?" + "smart=1&" * 1100, content=XML)
    check(api, answer, 413, "too_many_fields", "max_fields")


def test_a_field_that_is_too_large(api):
    check(api, multipart(api, part(b'name="tag[]"', b"x" * 20_000) + FILE), 413, "field_too_large", "tag[]", "16384")


def test_a_part_header_that_is_too_large(api):
    body = part(b'name="file[]"; filename="' + b"x" * 20_000 + b'"') + b"--b--\r\n"
    check(api, multipart(api, body), 413, "part_header_too_large", "max_part_header_bytes")


@pytest.mark.parametrize(
    ("sent", "shown", "key"),
    [
        ("../../etc/passwd", "../../etc/passwd", "passwd"),
        ("C:\\reports\\TEST-a.xml", "C:\\reports\\TEST-a.xml", "TEST-a.xml"),
        ("Prüfung 日本 🧪.xml", "Prüfung 日本 🧪.xml", "Prüfung 日本 🧪.xml"),
        ("a\x01b\x1b[0m\x7f.xml", "a_b_[0m_.xml", "a_b_[0m_.xml"),
        ("report\u202efdp.exe", "report_fdp.exe", "report_fdp.exe"),
        ("..", "..", "file"),
        ("a/", "a/", "file"),
    ],
)
def test_a_file_name_with_a_path_unicode_or_control_characters(api, sent, shown, key):
    body = part(b'name="file[]"; filename="' + sent.encode() + b'"') + b"--b--\r\n"
    assert multipart(api, body).status_code == 201
    assert f"imports/1/upload/1/{key}" in api.objects.kept
    assert api.client.get("/api/v2/reports/1/files").json()["files"][0]["name"] == shown
    download = api.client.get("/api/v2/reports/1/files/1")
    assert download.content == b"<a/>"
    assert "\n" not in download.headers["content-disposition"]


def test_an_unknown_formatter_in_the_path(api):
    check(api, api.upload(path=f"{PATH}/nonsense"), 422, "invalid_formatter", "nonsense", "junit")


@pytest.mark.parametrize("where", ["params", "data"])
def test_an_unknown_formatter_as_an_option(api, where):
    answer = api.upload(path=PATH, **{where: {"formatter": "nonsense"}})
    check(api, answer, 422, "invalid_formatter", "nonsense")


def test_two_formatters_that_contradict_each_other(api, monkeypatch):
    monkeypatch.setitem(formatters.FORMATTERS, "other", formatters.FORMATTERS["junit"])
    check(api, api.upload(data={"formatter": "other"}), 400, "invalid_formatter", "junit", "other")


@pytest.mark.parametrize("where", ["params", "data"])
def test_an_unknown_option(api, where):
    check(api, api.upload(**{where: {"smrt": "true"}}), 422, "unknown_option", "smrt", "smart")


@pytest.mark.parametrize("where", ["params", "data"])
@pytest.mark.parametrize(
    ("name", "value"), [("date", "rubbish"), ("smart", "perhaps"), ("tag[]", "x" * 2000), ("os", "x" * 2000)]
)
def test_an_option_that_cannot_be_read_names_itself(api, where, name, value):
    check(api, api.upload(**{where: {name: value}}), 422, "invalid_option", name)


def test_a_bad_option_in_the_query_is_told_before_the_body_is_read(api):
    with api.connect() as connection:
        connection.sendall(api.head(PATH + "?date=rubbish", Content_Length="1000000000", Expect="100-continue"))
        status, body = answer_of(connection)
        assert (status, body["errors"][0]["code"]) == (422, "invalid_option")


def test_a_file_in_an_unexpected_field(api):
    answer = api.client.post(PATH, files=[("report", ("r.xml", XML))])
    check(api, answer, 400, "unknown_file_field", "report", "file[]", "attachment[]")


@pytest.mark.parametrize("profile", ["Ä", "a%2Fb", "x" * 64, "A"])
def test_a_profile_that_cannot_be(api, profile):
    answer = api.upload(path=f"/api/v2/profile/{profile}/import")
    assert answer.status_code == 404
    assert api.objects.kept == {}


def test_too_many_files():
    with running_api(max_files=3) as api:
        answer = api.upload(XML, XML, XML, XML)
        check(api, answer, 413, "too_many_files", "3", "max_files", "ignore_max_files_limit")
        assert api.upload(XML, XML, XML, XML, params={"ignore_max_files_limit": "true"}).status_code == 201


@pytest.mark.parametrize("size", [1001, 20_000_000])
def test_a_file_that_is_too_large(size):
    with running_api(max_file_bytes=1000) as api:
        check(api, api.upload(b"x" * size), 413, "file_too_large", "1000", "max_file_bytes")
        assert api.upload(b"x" * 1000).status_code == 201


def test_a_request_that_is_too_large():
    with running_api(max_request_bytes=100_000) as api:
        answer = api.upload(b"x" * 60_000, b"x" * 60_000)
        check(api, answer, 413, "request_too_large", "100000", "max_request_bytes")


def test_the_answer_reaches_a_client_that_sends_on_regardless():
    with running_api(max_file_bytes=1000) as api:
        # A gigabyte is announced; a client that does not look at the answer would send all of it.
        answer = api.client.post(PATH, content=(b"x" * 65536 for _ in range(200)))
        check(api, answer, 413, "file_too_large")


def test_http_that_is_none_does_not_stop_the_server(api):
    with api.connect() as connection:
        connection.sendall(b"\x16\x03\x01nonsense\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
    assert api.upload().status_code == 201
