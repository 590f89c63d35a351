"""Playwright: what the fixtures do not show."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read, read_apart

from report_processor.detect import Head
from report_processor.events import BROKEN, EMBED, PASSED
from report_processor.formats.playwright import PlaywrightParser, recognise

CONFIG = {"rootDir": "/project/tests", "forbidOnly": False, "fullyParallel": True, "workers": 2}


def report(*suites, errors=(), **more):
    return json.dumps({"config": CONFIG, "suites": list(suites), "errors": list(errors), **more})


def suite(title, *specs, suites=()):
    return {"title": title, "file": "a.spec.ts", "line": 0, "column": 0, "specs": list(specs), "suites": list(suites)}


def spec(title, *tests, tags=()):
    return {"title": title, "ok": True, "tags": list(tags), "tests": list(tests)}


def case(status, *runs, project="", expected="passed", annotations=()):
    names = {"projectName": project, "expectedStatus": expected, "annotations": list(annotations)}
    return {**names, "results": list(runs), "status": status}


def run(status="passed", *messages, **more):
    return {"status": status, "duration": 7, "errors": [{"message": one} for one in messages], **more}


def only(*tests):
    (row,) = (found := read(report(suite("a.spec.ts", spec("t", *tests))))).results
    return row, found


@pytest.mark.parametrize(
    ("test", "status"),
    [
        (case("unexpected", run("interrupted")), "broken"),
        (case("skipped", run("interrupted")), "broken"),
        (case("unexpected", run("timedOut", "Test timeout of 10ms exceeded.")), "broken"),
        (case("unexpected", run("failed", "Error: expect(locator).not.toBeVisible()")), "failed"),
        (case("unexpected", run("failed", "AssertionError: 1 == 2")), "failed"),
        (case("unexpected", run("failed", "Error: net::ERR_ABORTED")), "broken"),
        (case("unexpected", run("passed"), expected="failed"), "failed"),
        (case("expected", run("failed", "Error: known"), expected="failed"), "passed"),
        (case("expected", run("timedOut"), expected="timedOut"), "passed"),
        (case("skipped"), "skipped"),
    ],
)
def test_outcomes(test, status):
    row, found = only(test)
    assert row["status"] == status
    assert not found.codes


@pytest.mark.parametrize("word", ["great", "", None, 7, {}, ["expected"]])
def test_a_word_that_is_not_known_is_never_a_pass(word):
    row, found = only(case(word, run()))
    assert row["status"] == "unknown"
    assert found.codes == ["unknown_status"]


@pytest.mark.parametrize(
    ("words", "expected", "status", "flaky"),
    [
        (["passed"], "passed", "passed", False),
        (["failed"], "failed", "passed", False),
        (["failed", "passed"], "passed", "passed", True),
        (["failed", "failed"], "passed", "failed", False),
        (["skipped"], "passed", "skipped", False),
        ([], "passed", "unknown", False),
    ],
)
def test_the_first_versions_do_not_tell_the_outcome(words, expected, status, flaky):
    test = case("", *map(run, words), expected=expected)
    del test["status"]
    row, _ = only(test)
    assert (row["status"], row["flaky"]) == (status, flaky)


def test_expected_without_any_run_is_no_pass():
    row, _ = only(case("expected"))
    assert row["status"] == "unknown"


def test_attempts_keep_their_errors_and_output():
    runs = [run("failed", "Error: no\n    at a.ts:1", stdout=[{"text": "first"}]), run("passed", retry=1)]
    row, _ = only(case("flaky", *runs))
    assert row["flaky"]
    first, last = row["attempts"]
    assert first == (BROKEN, 0.007, "Error", "no", "    at a.ts:1\nfirst")
    assert last[0] == PASSED


def test_attachments_in_the_report_are_stored_under_names_of_their_own():
    body = base64.b64encode(b"\x89PNG").decode()
    pictures = [{"name": "shot", "contentType": "image/png", "body": body}] * 2
    document = report(suite("a", spec("t", case("expected", run(attachments=pictures)))))
    events = PlaywrightParser().feed(document)
    assert [event[1:] for event in events if event[0] == EMBED] == [
        ("embedding-1.png", b"\x89PNG"),
        ("embedding-2.png", b"\x89PNG"),
    ]


def test_an_attachment_that_is_no_base64_is_left_out():
    document = report(suite("a", spec("t", case("expected", run(attachments=[{"body": "é"}, {"body": 7}, "x"])))))
    assert not [event for event in PlaywrightParser().feed(document) if event[0] == EMBED]


def test_steps_stand_below_each_other():
    inner = [{"title": "types", "duration": 1}, {"title": "clicks", "duration": 1, "error": {"message": "no"}}]
    row, _ = only(case("expected", run(steps=[{"title": "logs in", "duration": 3, "steps": inner}])))
    assert row["description"] == "PASSED logs in\n  PASSED types\n  FAILED clicks"


def test_an_error_outside_of_the_tests_is_named_without_the_root_directory():
    found = read(report(errors=[{"message": "\x1b[31mError: /project/tests/a.spec.ts: no\x1b[39m\nmore"}]))
    (row,) = found.results
    assert (row["title"], row["status"], found.path(row)) == ("Error: a.spec.ts: no", "broken", [])


def test_a_count_that_differs_is_told():
    stats = {"expected": 2, "skipped": 0, "unexpected": 0, "flaky": 0}
    found = read(report(suite("a", spec("t", case("expected", run()))), stats=stats))
    assert found.codes == ["suite_count_differs"]


def test_paths_of_windows_become_paths_of_everywhere():
    found = read(report(suite("login\\a.spec.ts", spec("t", case("expected", run())))))
    assert found.path(found.results[0]) == ["login/a.spec.ts"]


@pytest.mark.parametrize("text", ['{"config": {"rootDir": "/x"}}', '{"config": [], "suites": []}', '{"suites": []}'])
def test_what_is_not_playwright_is_not_recognised(text):
    assert recognise(Head(text)) is None


def test_it_is_recognised_when_its_config_is_longer_than_what_is_looked_at():
    config = {**CONFIG, "metadata": {"gitDiff": "+x\n" * 100_000}}
    assert recognise(Head(json.dumps({"config": config, "suites": []})[: 1 << 16], whole=False))


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), max_size=20)
title = text.filter(lambda value: value.strip())
OUTCOMES = {
    "passed": ("expected", [run()]),
    "failed": ("unexpected", [run("failed", "expect(a).toBe(b)")]),
    "broken": ("unexpected", [run("timedOut")]),
    "skipped": ("skipped", []),
}
results = st.lists(st.tuples(title, text, st.sampled_from(list(OUTCOMES))), max_size=6)
trees = st.recursive(
    st.tuples(title, results, st.just([])),
    lambda inner: st.tuples(title, results, st.lists(inner, max_size=3)),
    max_leaves=6,
)


def written(tree):
    name, rows, inner = tree
    specs = [spec(one, case(OUTCOMES[status][0], *OUTCOMES[status][1], project=kind)) for one, kind, status in rows]
    return suite(name, *specs, suites=map(written, inner))


def expected(tree, path=()):
    name, rows, inner = tree
    for one, kind, status in rows:
        yield [*path, name], one, kind, status, None if status == "skipped" else 0.007
    for one in inner:
        yield from expected(one, (*path, name))


@given(st.lists(trees, max_size=4), st.integers(1, 400))
@settings(deadline=None)
def test_any_report_written_as_playwright_and_read_back_is_equal(suites, size):
    document = report(*map(written, suites)).encode()
    found = read_apart(("r.json", Trickle(document, size)))
    seen = [
        (found.path(row), row["title"], row["classification"], row["status"], row["duration"]) for row in found.results
    ]
    assert seen == [row for one in suites for row in expected(one)]


@given(trees)
@settings(deadline=None)
def test_the_order_of_members_does_not_matter(tree):
    document = json.loads(report(written(tree)))
    as_written, sorted_by_name = (read_apart(json.dumps(document, sort_keys=order)) for order in (False, True))
    assert [*map(as_written.path, as_written.results)] == [*map(sorted_by_name.path, sorted_by_name.results)]
    assert as_written.counts == sorted_by_name.counts
