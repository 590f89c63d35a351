"""Bad input: each ends in a verdict with messages that name file, line and column; nothing is lost."""

import io
import itertools
import json
import zipfile

import pytest
from support.reading import read

from report_contract.formatters import FORMATTERS
from report_contract.phases import Phase, Reason
from report_processor import limits

GOOD = '<testsuite name="s"><testcase name="t"/></testsuite>'


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def place(message):
    return message["file"], message["line"], message["column"]


def test_an_empty_file_is_rejected():
    found = read(("empty.xml", b""))
    assert found.file["verdict"] == "rejected"
    assert found.message("empty_file")["file"] == "empty.xml"
    assert (found.phase, found.reason) == (Phase.FAILED, Reason.NO_USABLE_FILE)


def test_a_file_of_white_space_is_empty():
    assert read(("blank.xml", b" \n\t ")).codes == ["empty_file"]


def test_no_file_at_all_is_a_failed_import():
    found = read()
    assert found.phase == Phase.FAILED
    assert found.message("zero_files_matched_formatters")["level"] == "error"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"this is not XML", "plain text"),
        (b"<html><body/></html>", "a web page"),
        (b"<!DOCTYPE html>\n<html>", "a web page"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "a PNG image"),
        (b'{"a": 1}', "JSON with the keys a"),
        (b"<other/>", "XML with the root element <other>"),
        (b'<o:x xmlns:o="urn:o"/>', "XML with the root element <o:x> of the namespace urn:o"),
        (bytes(range(256)), "binary data"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive, which is not unpacked; pack it as zip or tar"),
        (b"bplist00\xd1\1\2", "a binary property list; plutil -convert xml1 makes XML of it"),
        (
            b"=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \ta\t0.01s\n",
            "text of go test; send what go test -json",
        ),
        (b"time: 2026-01-31 12:00:00Z\ntest: a.b\nsuccess: a.b\n", "subunit, version 1; subunit-1to2 makes version 2"),
        (
            b"t/a.t .. ok\nAll tests successful.\nFiles=1, Tests=2,  0 wallclock secs\nResult: PASS\n",
            "a summary of prove",
        ),
        (
            b'{"generator": "Robot 7.4", "generated": "", "rpa": false, "suite": {}}',
            "JSON of Robot Framework; send output.xml",
        ),
        (b'{"_type": {"_name": "ActionsInvocationRecord"}, "actions": {}}', "JSON of xcresulttool; send what xcrun"),
        (b'{"title": "", "testFailures": [], "totalTestCount": 3}', "JSON of xcresulttool; send what xcrun"),
        (b'{"testIdentifier": "A/b()", "testRuns": []}', "JSON of xcresulttool; send what xcrun"),
        (b'{"start": "", "capabilities": {}, "suites": [], "specs": []}', "JSON of WebdriverIO; send what its junit"),
        (b'{"browserName": "electron", "cypressVersion": "13.0.0", "runs": []}', "JSON of Cypress itself; send"),
        (b'{"pytest_version": "8.3.0", "$report_type": "SessionStart"}\n{}', "JSON of pytest-reportlog; send"),
        (b'{"info": {"name": "shop"}, "item": []}', "JSON of a Postman collection, which has no results"),
        (b"Rar!\x1a\x07\1\0", "a RAR archive, which is not unpacked"),
    ],
)
def test_a_file_that_is_no_report_is_an_attachment_and_alone_no_import(content, kind):
    found = read(("some.file", content))
    assert found.file["verdict"] == "attachment"
    assert kind in found.message("files_moved")["message"]
    assert kind in found.message("zero_files_matched_formatters")["message"]
    assert found.phase == Phase.FAILED


def test_beside_a_report_such_a_file_harms_nobody():
    found = read(("a.png", b"\x89PNG"), ("r.xml", GOOD.encode()))
    assert found.phase == Phase.SUCCEEDED
    assert "zero_files_matched_formatters" not in {message["code"] for message in found.summary["messages"]}


