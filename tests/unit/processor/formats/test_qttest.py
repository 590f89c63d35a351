"""Qt Test's XML: what the fixtures do not show."""

from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import skimmed


def run(*functions):
    return read(f'<TestCase name="T">{"".join(functions)}</TestCase>', "qttest")


def function(*entries, name="f", msecs="1500"):
    return f'<TestFunction name="{name}">{"".join(entries)}<Duration msecs="{msecs}"/></TestFunction>'


def incident(kind, tag="", text=""):
    return f'<Incident type="{kind}" file="a.cpp" line="3">{inside(tag, text)}</Incident>'


def message(kind, tag="", text=""):
    return f'<Message type="{kind}" file="" line="0">{inside(tag, text)}</Message>'


def inside(tag, text):
    tag = f"<DataTag><![CDATA[{tag}]]></DataTag>" if tag else ""
    return tag + (f"<Description><![CDATA[{text}]]></Description>" if text else "")


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([incident("pass")], "passed"),
        ([incident("fail")], "failed"),
        ([incident("xpass")], "failed"),
        ([incident("xfail"), incident("pass")], "passed"),
        ([incident("xfail"), incident("fail")], "failed"),
        ([incident("skip")], "skipped"),
        ([message("skip")], "skipped"),
        ([incident("bpass")], "passed"),
        ([incident("bfail")], "skipped"),
        ([incident("bxpass")], "skipped"),
        ([incident("bxfail")], "passed"),
        ([message("qfatal"), incident("fail")], "broken"),
        ([message("qfatal")], "broken"),
        ([incident("??????")], "unknown"),
        ([message("qdebug")], "unknown"),
        ([], "unknown"),
    ],
)
def test_each_incident_has_its_status(entries, status):
    (result,) = run(function(*entries)).results
    assert (result["status"], result["duration"]) == (status, 1.5)


def test_several_failures_of_one_function_are_one_result():
    (result,) = run(function(incident("fail", text="first"), incident("fail", text="second"))).results
    assert result["exception_description"] == "first\nsecond"


def test_rows_with_the_same_tag_are_results_of_their_own():
    found = run(function(incident("pass", "a"), incident("pass", "a"), incident("fail", "a")))
    assert [row["status"] for row in found.results] == ["passed", "passed", "failed"]


def test_messages_belong_to_the_row_that_they_name():
    found = run(function(incident("pass", "a"), message("qdebug", "b", "hint"), incident("pass", "b")))
    assert [(row["title"], row["exception_backtrace"]) for row in found.results] == [
        ("f(a)", ""),
        ("f(b)", "qdebug: hint"),
    ]


def test_a_function_that_the_file_breaks_off_in_is_no_pass():
    found = read('<TestCase name="T"><Environment><QtVersion>6</QtVersion></Environment><TestFunction name="f">')
    assert [(row["title"], row["status"]) for row in found.results] == [("f", "unknown")]


def test_the_test_case_of_another_tool_is_not_taken_for_qt_s():
    assert read('<TestCase name="t"><Result>pass</Result></TestCase>').file["format"] != "qttest"


word = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=8)
name = word.filter(lambda text: not text.isspace())
STATUS = {"pass": "passed", "fail": "failed", "xpass": "failed", "skip": "skipped"}
row = st.tuples(word.filter(lambda text: "]]>" not in text), st.sampled_from(sorted(STATUS)))
functions = st.tuples(name, st.lists(row, min_size=1, max_size=4, unique_by=lambda one: one[0]), st.booleans())


@given(st.lists(functions, max_size=4, unique_by=lambda one: one[0]), st.integers(1, 300))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_and_read_back_is_equal(found_functions, size):
    body, expected = "", []
    for title, some, data in found_functions:
        rows = some if data else [("", some[0][1])]
        entries = "".join(incident(kind, tag) for tag, kind in rows)
        body += f'<TestFunction name={quoteattr(title)}>{entries}<Duration msecs="250"/></TestFunction>'
        time = 0.25 if len(rows) == 1 else None
        expected += [(f"{title}({tag})" if tag else title, STATUS[kind], time) for tag, kind in rows]
    document = f'<TestCase name="T"><Environment><QtVersion>6</QtVersion></Environment>{body}</TestCase>'
    found = read(("x", Trickle(document.encode(), size)))
    assert [(one["title"], one["status"], one["duration"]) for one in found.results] == expected


PASS = '<Incident type="pass" file="" line="0" />'


def test_usual_functions_are_skimmed():
    functions = [function(PASS, name=f"f{number}", msecs=f"0.{number}") for number in range(50)]
    assert skimmed(f'<TestCase name="T">{"".join(functions)}</TestCase>', "qttest") >= 45


@pytest.mark.parametrize(
    "odd",
    [
        function(PASS, name=""),
        function(PASS, name=" f"),
        function(PASS, name="a&lt;b"),
        function(PASS, name="f" * 9_000),
        function(PASS, msecs=""),
        function(PASS, msecs="-1"),
        function(incident("pass", "row")),
        function(PASS, PASS),
        function(PASS, message("qdebug", text="hello")),
        function(incident("bpass")),
        function(),
    ],
)
def test_functions_with_something_to_tell_are_not(odd):
    usual = [function(PASS, name=f"f{number}") for number in range(5)]
    functions = "".join([*usual, odd, *usual, odd, odd])
    assert skimmed(f'<TestCase name="T">{functions}</TestCase>', "qttest") <= 10


def test_a_benchmark_belongs_to_its_row_though_it_leaves_out_the_global_tag():
    found = read(
        '<TestCase name="T"><TestFunction name="f"><Incident type="pass"><DataTag>all:one</DataTag></Incident>'
        '<BenchmarkResult metric="walltime" tag="one" value="3" iterations="1"/></TestFunction></TestCase>'
    )
    assert [(row["title"], row["status"]) for row in found.results] == [("f(all:one)", "passed")]
    assert "walltime: 3" in found.results[0]["description"]
