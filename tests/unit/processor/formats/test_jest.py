"""Jest and Vitest: what the fixtures do not show."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read, read_apart

from report_processor.checkout import title_of_path
from report_processor.detect import Head
from report_processor.events import FAILED, PASSED
from report_processor.formats.jest import recognise
from report_processor.parsing.js_error import parts_of_error


def report(*files, **more):
    return json.dumps(
        {
            "numTotalTests": sum(len(file["assertionResults"]) for file in files),
            **more,
            "numTotalTestSuites": len(files),
            "testResults": list(files),
        }
    )


def file(*tests, name="a.test.js", status="passed", message=""):
    return {"assertionResults": list(tests), "message": message, "name": name, "status": status}


def case(title="works", status="passed", suites=(), **more):
    return {"ancestorTitles": list(suites), "title": title, "status": status, "failureMessages": [], **more}


@pytest.mark.parametrize(
    ("word", "status"),
    [("pending", "skipped"), ("skipped", "skipped"), ("disabled", "skipped"), ("todo", "skipped")],
)
def test_words_for_tests_that_did_not_run(word, status):
    (row,) = (found := read(report(file(case(status=word))))).results
    assert row["status"] == status
    assert not found.codes


@pytest.mark.parametrize("word", ["focused", "great", "", None, 7, ["passed"]])
def test_a_word_that_is_not_known_is_never_a_pass(word):
    (row,) = (found := read(report(file(case(status=word))))).results
    assert row["status"] == "unknown"
    assert found.codes == ["unknown_status"]


def test_tests_with_the_same_suites_share_containers_and_other_suites_get_their_own():
    tests = [case("1", suites="AB"), case("2", suites="AB"), case("3", suites="A"), case("4", suites="AC"), case("5")]
    found = read(report(file(*tests)))
    assert [container["title"] for container in found.containers] == ["a.test.js", "A", "B", "C"]
    assert [found.path(row)[1:] for row in found.results] == [["A", "B"], ["A", "B"], ["A"], ["A", "C"], []]


def test_a_file_is_named_after_its_tests_or_before_them():
    first = {"name": "z.test.js", "assertionResults": [case()]}
    found = read(report(file(case()), first))
    assert [found.path(row) for row in found.results] == [["a.test.js"], ["z.test.js"]]


def test_the_errors_before_each_retry_are_the_attempts():
    test = case(invocations=3, retryReasons=["Error: one\n    at a.js:1", "Error: two"])
    (row,) = read(report(file(test))).results
    assert [(attempt[0], attempt[3]) for attempt in row["attempts"]] == [(FAILED, "one"), (FAILED, "two"), (PASSED, "")]
    assert row["flaky"]


def test_a_number_of_invocations_that_nobody_believes_is_bounded():
    (row,) = read(report(file(case(invocations=10**9)))).results
    assert len(row["attempts"]) <= 100


def test_a_count_that_differs_is_told():
    found = read(report(file(case()), numTotalTests=2))
    assert found.codes == ["suite_count_differs"]


def test_a_file_that_failed_while_its_tests_failed_too_gets_no_result_of_its_own():
    found = read(report(file(case(status="failed"), status="failed", message="  ● works\n\n    oh")))
    assert [row["title"] for row in found.results] == ["works"]


def test_members_that_nobody_knows_become_labels():
    (row,) = read(report(file(case(browser="firefox")))).results
    assert row["labels"] == [("browser", "firefox")]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/home/runner/work/shop/shop/src/a.test.ts", "src/a.test.ts"),
        ("D:\\a\\shop\\shop\\src\\a.test.ts", "src/a.test.ts"),
        ("/home/gitlab-runner/builds/t3_x/0/group/shop/src/a.test.ts", "src/a.test.ts"),
        ("/var/lib/jenkins/workspace/shop@2/src/a.test.ts", "src/a.test.ts"),
        ("/home/me/src/shop/src/a.test.ts", "/home/me/src/shop/src/a.test.ts"),
        ("C:\\shop\\a.test.ts", "C:/shop/a.test.ts"),
        ("src/a.test.ts", "src/a.test.ts"),
        ("/home/runner/work/shop/shop/", "/home/runner/work/shop/shop/"),
    ],
)
def test_only_known_checkout_folders_are_cut_from_paths(path, title):
    assert title_of_path(path) == title


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("TypeError: no\n    at a.js:1:2", ("TypeError", "no", "    at a.js:1:2")),
        ("AssertionError [ERR_ASSERTION]: 1 == 2", ("AssertionError", "1 == 2", "")),
        ("Error: no\n\n  1 | code\n\n    at a.js:1", ("Error", "no", "  1 | code\n\n    at a.js:1")),
        ("look at this: no error", ("", "look at this: no error", "")),
        ("", ("", "", "")),
    ],
)
def test_an_error_is_taken_apart(text, parts):
    assert parts_of_error(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        '{"stats": {"tests": 1}, "numTotalTests": 1, "numPassedTests": 1}',
        '{"config": {}, "suites": []}',
        '{"testResults": []}',
        '{"numTotalTests": 1}',
        "[]",
    ],
)
def test_what_is_not_jest_is_not_recognised(text):
    assert recognise(Head(text)) is None


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
title = text.filter(lambda value: value.strip())
words = st.sampled_from(["passed", "failed", "pending", "todo"])
tests = st.lists(st.tuples(st.lists(title, max_size=3), title, words, st.none() | st.integers(0, 10**6)), max_size=8)
STATUS = {"passed": "passed", "failed": "failed", "pending": "skipped", "todo": "skipped"}


@given(st.lists(st.tuples(title, tests), max_size=4), st.booleans(), st.integers(1, 400))
@settings(deadline=None)
def test_any_report_written_as_jest_and_read_back_is_equal(files, alphabetical, size):
    document = json.dumps(json.loads(report(*map(written, files))), sort_keys=alphabetical)
    found = read_apart(("r.json", Trickle(document.encode(), size)), formatter="jest")
    seen = [(found.path(row), row["title"], row["status"], row["duration"]) for row in found.results]
    assert seen == [
        ([title_of_path(name), *suites], one, STATUS[word], None if time is None else time / 1000)
        for name, cases in files
        for suites, one, word, time in cases
    ]


def written(one):
    name, cases = one
    made = [case(title, word, suites, duration=time) for suites, title, word, time in cases]
    return file(*made, name=name, status="failed" if "failed" in {word for _, _, word, _ in cases} else "passed")