def test_the_message_that_a_file_became_an_attachment_can_be_suppressed():
    found = read(("a.png", b"\x89PNG"), ("r.xml", GOOD.encode()), suppress_files_moved=True)
    assert [file["messages"] for file in found.files] == [[], []]


def test_an_import_without_a_usable_file_can_be_wanted():
    found = read(("a.png", b"\x89PNG"), ignore_empty_import=True)
    assert (found.phase, found.reason) == (Phase.SUCCEEDED, Reason.EMPTY_IMPORT)


def test_a_file_of_another_format_than_the_call_names_is_rejected():
    found = read(("o.xml", b"<other/>"), ("a.png", b"\x89PNG"), ("r.xml", GOOD.encode()), formatter="junit")
    assert [file["verdict"] for file in found.files] == ["rejected", "attachment", "parsed"]
    assert "<other>" in found.message("formatter_mismatch")["message"]
    assert found.phase == Phase.PARTIALLY_SUCCEEDED


@pytest.mark.parametrize("formatter", ["", "junit"])
def test_texts_empty_files_and_those_of_a_project_beside_reports_in_an_archive_are_attachments(formatter):
    texts = {"TEST-a.txt": "Tests run: 1", "binary/output.bin": "", "a-attachment.txt": ""}
    project = {"pom.xml": "<project/>", "coverage.xml": '<coverage line-rate="1"/>', "package.json": '{"name": "shop"}'}
    found = read(("reports.zip", zipped({**texts, **project, "TEST-a.xml": GOOD})), formatter=formatter)
    assert [file["verdict"] for file in found.files] == ["attachment"] * 6 + ["parsed"]
    assert found.phase == Phase.SUCCEEDED


def test_reports_that_are_empty_or_of_another_format_are_rejected_in_an_archive_too():
    others = {"a.xml": "", "b.xml": FORMATTERS["nunit"].example, "c.xml": "<testsuit/>"}
    found = read(("reports.zip", zipped({**others, "d.xml": GOOD})), formatter="junit")
    assert [file["verdict"] for file in found.files] == ["rejected"] * 3 + ["parsed"]


def test_what_lies_in_a_folder_that_is_a_report_as_a_whole_belongs_to_it():
    result = {"uuid": "1", "name": "a", "status": "passed", "start": 1, "stop": 2, "attachments": [{"source": "a.txt"}]}
    files = {"1-result.json": json.dumps(result), "a.txt": "log", "history/history.json": "{}", "a.xml": "<a/>"}
    found = read(("allure-results.zip", zipped(files)), formatter="allure")
    assert [file["verdict"] for file in found.files] == ["parsed", *["attachment"] * 3]


def test_detection_is_told_unless_it_is_ignored():
    assert "unspecified_formatter" in {message["code"] for message in read(GOOD).summary["messages"]}
    found = read(GOOD, ignore_unspecified_formatter=True).summary["messages"]
    assert "unspecified_formatter" not in {message["code"] for message in found}
    found = read(GOOD, formatter="junit").summary["messages"]
    assert "unspecified_formatter" not in {message["code"] for message in found}


def test_xml_that_is_cut_keeps_what_stands_before():
    found = read(("cut.xml", b'<testsuite name="s">\n<testcase name="a"/>\n<testcase name="b"><failure mess'))
    assert found.file["verdict"] == "partly_parsed"
    assert place(found.message("truncated_file")) == ("cut.xml", 3, 20)
    assert [(result["title"], result["status"]) for result in found.results] == [("a", "passed"), ("b", "unknown")]
    assert (found.phase, found.reason) == (Phase.PARTIALLY_SUCCEEDED, Reason.SOME_FILES_FAILED)


