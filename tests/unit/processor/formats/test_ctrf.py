"""CTRF: what the fixtures do not show."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.events import FAILED, PASSED


def report(*tests, tool="pytest", **results):
    summary = {"tests": len(tests), "start": 1795533477164}
    return json.dumps({"results": {"tool": {"name": tool}, "summary": summary, "tests": list(tests), **results}})


def case(name="t", status="passed", **more):
    return {"name": name, "status": status, "duration": 1, **more}


def only(*tests, **more):
    (found,) = read(report(*tests, **more)).results
    return found


@pytest.mark.parametrize(
    ("tool", "raw", "status"),
    [
        ("jest", "pending", "skipped"),
        ("mocha", None, "skipped"),
        ("jest", "todo", "skipped"),
        ("robot", "pending", "skipped"),
        ("Cucumber-JS", "pending", "unknown"),
    ],
)
def test_pending_means_skipped_but_where_some_of_it_ran(tool, raw, status):
    assert only(case(status="pending", rawStatus=raw), tool=tool)["status"] == status


@pytest.mark.parametrize("raw", ["timedOut", "interrupted", "setup_failed", "Error"])
def test_a_failure_of_which_the_tool_says_that_it_broke_is_broken(raw):
    assert only(case(status="failed", rawStatus=raw))["status"] == "broken"


def test_a_status_that_nobody_defined_is_unknown_and_noted():
    found = read(report(case(status="fine")))
    assert found.results[0]["status"] == "unknown"
    assert found.codes == ["unknown_status"]


def test_attempts_are_those_before_the_last_or_all_of_them():
    runs = [{"attempt": 1, "status": "failed", "message": "first"}, {"attempt": 2, "status": "passed"}]
    before = only(case(retries=1, retryAttempts=runs[:1]))
    whole = only(case(retries=1, retryAttempts=runs))
    for found in (before, whole):
        assert [run[0] for run in found["attempts"]] == [FAILED, PASSED]
        assert found["attempts"][0][3] == "first"
        assert found["flaky"]


@pytest.mark.parametrize(
    ("status", "flaky", "attempts"),
    [
        ("passed", True, [FAILED, FAILED, PASSED]),
        ("passed", None, [FAILED, FAILED, PASSED]),
        ("passed", False, []),
        ("failed", False, [FAILED, FAILED, FAILED]),
        ("skipped", False, []),
    ],
)
def test_retries_of_which_nothing_else_is_told_have_failed(status, flaky, attempts):
    found = only(case(status=status, retries=2, flaky=flaky))
    assert [run[0] for run in found["attempts"]] == attempts
    assert ["retries", "2"] in [list(label) for label in found["labels"]]


def test_steps_and_the_snippet_are_the_description():
    found = only(
        case(steps=[{"name": "opens", "status": "passed"}, {"name": "pays", "status": "failed"}], snippet="> 7")
    )
    assert found["description"] == "[passed] opens\n[failed] pays\n> 7"


def test_output_follows_the_backtrace():
    found = only(case(status="failed", trace="at x", stdout=["one\n", "two\n"], stderr=["three"]))
    assert found["exception_backtrace"] == "at x\none\ntwo\nthree"


def test_everything_else_becomes_a_label():
    found = only(
        case(
            tags=["fast"],
            labels={"owner": "shop", "ticket": ["A-1", "A-2"]},
            parameters={"size": 3},
            browser="firefox",
            extra={"cpu": 1},
            line=7,
        )
    )
    assert found["labels"] == [
        ("tag", "fast"),
        ("owner", "shop"),
        ("ticket", "A-1"),
        ("ticket", "A-2"),
        ("size", "3"),
        ("browser", "firefox"),
        ("extra", '{"cpu": 1}'),
        ("line", "7"),
    ]


def test_a_screenshot_in_base64_is_kept_as_a_file():
    kept = {}
    image = b"\x89PNG\r\n" + bytes(50)
    document = report(case(screenshot=base64.b64encode(image).decode()))
    found = read(document, keep=lambda name, data: kept.setdefault(name, data) and f"key/{name}")
    assert [name for name, _ in found.results[0]["assets"]] == ["embedding-1.png"]


def test_a_screenshot_that_is_a_path_is_an_asset():
    assert only(case(screenshot="shots/a.png"))["assets"][0][0] == "shots/a.png"


def test_suites_that_come_back_are_one_container():
    tests = [case("a", suite=["x", "y"]), case("b", suite=["z"]), case("c", suite="x > y")]
    found = read(report(*tests))
    assert [found.path(row) for row in found.results] == [["x", "y"], ["z"], ["x", "y"]]
    assert sorted(container["title"] for container in found.containers) == ["x", "y", "z"]


def test_a_summary_that_counts_otherwise_is_noted():
    assert "suite_count_differs" in read(report(case(), summary={"tests": 3})).codes


def test_the_environment_tells_the_system_and_the_build():
    environment = {"osPlatform": "linux", "osRelease": "6.1", "buildName": "nightly", "buildNumber": 7}
    found = read(report(case(), environment=environment)).summary
    assert found["system"] == {"os": "linux 6.1", "build": "nightly #7"}


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
name = text.filter(lambda value: value.strip() != "" and " > " not in value)
model = st.tuples(
    st.lists(name, max_size=3),
    name,
    st.sampled_from(["passed", "failed", "broken", "skipped", "unknown"]),
    st.one_of(st.none(), st.integers(0, 10**9)),
    text,
    text,
    st.lists(st.tuples(name, text), max_size=2, unique_by=lambda one: one[0]),
)
WORDS = {
    "passed": ("passed", None),
    "failed": ("failed", "failed"),
    "broken": ("failed", "timedOut"),
    "skipped": ("skipped", None),
    "unknown": ("other", None),
}


def written(case):
    path, title, status, milliseconds, message, trace, labels = case
    word, raw = WORDS[status]
    found = {"name": title, "status": word, "suite": path, "labels": dict(labels), "message": message, "trace": trace}
    return found | ({} if milliseconds is None else {"duration": milliseconds}) | ({"rawStatus": raw} if raw else {})


def expected(case):
    path, title, status, milliseconds, message, trace, labels = case
    seconds = None if milliseconds is None else round(milliseconds / 1000, 9)
    raw = [("rawStatus", "timedOut")] if status == "broken" else []
    return path, title, status, seconds, message, trace, labels + raw


@given(st.lists(model, max_size=10, unique_by=lambda one: (tuple(one[0]), one[1])), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_as_ctrf_and_read_back_is_equal(cases, size):
    found = read(("r.json", Trickle(report(*map(written, cases)).encode(), size)))
    seen = [
        (
            found.path(row),
            row["title"],
            row["status"],
            row["duration"],
            row["exception_description"],
            row["exception_backtrace"],
            row["labels"],
        )
        for row in found.results
    ]
    assert seen == [expected(case) for case in cases]
