import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_api.errors import ApiError
from report_api.multipart import FormReader, PartBegin, PartData, PartEnd, clean_name, file_name_of, read_parameters

BOUNDARY = "----b0undary"


def form(*parts):
    body = b"".join(
        b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + data + b"\r\n"
        for head, data in parts
    )
    return body + b"--" + BOUNDARY.encode() + b"--\r\n"


def read(body, cuts=(), boundary=BOUNDARY, limit=16384):
    """Parts as (field, file name, bytes), from a body cut into chunks at these places."""
    reader, parts = FormReader(boundary, max_part_header_bytes=limit), []
    places = [0, *sorted(cuts), len(body)]
    for start, end in itertools.pairwise(places):
        for event in reader.feed(body[start:end]):
            match event:
                case PartBegin(field, filename):
                    parts.append([field, filename, b"", False])
                case PartData(data):
                    parts[-1][2] += data
                case PartEnd():
                    parts[-1][3] = True
    reader.finish()
    assert all(part[3] for part in parts)
    return [tuple(part[:3]) for part in parts]


def refusal(body, **arguments):
    with pytest.raises(ApiError) as caught:
        read(body, **arguments)
    return caught.value


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.lists(st.integers(0, 1500), max_size=12))
def test_parts_come_out_as_they_went_in_however_the_body_is_cut(contents, cuts):
    # What a part must not hold is its own boundary.
    contents = [data.replace(BOUNDARY.encode(), b"") for data in contents]
    body = form(*((b'name="file[]"; filename="x"', data) for data in contents))
    assert read(body, [cut for cut in cuts if cut <= len(body)]) == [("file[]", "x", data) for data in contents]


@given(st.integers(1, 200))
def test_the_boundary_is_read_from_the_body_when_the_header_names_none(cut):
    body = form((b'name="file"; filename="x"', b"<a/>"))
    assert read(body, [cut], boundary="") == [("file", "x", b"<a/>")]


def test_data_that_looks_like_a_boundary_stays_data():
    data = b"\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n--\r\n" + BOUNDARY.encode()
    assert read(form((b'name="f"', data))) == [("f", None, data)]


def test_what_follows_the_last_boundary_means_nothing():
    assert read(form((b'name="f"', b"1")) + b"anything") == [("f", None, b"1")]


def test_another_boundary_than_the_declared_one_is_told():
    error = refusal(form((b'name="f"', b"1")), boundary="other")
    assert (error.status, error.code) == (400, "wrong_boundary")


@given(st.binary(max_size=300), st.lists(st.integers(0, 700), max_size=6))
def test_what_stands_before_the_first_boundary_means_nothing(preamble, cuts):
    preamble = preamble.replace(BOUNDARY.encode(), b"")
    body = preamble + b"\r\n" + form((b'name="f"', b"1"))
    assert read(body, [cut for cut in cuts if cut <= len(body)]) == [("f", None, b"1")]


def test_what_stands_before_the_first_boundary_has_a_limit():
    reader = FormReader(BOUNDARY, max_part_header_bytes=1000)
    assert all(reader.feed(b"x" * 4096) == [] for _ in range(16))
    with pytest.raises(ApiError) as caught:
        reader.feed(b"x")
    assert caught.value.code == "wrong_boundary"


@pytest.mark.parametrize("boundary", [BOUNDARY, ""])
@pytest.mark.parametrize("cut", [3, 16, 17, 40])
def test_lines_that_end_without_a_carriage_return_are_told(boundary, cut):
    error = refusal(form((b'name="f"', b"1")).replace(b"\r\n", b"\n"), boundary=boundary, cuts=[cut])
    assert (error.status, error.code) == (400, "wrong_line_ends")
    assert "CR and LF" in error.message


@pytest.mark.parametrize("encoding", [b"base64", b"Quoted-Printable", b"x" * 500])
def test_a_part_that_is_encoded_once_more_names_the_header(encoding):
    head = b'name="f"\r\nContent-Transfer-Encoding: ' + encoding
    error = refusal(form((head, b"PGEvPg==")))
    assert (error.status, error.code) == (400, "unsupported_encoding")
    assert f"Content-Transfer-Encoding: {encoding.decode()[:40]}." in error.message


@pytest.mark.parametrize("encoding", [b"binary", b"8bit", b"7BIT ", b""])
def test_a_part_may_say_that_it_is_not_encoded(encoding):
    head = b'name="f"\r\nContent-transfer-encoding: ' + encoding
    assert read(form((head, b"<a/>"))) == [("f", None, b"<a/>")]


def test_a_bad_form_is_told_to_the_client_and_not_to_the_log(caplog):
    refusal(form((b'name="f"', b"1")).replace(b"\r\n1", b"\r1"))
    assert caplog.records == []


@pytest.mark.parametrize("body", [b"<testsuite/>", b"-", b"--", b"--\r\n", b"--" + b"x" * 300, b"\r\n"])
def test_no_boundary_at_all_is_told(body):
    error = refusal(body, boundary="")
    assert (error.status, error.code) == (400, "missing_boundary")


@pytest.mark.parametrize("kept", [1, 2, 14, 60, -3, -4, -30])
def test_a_body_that_ends_in_the_middle_is_told(kept):
    error = refusal(form((b'name="f"', b"1" * 100))[:kept])
    assert (error.status, error.code) == (400, "truncated_body")


def test_a_long_part_header_names_the_limit():
    error = refusal(form((b'name="' + b"n" * 200 + b'"', b"1")), limit=100)
    assert (error.status, error.code) == (413, "part_header_too_large")
    assert "max_part_header_bytes" in error.message


@pytest.mark.parametrize("head", [b'filename="x"', b"x", b""])
def test_a_part_without_a_name_is_malformed(head):
    assert refusal(form((head, b"1"))).code == "malformed_body"


def test_a_part_without_a_disposition_is_malformed():
    body = f"--{BOUNDARY}\r\nContent-Type: x/y\r\n\r\n1\r\n--{BOUNDARY}--\r\n".encode()
    assert refusal(body).code == "malformed_body"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (r'form-data; name="f"; filename="C:\build\new\TEST-a.xml"', r"C:\build\new\TEST-a.xml"),
        ('form-data; name="f"; filename="./dir/x.json"', "./dir/x.json"),
        ('form-data; name="f"; filename="a\\"b;c.xml"', 'a"b;c.xml'),
        ("form-data; name=f; filename=plain.xml", "plain.xml"),
        ('form-data; name="f"; filename="Prüfung-日本.xml"', "Prüfung-日本.xml"),
        ('form-data; name="f"; filename="x"; filename*=UTF-8\'\'na%C3%AFve.xml', "naïve.xml"),
        ('form-data; name="f"; filename="x"; filename*=nonsense', "x"),
        ('form-data; name="f"; filename="a\tb\x1b[31m\x00c\u2028d"', "a_b_[31m_c_d"),
        ('form-data; name="f"; filename=""', ""),
        ('form-data; name="f"', None),
    ],
)
def test_file_names_are_read_as_clients_write_them(header, name):
    assert file_name_of(read_parameters(header)) == name


def test_a_long_file_name_keeps_its_end():
    assert clean_name("x" * 5000 + ".xml") == "x" * 1020 + ".xml"


@pytest.mark.parametrize("character", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_file_name_cannot_be_shown_as_another_one(character):
    assert clean_name(f"a{character}b") == "a_b"