def test_json_that_is_broken_soon_is_known_all_the_same():
    feature = {"keyword": "Feature", "name": "Shop", "uri": "shop.feature", "elements": []}
    steps = [{"keyword": "Given ", "name": "a till", "result": {"status": "passed"}}]
    text = json.dumps({**feature, "elements": [{"type": "scenario", "name": "buys", "steps": steps}]})
    found = read(f"[{text} {text * 20}]")
    assert (found.file["format"], found.file["verdict"]) == ("cucumber", "partly_parsed")
    assert (found.codes, found.counts["passed"]) == (["malformed"], 1)


def test_a_failure_that_was_begun_before_the_cut_counts():
    found = read('<testsuite name="s"><testcase name="b"><failure message="m">trace')
    assert found.counts["failed"] == 1
    assert found.results[0]["exception_description"] == "m"


def test_xml_that_is_broken_keeps_what_stands_before():
    found = read(("bad.xml", b'<testsuite name="s">\n<testcase name="a"/>\n  <testcase name="<"/></testsuite>'))
    assert place(found.message("malformed")) == ("bad.xml", 3, 19)
    assert found.counts["total"] == 1


def test_a_file_of_which_nothing_can_be_read_is_rejected():
    found = read(("bad.xml", b"<testsuites><<"))
    assert found.file["verdict"] == "rejected"
    assert found.phase == Phase.FAILED


def test_one_bad_file_leaves_the_good_one_alone():
    found = read(("bad.xml", b"<testsuites><<"), ("good.xml", GOOD.encode()))
    assert found.phase == Phase.PARTIALLY_SUCCEEDED
    assert found.counts["total"] == 1


def test_an_entity_bomb_is_read_as_text_at_once():
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 20))
    case = '<testcase name="&e19;">&e19;<failure>&e19;</failure></testcase>'
    bomb = f'<!DOCTYPE t [<!ENTITY e0 "ha">{levels}]>\n<testsuite name="s">{case}</testsuite>'
    found = read(("bomb.xml", bomb.encode()))
    assert found.file["verdict"] == "parsed"
    assert found.results[0]["title"] == "&e19;"
    assert found.results[0]["exception_backtrace"] == "&e19;"
    message = found.message("unknown_entity")
    assert (message["line"], message["column"]) == (2, 37)
    assert "3 times" in message["message"]


def test_an_external_entity_is_never_fetched(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    found = read(
        f'<!DOCTYPE t SYSTEM "{secret.as_uri()}" [<!ENTITY x SYSTEM "{secret.as_uri()}">'
        f'<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]>'
        '<testsuite name="s"><testcase name="t"><failure>&x;</failure></testcase></testsuite>'
    )
    assert found.results[0]["exception_backtrace"] == "&x;"
    assert found.codes == ["unknown_entity"]


def test_the_names_of_html_become_their_characters():
    found = read('<testsuite name="s"><testcase name="a&nbsp;b&eacute;&bogus;"/></testsuite>')
    assert found.results[0]["title"] == "a\u00a0b\u00e9&bogus;"


def test_forbidden_characters_are_replaced_counted_and_placed():
    found = read(
        (
            "colours.xml",
            b'<testsuite name="s">\n<testcase name="t"><failure><![CDATA[a\x1b[31mb\x00]]>&#27;</failure>'
            b"</testcase></testsuite>",
        )
    )
    assert found.results[0]["exception_backtrace"] == "a\ufffd[31mb\ufffd\ufffd"
    message = found.message("replaced_characters")
    assert place(message) == ("colours.xml", 2, 39)
    assert "3 times, the first is U+001B" in message["message"]


def test_what_was_replaced_before_damage_is_told():
    found = read(b'<testsuite name="\x1b"><testcase name="a&nbsp;b"/><testcase name="\xff"/><testcase name="<"/>')
    assert found.codes == ["malformed", "replaced_bytes", "replaced_characters", "unknown_entity"]


@pytest.mark.parametrize("character", ["\x1b", "\ufffe", "\uffff"])
def test_forbidden_characters_are_found_in_long_runs_of_plain_cases(character):
    cases = "".join(f'<testcase name="{n}{character if n == 20 else ""}"/>\n' for n in range(30))
    found = read(f'<testsuite name="s">\n{cases}</testsuite>')
    assert found.results[20]["title"] == "20\ufffd"
    assert place(found.message("replaced_characters")) == ("1.xml", 22, 19)


def test_what_looks_like_a_reference_in_cdata_is_left_alone():
    found = read(
        '<testsuite name="s"><testcase name="t"><failure><![CDATA[&#27;&nbsp;]]></failure></testcase></testsuite>'
    )
    assert found.results[0]["exception_backtrace"] == "&#27;&nbsp;"
    assert found.codes == []


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "iso-8859-1", "shift_jis"]
)
def test_encodings_are_understood_with_a_mark_or_a_declaration(encoding):
    word = "日本" if encoding == "shift_jis" else "Grüße"
    declared = encoding.replace("-sig", "").replace("-le", "").replace("-be", "")
    text = f'<?xml version="1.0" encoding="{declared}"?>\n<testsuite name="s"><testcase name="{word}"/></testsuite>'
    found = read(text.encode(encoding))
    assert found.results[0]["title"] == word
    assert found.codes == []


