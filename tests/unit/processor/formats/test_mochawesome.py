"""mochawesome: what the fixtures do not show."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read, read_apart

from report_processor.detect import Head
from report_processor.formats.mochawesome import FORMAT, recognise


def case(title="signs in", state="passed", **more):
    return {"title": title, "state": state, "duration": 250, "err": {}, **more}


def suite(title, *tests, suites=(), file="/a.js", **more):
    return {
        "uuid": "1",
        "title": title,
        "file": file,
        "beforeHooks": [],
        "afterHooks": [],
        "tests": tests,
        "suites": suites,
        **more,
    }


def root(*suites, file="", tests=()):
    return suite("", *tests, suites=suites, file=file, root=True)


def imported(*roots, stats=None, **options):
    document = {"stats": {"passPercent": 1, "testsRegistered": None, **(stats or {})}, "results": roots}
    return read(json.dumps(document), formatter="mochawesome", **options)


def seen(found):
    return [(*found.path(row), row["title"], row["status"]) for row in found.results]


def test_the_example_is_recognised_and_read():
    assert recognise(Head(FORMAT.example)) == "keys stats, testsRegistered, passPercent"
    assert seen(read(FORMAT.example)) == [
        ("/tests/login.js", "login", "signs in", "passed"),
        ("/tests/login.js", "login", "signs out", "failed"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"stats": {"suites": 1, "tests": 1, "passes": 1, "failures": 0}, "tests": [], "passes": []}',
        '{"results": {"tool": {}, "summary": {}}}',
        '{"results": [{"uuid": "1"}]}',
        '{"suites": [{"title": "a.spec.ts", "specs": []}]}',
        '{"stats": {"passPercent": 1}}',
        "[]",
    ],
)
def test_other_json_is_no_mochawesome(text):
    assert recognise(Head(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"results": [{"uuid": "1", "title": "", "beforeHooks": [], "afterHooks": [], "tests": [{"ti',
        '{"meta": {}, "stats": {"passPercent": 100, "hasSkipped": false, "su',
        '{"suites": {"title": "", "uuid": "1", "beforeHooks": []',
    ],
)
def test_the_beginning_is_enough_for_old_and_merged_reports_too(text):
    assert recognise(Head(text, whole=False))


def test_suites_of_one_file_stand_together_whether_the_root_tells_the_file_or_not():
    one = imported(root(suite("a", case()), suite("b", case()), file="/a.js"))
    other = imported(root(suite("a", case()), suite("b", case())))
    assert seen(one) == seen(other) == [("/a.js", "a", "signs in", "passed"), ("/a.js", "b", "signs in", "passed")]
    assert len(other.containers) == 3


def test_each_file_has_its_container():
    found = imported(root(suite("a", case(), file="/1.js"), suite("a", case(), file="/2.js")), root(suite("a", case())))
    assert [found.path(row)[0] for row in found.results] == ["/1.js", "/2.js", "/a.js"]


def test_tests_outside_of_suites_are_results_all_the_same():
    found = imported(root(suite("a", case("inner")), tests=[case("outer")]), root(tests=[case("last")], file="/c.js"))
    assert seen(found) == [
        ("outer", "passed"),
        ("/a.js", "a", "inner", "passed"),
        ("/c.js", "last", "passed"),
    ]


def test_names_that_stand_behind_the_tests_are_used():
    document = {"results": [root(suite("a", case(), suites=[suite("b", case("deep"))]))]}
    found = read(json.dumps(dict(document), sort_keys=True), formatter="mochawesome")
    assert [found.path(row)[-2:] for row in found.results] == [["a", "b"], ["suite", "a"]]


@pytest.mark.parametrize(
    ("test", "status"),
    [
        ({"state": "passed"}, "passed"),
        ({"state": "failed"}, "failed"),
        ({"state": "failed", "timedOut": True}, "broken"),
        (
            {"state": "failed", "err": {"message": "Error: Timeout of 5ms exceeded. For async tests and hooks"}},
            "broken",
        ),
        ({"state": "pending"}, "skipped"),
        ({"state": None, "skipped": True}, "skipped"),
        ({"state": None}, "skipped"),
        ({"state": "", "pass": True}, "passed"),
        ({"fail": True}, "failed"),
        ({}, "unknown"),
    ],
)
def test_a_status_is_what_state_and_flags_say(test, status):
    found = imported(root(suite("a", {"title": "t", **test})))
    assert [row["status"] for row in found.results] == [status]
    assert found.codes == []


def test_a_state_that_is_not_known_is_no_pass():
    found = imported(root(suite("a", case(state="great"))))
    assert (found.counts["unknown"], found.codes) == (1, ["unknown_status"])


def test_hooks_that_passed_are_no_results():
    hooks = [case('"before all" hook'), case('"before each" hook', state=None)]
    assert seen(imported(root(suite("a", beforeHooks=hooks)))) == []


def test_a_summary_that_differs_is_noted():
    found = imported(root(suite("a", case())), stats={"testsRegistered": 2})
    assert found.codes == ["suite_count_differs"]


def test_pictures_inside_the_context_are_stored():
    kept = {}
    context = json.dumps(["data:image/svg+xml,<svg/>", {"title": "x", "value": "data:image/png;base64,AQID"}, "data:x"])
    found = imported(root(suite("a", case(context=context))), keep=lambda name, data: kept.update({name: data.read()}))
    assert [name for name, _ in found.results[0]["assets"]] == ["embedding-1.svg", "embedding-2.png", "embedding-3.x"]
    assert kept["1.xml!embedding-2.png"] == b"\1\2\3"


@pytest.mark.parametrize("value", [1, "x", [], None, {}, [1, None, "x", [], {}], True])
@pytest.mark.parametrize(
    "key", ["title", "file", "tests", "suites", "beforeHooks", "state", "context", "err", "duration"]
)
def test_any_value_at_any_place_is_survived(key, value):
    assert imported(root({**suite("a", case()), key: value})).file["verdict"] == "parsed"
    assert imported(root(suite("a", case(**{"state": "failed", key: value})))).file["verdict"] == "parsed"


text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)
result = st.tuples(text, st.sampled_from(["passed", "failed", "pending"]), st.integers(1, 10**7))
container = st.recursive(
    st.tuples(text, st.lists(result, max_size=4), st.just([])),
    lambda inner: st.tuples(text, st.lists(result, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=5,
)


def written(model):
    title, tests, inner = model
    cases = [{"title": name, "state": state, "duration": spent, "err": {}} for name, state, spent in tests]
    return suite(title, *cases, suites=[written(one) for one in inner])


def expected(model, path=("/a.js",)):
    title, tests, inner = model
    for name, state, spent in tests:
        status = {"pending": "skipped"}.get(state, state)
        yield [*path, title], name, status, spent / 1000
    for one in inner:
        yield from expected(one, (*path, title))


@given(st.lists(container, max_size=3), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_and_read_back_is_equal(suites, size):
    document = json.dumps({"results": [root(*map(written, suites))]}, indent=size % 3 or None)
    # Two tests of one name, of which the first failed, would be two attempts of one.
    found = read_apart(("r.json", Trickle(document.encode(), size)), formatter="mochawesome")
    wanted = [row for one in suites for row in expected(one)]
    if len({(*path, name) for path, name, _, _ in wanted}) == len(wanted):
        assert [(found.path(row), row["title"], row["status"], row["duration"]) for row in found.results] == wanted
    else:
        assert found.file["verdict"] == "parsed"
