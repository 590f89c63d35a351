"""GoogleTest's JSON: what the fixtures do not show."""

import json
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import read_both_ways

from report_processor.formats.googletest import GoogleTestJsonParser

JUNIT = Path(__file__).parents[3] / "fixtures/junit/googletest/outcomes.xml"
HEAD = {"tests": 1, "failures": 0, "disabled": 0, "errors": 0, "name": "AllTests"}


def run(*tests, **more):
    return read(json.dumps({**HEAD, "testsuites": [{"name": "s", "testsuite": list(tests)}], **more}))


def only(**test):
    (result,) = run({"name": "t", "status": "RUN", "result": "COMPLETED", **test}).results
    return result


@pytest.mark.parametrize(
    ("test", "status"),
    [
        ({}, "passed"),
        ({"failures": [{"failure": "no"}]}, "failed"),
        ({"failures": ["no"]}, "failed"),
        ({"failures": []}, "passed"),
        ({"result": "SKIPPED"}, "skipped"),
        ({"result": "SUPPRESSED", "status": "NOTRUN"}, "skipped"),
        ({"result": ""}, "passed"),
        ({"result": "", "status": ""}, "unknown"),
        ({"result": "GREAT"}, "unknown"),
    ],
)
def test_each_outcome_has_its_status(test, status):
    assert only(**test)["status"] == status


def test_the_reason_for_skipping_of_newer_versions_is_kept():
    result = only(result="SKIPPED", skipped=[{"message": "a.cc:3\nneeds a printer"}])
    assert "needs a printer" in result["exception_description"]


def test_text_that_is_right_is_not_mended():
    assert only(name="Gr\u00fc\u00dfe \u00fc")["title"] == "Gr\u00fc\u00dfe \u00fc"
    assert only(name="Gr\u00fc\u00dfe".encode().decode("latin-1"))["title"] == "Gr\u00fc\u00dfe"


def test_the_name_of_a_suite_may_stand_behind_its_tests():
    suite = {"testsuite": [{"name": "t", "status": "RUN", "result": "COMPLETED"}], "name": "late"}
    found = read(json.dumps({**HEAD, "testsuites": [suite]}))
    assert found.path(found.results[0]) == ["late"]


def test_a_missing_comma_is_mended_between_suites_and_not_in_texts():
    odd = '{"name": "t", "status": "RUN", "result": "COMPLETED", "x": "a\\n    }    {"}'
    suites = f'{{\n "name": "a", "testsuite": [{odd}]\n    }}    {{"name": "b", "testsuite": [{odd}]}}'
    text = json.dumps(HEAD).replace("}", f', "testsuites": [{suites}]}}').replace('"tests": 1', '"tests": 2')
    for size in (1, 5, 1000):
        found = read(("x", Trickle(text.encode(), size)), formatter="googletest")
        assert [(found.path(row), row["labels"]) for row in found.results] == [
            (["a"], [("x", "a\n    }    {")]),
            (["b"], [("x", "a\n    }    {")]),
        ]
        assert found.codes == []


def test_counts_are_those_of_the_tests_and_a_difference_is_told():
    assert run(tests=7).message("suite_count_differs")["message"].count("tests of all: 7, but there are 0")


def test_its_xml_is_junit_unless_googletest_is_named():
    xml = JUNIT.read_bytes()
    detected, named = read(xml), read(xml, formatter="googletest")
    assert (detected.file["format"], named.file["format"]) == ("junit", "googletest")
    assert named.counts == detected.counts
    assert [row["title"] for row in named.results] == [row["title"] for row in detected.results]


def test_a_file_of_another_kind_is_refused_when_googletest_is_named():
    assert read("<events/>", formatter="googletest").file["verdict"] == "rejected"
    assert read('{"stats": {}}', formatter="googletest").file["verdict"] == "rejected"


latin = "".join(map(chr, range(0x80, 0x100)))  # might be bytes of UTF-8, and be mended
letters = st.characters(exclude_categories=["Cc", "Cs", "Cn"], exclude_characters=latin)
word = st.text(letters, min_size=1, max_size=8)
name = word.filter(lambda text: not text.isspace())
test = st.tuples(name, st.lists(word, max_size=2), st.booleans(), st.integers(0, 10**6))