def test_a_wrong_declaration_is_told_and_the_real_encoding_is_used():
    text = '<?xml version="1.0" encoding="utf-16"?>\n<testsuite name="s"><testcase name="Grüße"/></testsuite>'
    found = read(("net.xml", text.encode()))
    assert found.results[0]["title"] == "Grüße"
    assert found.message("encoding_differs")["line"] == 1


@pytest.mark.parametrize("name", ["klingon", "base64", "unicode_escape", "idna"])
def test_an_encoding_that_is_none_is_told(name):
    text = f'<?xml version="1.0" encoding="{name}"?><testsuite name="s"><testcase name="Grüße"/></testsuite>'
    found = read(text)
    assert found.results[0]["title"] == "Grüße"
    assert found.codes == ["encoding_differs"]


def test_a_byte_order_mark_wins_over_the_declaration():
    text = '<?xml version="1.0" encoding="iso-8859-1"?><testsuite name="s"><testcase name="Grüße"/></testsuite>'
    found = read(text.encode("utf-8-sig"))
    assert found.results[0]["title"] == "Grüße"
    assert found.codes == ["encoding_differs"]


def test_bytes_that_are_no_text_are_replaced_counted_and_placed():
    text = '<testsuite name="s">\n<testcase name="Grüße"/></testsuite>'
    found = read(("latin.xml", text.encode("iso-8859-1")))
    assert found.results[0]["title"] == "Gr\ufffd\ufffde"
    message = found.message("replaced_bytes")
    assert place(message) == ("latin.xml", 2, 19)
    assert "2 times, the first is 0xfc" in message["message"]


def test_a_replacement_character_of_the_file_itself_is_not_counted():
    found = read('<testsuite name="s"><testcase name="\ufffd"/></testsuite>')
    assert found.codes == []


def test_line_ends_of_all_systems_give_the_same_lines():
    text = '<testsuite name="s">\n<testcase name="a"/>\n\n<testcase name="b"/></testsuite>'
    lines = [[result["line"] for result in read(text.replace("\n", end)).results] for end in ("\n", "\r\n", "\r")]
    assert lines == [[2, 4]] * 3


def test_blank_lines_before_the_declaration_do_no_harm():
    assert read(f'\n\n  <?xml version="1.0"?>\n{GOOD}').counts["total"] == 1


def test_a_hundred_thousand_nested_suites_are_flattened():
    deep = 100_000
    pieces = itertools.chain(
        itertools.repeat(b'<testsuite name="s">', deep),
        [b'<testcase name="t"/>'],
        itertools.repeat(b"</testsuite>", deep),
    )
    found = read(("deep.xml", io.BytesIO(b"".join(pieces))))
    assert found.file["verdict"] == "parsed"
    assert found.counts["total"] == 1
    assert len(found.containers) == limits.DEPTH
    message = found.message("depth_flattened")
    assert message["count"] == deep - limits.DEPTH


