"""pytest-json-report: what the fixtures do not show."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read, read_apart

from report_processor.detect import Head
from report_processor.events import SYSTEM
from report_processor.formats.pytest_json_report import PytestJsonReportParser, recognise
from report_processor.formats.pytest_json_report.node import parts_of
from report_processor.formats.pytest_json_report.stages import reason_of


def report(*tests, **more):
    summary = {"total": len(tests), "collected": len(tests)}
    head = {"created": 1769860800.5, "duration": 1.5, "exitcode": 0, "root": "/project", "environment": {}}
    return json.dumps({**head, "summary": summary, "tests": list(tests), **more})


def case(nodeid="test_a.py::test_a", outcome="passed", **more):
    stage = {"duration": 0.25, "outcome": "passed"}
    return {"nodeid": nodeid, "lineno": 1, "outcome": outcome, "setup": stage, "call": stage, "teardown": stage, **more}


def stage(outcome="failed", **more):
    return {"duration": 0.25, "outcome": outcome, **more}


def only(*tests, **more):
    (row,) = (found := read(report(*tests, **more))).results
    return row, found


@pytest.mark.parametrize(
    ("nodeid", "parts"),
    [
        ("a/test_b.py::TestC::TestD::test_e[x]", ["a/test_b.py", "TestC", "TestD", "test_e[x]"]),
        ("test_b.py::test_e[x::y[z]]", ["test_b.py", "test_e[x::y[z]]"]),
        ("a[b]/test_b.py::test_e[x]", ["a[b]/test_b.py", "test_e[x]"]),
        ("README.md::README.md", ["README.md", "README.md"]),
        ("test_b.py", ["test_b.py"]),
        ("", [""]),
    ],
)
def test_a_node_id_is_taken_apart_but_for_its_parameters(nodeid, parts):
    assert parts_of(nodeid) == parts


@pytest.mark.parametrize("word", ["great", "", None, 7, {}, "subtests passed"])
def test_a_word_that_is_not_known_is_never_a_pass(word):
    row, found = only(case(outcome=word))
    assert row["status"] == "unknown"
    assert found.codes == ["unknown_status"]


def test_passed_without_any_stage_is_no_pass():
    row, found = only({"nodeid": "test_a.py::test_a", "outcome": "passed"})
    assert row["status"] == "unknown"
    assert found.codes == ["unknown_status"]


def test_a_rerun_whose_last_attempt_failed_has_failed():
    row, _ = only(case(outcome="rerun", call=stage()))
    assert (row["status"], row["flaky"]) == ("failed", False)


def test_the_duration_is_the_sum_of_the_stages():
    row, _ = only(case())
    assert row["duration"] == 0.75


def test_an_odd_duration_costs_that_stage_only():
    row, found = only(case(call=stage("passed") | {"duration": -1}))
    assert row["duration"] == 0.5
    assert found.codes == ["invalid_duration"]


def test_parameters_with_the_separator_stay_in_the_title():
    found = read(report(case("a.py::A::t[x]"), case("a.py::A::t[y::z]"), case("a.py::t"), case("a.py::A::t[w]")))
    assert [(found.path(row), row["title"]) for row in found.results] == [
        (["a.py", "A"], "t[x]"),
        (["a.py", "A"], "t[y::z]"),
        (["a.py"], "t"),
        (["a.py", "A"], "t[w]"),
    ]


def test_only_markers_of_the_keywords_become_labels():
    keywords = ["test_a[x]", "parametrize", "pytestmark", "x", "slow", "TestA", "test_a.py", "tests", "project", "", 7]
    row, _ = only(case("tests/test_a.py::TestA::test_a[x]", keywords=keywords))
    assert row["labels"] == [("marker", "slow")]


def test_environment_is_the_system():
    document = report(case(), environment={"Python": "3.13.1", "Platform": "Linux-6.8-x86_64"})
    events = PytestJsonReportParser().feed(document)
    assert [event[1:] for event in events if event[0] == SYSTEM] == [("Linux-6.8-x86_64", "Python 3.13.1", "")]


def test_members_that_nobody_knows_become_labels():
    row, _ = only(case(browser="firefox"))
    assert row["labels"] == [("browser", "firefox")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("('/a/b.py', 12, 'Skipped: needs a printer')", "needs a printer"),
        ('("/a/b.py", 12, "Skipped: it\'s late")', "it's late"),
        ("unconditional skip", "unconditional skip"),
    ],
)
def test_the_reason_of_a_skip_is_read_out_of_a_tuple(text, reason):
    assert reason_of(text) == reason


def test_a_traceback_stands_in_for_a_longrepr():
    crash = {"path": "a.py", "lineno": 3, "message": "KeyError: 'x'"}
    traced = [{"path": "a.py", "lineno": 1, "message": ""}, {"path": "b.py", "lineno": 3, "message": "KeyError"}]
    row, _ = only(case(outcome="failed", call=stage(crash=crash, traceback=traced)))
    assert (row["exception_name"], row["exception_backtrace"]) == ("KeyError", "a.py:1: \nb.py:3: KeyError")


@pytest.mark.parametrize("text", ['{"exitcode": 0, "root": "/x"}', '{"created": 1, "duration": 2}', "[]"])
def test_what_is_not_of_the_plugin_is_not_recognised(text):
    assert recognise(Head(text)) is None


name = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=":["), min_size=1, max_size=12)
name = name.filter(str.strip)
parameters = st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
rows = st.lists(
    st.tuples(
        name, st.lists(name, max_size=3), name, parameters, st.sampled_from(["passed", "failed", "error", "skipped"])
    ),
    max_size=12,
)
STATUS = {"error": "broken"}


@given(rows, st.integers(1, 400))
@settings(deadline=None)
def test_any_report_written_as_pytest_json_and_read_back_is_equal(chosen, size):
    cases, expected = [], []
    for file, classes, test, parameter, word in chosen:
        title = test if parameter is None else f"{test}[{parameter}]"
        cases.append(case("::".join([file, *classes, title]), word))
        expected.append(([file, *classes], title, STATUS.get(word, word), 0.75))
    found = read_apart(("r.json", Trickle(report(*cases).encode(), size)))
    assert [(found.path(row), row["title"], row["status"], row["duration"]) for row in found.results] == expected
