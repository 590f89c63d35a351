"""Mocha's own JSON: what the fixtures do not show."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.detect import Head
from report_processor.formats.mocha import FORMAT, recognise


def case(title="signs in", suite="login", **more):
    return {
        "title": title,
        "fullTitle": f"{suite} {title}".strip(),
        "file": "/a.js",
        "duration": 250,
        "err": {},
        **more,
    }


def document(passes=(), failures=(), pending=(), **more):
    return {
        "stats": {
            "suites": 1,
            "tests": 1,
            "passes": len(passes),
            "pending": len(pending),
            "failures": len(failures),
        },
        "tests": [*passes, *failures, *pending],
        "pending": pending,
        "failures": failures,
        "passes": passes,
        **more,
    }


def imported(*arguments, **more):
    return read(json.dumps(document(*arguments, **more)), formatter="mocha")


def streamed(*lines):
    start, end = '["start",{"total":3}]\n', '["end",{"suites":1,"tests":1,"passes":%d,"pending":0,"failures":%d}]\n'
    kinds = [line[0] for line in lines if isinstance(line, list)]
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    return read(start + text + end % (kinds.count("pass"), kinds.count("fail")), formatter="mocha")


def seen(found):
    return [(*found.path(row), row["title"], row["status"]) for row in found.results]


def test_the_example_is_recognised_and_read():
    assert recognise(Head(FORMAT.example)) == "keys stats, tests, pending, failures, passes"
    assert seen(read(FORMAT.example)) == [("login", "signs out", "failed"), ("login", "signs in", "passed")]


@pytest.mark.parametrize(
    "text",
    [
        '{"stats": {"suites": 1, "tests": 1, "passes": 1, "failures": 0, "passPercent": 1}, "results": []}',
        '{"stats": {"tests": 1}, "tests": []}',
        '{"tests": [], "passes": [], "failures": []}',
        '["start", {"x": 1}]',
        '["pass", {"title": "x"}]',
        "[]",
        "start",
    ],
)
def test_other_json_is_not_mochas(text):
    assert recognise(Head(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"stats": {"suites": 1, "tests": 1, "passes": 1, "failures": 0}, "tests": [{"tit',
        '["start",{"total":19}]\n["pa',
    ],
)
def test_the_beginning_is_enough(text):
    assert recognise(Head(text, whole=False))


def test_parts_of_a_suite_are_one_container():
    found = imported([case(), case("b", "other")], [case("c", err={"message": "no"})], [case("d")])
    assert [one["title"] for one in found.containers] == ["login", "other"]
    assert found.containers[0]["counts"][:4] == [1, 1, 0, 1]


def test_hooks_and_timeouts_are_broken():
    found = imported(
        [],
        [
            case('"after all" hook in "login"', err={"message": "no"}),
            case("b", err={"code": "ERR_MOCHA_TIMEOUT", "message": "slow"}),
            case("c", err={"message": "Timeout of 5ms exceeded. For async tests and hooks, ensure"}),
            case("d", err="just a text"),
        ],
    )
    assert [row["status"] for row in found.results] == ["broken", "broken", "broken", "failed"]
    assert found.results[3]["exception_description"] == "just a text"


def test_a_pass_with_an_error_that_is_nowhere_among_the_failures_is_no_pass():
    assert seen(imported([case(err={"message": "no"})])) == [("login", "signs in", "failed")]


@pytest.mark.parametrize(
    ("retries", "attempts"), [(0, 0), (1, 2), (99, 100), (100, 0), (-1, 0), ("x", 0), (1e400, 0), (True, 0)]
)
def test_retries_are_attempts(retries, attempts):
    (row,) = imported([case(currentRetry=retries)]).results
    assert (len(row["attempts"]), row["flaky"]) == (attempts, attempts > 0)


def test_a_summary_that_differs_is_noted():
    stats = {"suites": 1, "tests": 3, "passes": 3, "pending": 0, "failures": 0}
    assert imported([case()], stats=stats).codes == ["suite_count_differs"]


def test_a_stream_is_read_line_by_line():
    found = streamed(
        ["pass", case()], "printed [by] a test", ["fail", case("b", err="no", stack="TypeError: no\n    at x")]
    )
    assert seen(found) == [("login", "signs in", "passed"), ("login", "b", "failed")]
    assert found.results[1]["exception_name"] == "TypeError"
    assert found.codes == []


def test_what_tests_print_into_a_stream_is_no_element():
    lines = ['["start",{"total":1}]', "hello", '{"level": 30}', "[1, 2]", '["pass",{"title":"a","fullTitle":"s a"}]']
    found = read("\n".join([*lines, '["end",{"passes":1,"failures":0,"pending":0}]']))
    assert (found.counts["total"], found.codes) == (1, [])


def test_a_stream_without_an_end_was_cut():
    found = read('["start",{"total":2}]\n' + json.dumps(["pass", case()]) + "\n", formatter="mocha")
    assert (found.file["verdict"], found.codes, len(found.results)) == ("partly_parsed", ["truncated_file"], 1)


VALUES = [1, "x", [], None, {}, [1, None, "x", [], {}], True]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", ["title", "fullTitle", "file", "duration", "currentRetry", "err", "stack"])
def test_any_value_at_any_place_is_survived(key, value):
    test = {**case(), key: value}
    assert imported([test], [test], [test]).file["verdict"] == "parsed"
    assert streamed(
        ["pass", test], ["fail", test], ["end", {key: value, "start": value}], [value, value], [[], {}]
    ).files


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", ["stats", "tests", "passes", "failures", "pending"])
def test_any_value_in_place_of_an_array_is_survived(key, value):
    found = read(json.dumps({**document([case()]), key: value}), formatter="mocha")
    assert found.file["verdict"] in {"parsed", "rejected", "partly_parsed"}


text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)
tests = st.lists(st.tuples(text, text, st.integers(0, 10**7)), max_size=8, unique_by=lambda one: one[:2])


@given(tests, st.sets(st.integers(0, 7)), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_and_read_back_is_equal(model, failed, size):
    passes, failures = [], []
    for number, (suite, title, spent) in enumerate(model):
        test = {"title": title, "fullTitle": f"{suite} {title}", "duration": spent}
        (failures if number in failed else passes).append(test)
    stream = [["fail", test] for test in failures] + [["pass", test] for test in passes]
    end = ["end", {"passes": len(passes), "failures": len(failures), "pending": 0}]
    wanted = sorted(
        (suite, title, "failed" if number in failed else "passed", spent / 1000)
        for number, (suite, title, spent) in enumerate(model)
    )
    lines = "\n".join(json.dumps(line) for line in [["start", {"total": 0}], *stream, end])
    for written in (json.dumps(document(passes, failures)), lines):
        found = read(("r", Trickle(written.encode(), size)), formatter="mocha")
        assert wanted == sorted(
            (*found.path(row), row["title"], row["status"], row["duration"]) for row in found.results
        )