def written(suites):
    found = []
    for title, tests in suites:
        cases = []
        for test_name, failures, skipped, millis in tests:
            case = {"name": test_name, "status": "RUN", "result": "SKIPPED" if skipped else "COMPLETED"}
            case |= {"time": f"{millis / 1000}s", "classname": title}
            if failures:
                case["failures"] = [{"failure": f"a.cc:1\n{failure}", "type": ""} for failure in failures]
            cases.append(case)
        found.append({"name": title, "tests": len(tests), "testsuite": cases})
    return json.dumps({**HEAD, "tests": sum(len(tests) for _, tests in suites), "testsuites": found}, indent=2)


@given(
    st.lists(st.tuples(name, st.lists(test, max_size=4, unique_by=lambda one: one[0])), max_size=4), st.integers(1, 300)
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_and_read_back_is_equal(suites, size):
    found = read(("x", Trickle(written(suites).encode(), size)), formatter="googletest")
    seen = [
        (found.path(row), row["title"], row["status"], row["duration"], row["exception_description"])
        for row in found.results
    ]
    assert seen == [
        (
            [title],
            test_name,
            "failed" if failures else "skipped" if skipped else "passed",
            millis / 1000,
            "\n".join(failures),
        )
        for title, tests in suites
        for test_name, failures, skipped, millis in tests
    ]


def case(number, **more):
    return {
        "name": f"t{number}",
        "file": "a.cc",
        "line": number,
        "status": "RUN",
        "result": "COMPLETED",
        "timestamp": "2026-11-24T15:08:54Z",
        "time": f"0.{number:03}s",
        "classname": "s",
        **more,
    }


def document(*tests):
    return json.dumps({**HEAD, "tests": len(tests), "testsuites": [{"name": "s", "testsuite": list(tests)}]}, indent=2)


def test_the_usual_tests_are_skimmed():
    text = document(*map(case, range(40)))
    parser = GoogleTestJsonParser()
    with mock.patch.object(parser, "item", wraps=parser.item) as item:
        parser.feed(text)
        parser.close()
    assert item.call_count <= 2
    found = read_both_ways(text, "googletest")
    assert [row["title"] for row in found.results] == [f"t{number}" for number in range(40)]
    assert (found.results[-1]["duration"], found.results[-1]["classification"]) == (0.039, "s")
    assert found.results[-1]["labels"] == [("file", "a.cc"), ("line", "39")]
    assert found.codes == []


@pytest.mark.parametrize(
    "more",
    [
        {"failures": [{"failure": "a.cc:1\nno", "type": ""}]},
        {"failures": []},
        {"skipped": [{"message": "why"}]},
        {"assets": []},
        {"result": "SKIPPED"},
        {"result": ""},
        {"result": None},
        {"status": "NOTRUN"},
        {"status": 1},
        {"name": ""},
        {"name": " "},
        {"name": " x"},
        {"name": 7},
        {"name": None},
        {"name": 'a\n"b"'},
        {"name": "\u00c3\u00bc"},
        {"name": "x" * 9_000},
        {"classname": ""},
        {"classname": 7},
        {"classname": None},
        {"classname": "x" * 7_000},
        {"time": "1,5s"},
        {"time": "0.5"},
        {"time": "s"},
        {"time": "soon"},
        {"time": 1.5},
        {"time": None},
        {"timestamp": None},
        {"timestamp": '\u00e9 "\n'},
        {"line": 1.50},
        {"line": -0.0},
        {"line": True},
        {"line": None},
        {"line": "12"},
        {"file": ""},
        {"file": "a\\b.cc"},
        {"file": "x" * 20_000},
        {"file": ["a"]},
        {"file": {}},
        {"own": "property"},
        {"\u00fc": "property"},
        {"o" * 2_000: "property"},
        {f"own{number}": "x" for number in range(600)},
    ],
)
def test_an_odd_test_is_the_same_with_and_without_skimming(more):
    odd = [case(100 + number, **more) for number in range(8)]
    usual = list(map(case, range(20)))
    read_both_ways(document(*usual[:8], *odd[:4], *usual[8:10], odd[4], *usual[10:], *odd[5:]), "googletest")


def test_what_an_environment_records_is_no_alarm():
    recorded = '"tests": 0, "failures": 0, "disabled": 0, "random_seed": 7, "global": "g", "testsuites": []'
    assert read(f"{{{recorded}}}").codes == ["no_tests"]
    assert read(f'{{"odd": {{}}, {recorded}}}').codes == ["no_tests", "unknown_element"]