def test_more_than_that_is_a_limit_that_names_itself():
    found = read(("deep.xml", b'<testsuite name="s">' + b'<testsuite name="s">' * 250_000))
    assert "200000 elements" in found.message("limit_exceeded")["message"]


class Repeated:
    """A stream of a beginning, many times a middle, and an end."""

    def __init__(self, begin: bytes, middle: bytes, times: int, end: bytes) -> None:
        self._parts = itertools.chain([begin], itertools.repeat(middle, times), [end])
        self._left = b""

    def read(self, size: int, /) -> bytes:
        while len(self._left) < size and (part := next(self._parts, None)) is not None:
            self._left += part
        data, self._left = self._left[:size], self._left[size:]
        return data


CHUNK = b"x" * 99_999 + b"\n"


@pytest.mark.parametrize("times", [0, 8, 12, 100])
def test_a_long_attribute_is_cut_and_what_follows_is_read(times):
    stream = Repeated(
        b'<testsuite name="s">\n<testcase classname="',
        CHUNK,
        times,
        b'" name="t"><failure/></testcase><testcase name="u"/></testsuite>',
    )
    found = read(("long.xml", stream))
    assert [(result["title"], result["status"]) for result in found.results] == [("t", "failed"), ("u", "passed")]
    assert [result["line"] for result in found.results] == [2, 2 + times]
    assert ("field_cut" in found.codes) == (times > 0)


def test_several_long_attributes_of_one_tag_are_cut():
    long = "v" * 3_000_000
    found = read(
        f'<testsuite name="s"><testcase a="{long}" b="{long}" name="t" c=\'{long}\'/><testcase name="u"/></testsuite>'
    )
    assert [result["title"] for result in found.results] == ["t", "u"]
    assert found.file["verdict"] == "parsed"


def test_a_tag_that_never_ends_is_a_limit_that_names_itself():
    found = read(
        ("tag.xml", Repeated(b'<testsuite name="s"><testcase name="a"/><testcase', b' a="b"' * 20_000, 100, b""))
    )
    assert found.file["verdict"] == "partly_parsed"
    assert "a tag is longer than" in found.message("limit_exceeded")["message"]


@pytest.mark.parametrize(
    ("begin", "end"),
    [("<!--", "-->"), ("<?pi ", "?>"), ("<!DOCTYPE x [<!ENTITY a '", "'>]>")],
)
def test_a_long_comment_instruction_or_doctype_does_no_harm(begin, end):
    stream = Repeated(begin.encode(), CHUNK, 60, f"{end}{GOOD}".encode())
    found = read(("comment.xml", stream))
    if begin == "<!DOCTYPE x [<!ENTITY a '" or found.file["verdict"] == "attachment":
        # Past the limit of detection nothing shows what the file is.
        assert found.file["verdict"] == "attachment"
        return
    assert found.counts["total"] == 1


@pytest.mark.parametrize(("begin", "end"), [("<!--", "-->"), ("<?pi ", "?>")])
def test_a_long_comment_inside_a_report_does_no_harm(begin, end):
    stream = Repeated(
        f'<testsuite name="s">{begin}'.encode(), CHUNK, 60, f'{end}<testcase name="t"/></testsuite>'.encode()
    )
    found = read(("comment.xml", stream))
    assert found.file["verdict"] == "parsed"
    assert found.results[0]["line"] == 61


def test_a_hundred_thousand_complaints_are_one_message_with_the_right_count():
    found = read(f'<testsuite name="s">\n{"<odd/>" * 100_000}<testcase name="t"/></testsuite>')
    message = found.message("unknown_element")
    assert (message["count"], message["line"], message["column"]) == (100_000, 2, 1)
