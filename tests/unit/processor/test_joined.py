"""What follows the root element: padding, another document, or what has no place there."""

import pytest
from support.reading import Trickle, read

ONE = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="s"><testcase name="a"/></testsuite>\n'
OTHER = """<?xml version="1.0"?>
<testsuites>
 <testsuite name="t"><testcase name="b"><failure/></testcase></testsuite></testsuites>"""


@pytest.mark.parametrize("between", ["", "\n\n", "\ufeff", "<!-- and -->\n", "<!DOCTYPE testsuites>", "\0\0"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_documents_that_were_joined_are_all_read_with_their_places(between, size):
    text = ONE + between + OTHER + "\n" + ONE
    found = read(("joined.xml", Trickle(text.encode(), size)))
    assert found.file["verdict"] == "parsed"
    assert [(found.path(result), result["title"]) for result in found.results] == [
        (["s"], "a"),
        (["t"], "b"),
        (["s"], "a"),
    ]
    first, second = 2, text[: text.index('<testcase name="b"')].count("\n") + 1
    assert [result["line"] for result in found.results] == [first, second, second + 2]


def test_columns_are_right_in_a_document_that_begins_in_the_middle_of_a_line():
    found = read('<testsuite name="s"/> <testsuite name="t"><testcase name=""/></testsuite>')
    assert found.message("missing_name")["column"] == 43


def test_long_runs_in_joined_documents_are_skimmed_alike():
    cases = "".join(f'<testcase name="t{n}"/>\n' for n in range(50))
    one = f'<testsuite name="s">\n{cases}</testsuite>\n'
    found = read(one * 3)
    assert [result["line"] for result in found.results] == [2 + n + 52 * k for k in range(3) for n in range(50)]


@pytest.mark.parametrize("padding", ["\0" * 10, "\n \t", "\0" * 300_000, " \0\n\0 "])
@pytest.mark.parametrize("size", [1000, 1_000_000])
def test_padding_behind_a_report_leaves_it_intact(padding, size):
    found = read(("r.xml", Trickle((ONE + padding).encode(), size)))
    assert found.file["verdict"] == "parsed"
    assert found.codes == (["replaced_characters"] if "\0" in padding else [])


@pytest.mark.parametrize("junk", ["</testsuites>", "<other/>", "&amp;", "<![CDATA[x]]>"])
@pytest.mark.parametrize("size", [1, 100_000])
def test_anything_else_behind_a_report_is_told_with_its_place(junk, size):
    found = read(("r.xml", Trickle((ONE + junk).encode(), size)))
    assert found.file["verdict"] == "partly_parsed"
    assert found.counts["total"] == 1
    message = found.message("malformed")
    assert "something follows the root element" in message["message"]
    assert message["line"] == 3


@pytest.mark.parametrize(
    "log", ["x", "npm ERR! Test failed.\n", "one\n<s> [webpack] a > b\n\n  <three>\n", "long " * 30_000, "l\n" * 999]
)
@pytest.mark.parametrize("size", [1, 997, 100_000])
def test_what_a_build_printed_behind_a_report_is_skipped(log, size):
    if size == 1:
        log = log[:2000]
    found = read(("r.xml", Trickle((ONE + "\n" + log).encode(), size)))
    assert (found.file["verdict"], found.counts["total"], found.codes) == ("parsed", 1, ["text_around_report"])
    message = found.message("text_around_report")
    assert (message["line"], message["column"], message["count"]) == (4, 1, 1)


@pytest.mark.parametrize("log", ["Running B...\n", "a\n<b> c\n  ", "[INFO] " + "-" * 200 + "\n" * 3])
@pytest.mark.parametrize("size", [1, 50, 100_000])
def test_a_document_behind_such_a_text_is_read_with_its_places(log, size):
    text = ONE + log + OTHER + "\n" + log + ONE.replace('"s"', '"z"')
    found = read(("r.xml", Trickle(text.encode(), size)))
    assert (found.file["verdict"], found.codes) == ("parsed", ["text_around_report"])
    first, second = 2, text[: text.index('<testcase name="b"')].count("\n") + 1
    assert [(result["title"], result["line"]) for result in found.results] == [
        ("a", first),
        ("b", second),
        ("a", second + log.count("\n") + 2),
    ]


def test_a_second_document_that_is_cut_keeps_what_stands_before():
    found = read(ONE + '<testsuite name="t"><testcase name="b"/><testcase')
    assert found.file["verdict"] == "partly_parsed"
    assert [result["title"] for result in found.results] == ["a", "b"]
    assert found.codes == ["truncated_file"]
