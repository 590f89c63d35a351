"""Bytes to text: every declared encoding, right, wrong and damaged."""

import codecs
from encodings.aliases import aliases

import pytest
from support.reading import Trickle, read

from report_processor.decode import decode

GOOD = '<testsuite name="s"><testcase name="t"/></testsuite>'


def declared(encoding: str, name: bytes) -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n<testsuite name="s"><testcase name="'
    return head.encode() + name + b'"/></testsuite>'


@pytest.mark.parametrize(
    ("encoding", "name", "title"),
    [
        ("US-ASCII", b"a\xffb", "a\ufffdb"),
        ("windows-1252", b"a\x81b", "a\ufffdb"),
        ("Shift_JIS", "日".encode("shift_jis") + b"\x81!", "日\ufffd!"),
        ("GBK", "日".encode("gbk") + b"\xff!", "日\ufffd!"),
        ("EUC-JP", "日".encode("euc_jp") + b"\xff!", "日\ufffd!"),
        ("ISO-2022-JP", "日".encode("iso2022_jp") + b"\xff!", "日\ufffd!"),
    ],
)
def test_a_byte_that_is_no_text_in_the_declared_encoding_costs_no_more_than_itself(encoding, name, title):
    found = read(("bad.xml", declared(encoding, name)), ("good.xml", GOOD))
    assert [result["title"] for result in found.results] == [title, "t"]
    message = found.message("replaced_bytes")
    assert (message["file"], message["line"], message["column"]) == ("bad.xml", 2, 37 + title.index("\ufffd"))
    assert f"0x{next(byte for byte in name if byte in {0x81, 0xFF}):x})" in message["message"]


TITLES = {"cp932": "①試験", "cp949": "뷁", "gbk": "測試", "gb18030": "測試", "cp874": "ทดสอบ", "cp1252": "“é”"}


@pytest.mark.parametrize(
    ("declaration", "written"),
    [
        ("windows-31j", "cp932"),
        ("x-sjis", "cp932"),
        ("Shift_JIS", "cp932"),
        ("x-windows-949", "cp949"),
        ("ks_c_5601-1987", "cp949"),
        ("x-gbk", "gbk"),
        ("gb2312", "gb18030"),
        ("Windows-874", "cp874"),
        ("x-windows-1252", "cp1252"),
    ],
)
def test_names_and_characters_of_windows_are_understood(declaration, written):
    title = TITLES[written]
    found = read(declared(declaration, title.encode(written)))
    assert found.results[0]["title"] == title
    assert found.codes == []


def test_only_what_was_replaced_is_counted_beside_replacement_characters_of_the_file():
    found = read(("bad.xml", declared("UTF-8", "\ufffd".encode() * 3 + b"\xff x \xfe")))
    assert "2 times, the first is 0xff" in found.message("replaced_bytes")["message"]


@pytest.mark.parametrize("encoding", sorted(set(aliases.values())))
def test_no_encoding_that_can_be_declared_ends_an_import(encoding):
    found = read(("any.xml", Trickle(declared(encoding, bytes(range(0x80, 0x100))), 100)), ("good.xml", GOOD))
    assert found.files[1]["verdict"] == "parsed"
    assert found.files[0]["verdict"] in {"parsed", "partly_parsed", "rejected", "attachment"}


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "US-ASCII", "ISO-8859-15", "koi8-r"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_utf8_under_a_declaration_of_single_bytes_is_read_as_utf8(encoding, size):
    data = declared(encoding, "Grüße 日本".encode())
    found = read(("r.xml", Trickle(data, size)))
    assert found.results[0]["title"] == "Grüße 日本"
    assert found.codes == ["encoding_differs"]


def test_it_is_found_however_far_the_first_such_character_is():
    many = b'x"/>' + b'<testcase name="a"/>' * 20_000 + b'<testcase name="' + "Grüße".encode()
    found = read(("r.xml", declared("ISO-8859-1", many)))
    assert found.results[-1]["title"] == "Grüße"
    assert "encoding_differs" in found.codes


def test_an_encoding_of_single_bytes_is_believed_where_the_bytes_are_not_utf8():
    found = read(("r.xml", declared("ISO-8859-1", "Grüße".encode("iso-8859-1"))))
    assert found.results[0]["title"] == "Grüße"
    assert found.codes == []


def test_quotes_of_windows_under_iso_8859_1_are_quotes():
    found = read(("r.xml", declared("ISO-8859-1", "“ü” €".encode("cp1252"))))
    assert found.results[0]["title"] == "“ü” €"
    assert found.codes == ["encoding_differs"]


def test_an_encoding_in_which_the_declaration_itself_makes_no_sense_is_not_believed():
    found = read(("r.xml", declared("cp037", "Grüße".encode())))
    assert found.results[0]["title"] == "Grüße"
    assert found.codes == ["encoding_differs"]


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_a_second_byte_order_mark_does_no_harm(mark):
    encoding = "utf-8" if mark == codecs.BOM_UTF8 else "utf-16-le"
    found = read(("r.xml", mark * 2 + f'<?xml version="1.0"?>{GOOD}'.encode(encoding)))
    assert found.file["verdict"] == "parsed"
    assert found.codes == []


@pytest.mark.parametrize("size", [1, 3, 1000, 100_000])
def test_the_pieces_in_which_bytes_arrive_change_nothing(size):
    data = declared("Shift_JIS", "日本".encode("shift_jis") * 5000 + b"\xff")
    whole = "".join(decode([data], lambda *_: None))
    assert "".join(decode([data[at : at + size] for at in range(0, len(data), size)], lambda *_: None)) == whole
