"""JSON of go test: what the fixtures do not show."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.detect import Head
from report_processor.formats import gotest
from report_processor.formats.gotest import FORMAT, recognise
from report_processor.formats.gotest.text import death, logged, measured


def event(action, package="p", test="", **more):
    named = {"Test": test} if test else {}
    return {"Time": "2026-01-31T12:00:00Z", "Action": action, "Package": package, **named, **more}


def lines(*events):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in events)


def one_test(*events, action="pass", package_action="pass"):
    return lines(
        event("start"), event("run", test="T"), *events, event(action, test="T", Elapsed=0.5), event(package_action)
    )


def output(text, test="T"):
    return event("output", test=test, Output=text)


def test_the_example_is_recognised():
    assert recognise(Head(FORMAT.example))


@pytest.mark.parametrize(
    "text",
    [
        '{"Action": "celebrate", "Package": "p"}\n',
        '{"Action": 1, "Package": "p"}\n',
        '{"Action": "pass"}\n',
        '{"action": "start", "package": "p"}\n',
        "# package\nAction and Package\n",
    ],
)
def test_other_events_are_not_recognised(text):
    assert recognise(Head(text)) is None


def test_words_of_the_compiler_in_front_do_not_hide_the_events():
    text = "# p [p.test]\np_test.go:1:1: no\n" + lines(event("start"), event("run", test="T"), event("pass", test="T"))

    assert recognise(Head(text)) == "an event with Action"


def test_packages_whose_events_are_mixed_have_one_container_each():
    packages = ["a", "b", "c"]
    events = [event("start", package) for package in packages]
    for number in range(5):
        for package in packages:
            events += [event("run", package, f"T{number}"), event("pass", package, f"T{number}", Elapsed=0.1)]
    found = read(lines(*events, *(event("pass", package) for package in packages)))

    assert [container["title"] for container in found.containers] == packages
    assert [row["title"] for row in found.results] == ["T0", "T1", "T2", "T3", "T4"] * 3


def test_when_too_much_waits_parts_of_a_package_are_handed_over_and_become_one(monkeypatch):
    monkeypatch.setattr(gotest, "_WAITING", 1000)
    events = [event("start", "a"), event("start", "b")]
    for number in range(50):
        for package in "ab":
            events += [event("run", package, f"T{number}"), event("pass", package, f"T{number}")]
    found = read(lines(*events, event("pass", "a"), event("pass", "b")))

    assert sorted(container["title"] for container in found.containers) == ["a", "b"]
    assert found.counts["passed"] == 100
    assert found.codes == []


def test_output_of_parallel_tests_is_kept_apart():
    found = read(
        lines(
            event("start"),
            event("run", test="A"),
            event("run", test="B"),
            output("of a\n", "A"),
            output("of b\n", "B"),
            output("more of a\n", "A"),
            event("fail", test="B"),
            event("fail", test="A"),
            event("fail"),
        )
    )

    assert [(row["title"], row["exception_backtrace"]) for row in found.results] == [
        ("B", "of b\n"),
        ("A", "of a\nmore of a\n"),
    ]


def test_frames_are_left_out_but_not_what_only_begins_so():
    found = read(
        one_test(output("=== RUN   T\n"), output("a "), output("--- PASS: x\n"), output("    --- FAIL: T/x\n"))
    )

    assert found.results[0]["exception_backtrace"] == "a --- PASS: x\n"


def test_what_a_test_logs_is_its_message_without_the_place():
    text = "    a_test.go:3: one\n        more\nprinted\n    b_test.go:4: two\n"

    assert logged(text) == "one\nmore\ntwo"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x\npanic: why [recovered]\n", "panic: why [recovered]"),
        ("fatal error: all goroutines are asleep - deadlock!\n", "fatal error: all goroutines are asleep - deadlock!"),
        ("it did not panic: no\n", ""),
    ],
)
def test_a_death_is_found_at_the_start_of_a_line(text, words):
    assert death(text) == words


def test_measurements_of_a_benchmark():
    text = "BenchmarkA-2   \t      10\t        50.10 ns/op\t  16 B/op\t       1 allocs/op\n"

    assert measured(text) == [("ns/op", "50.10"), ("B/op", "16"), ("allocs/op", "1")]


def test_a_failed_package_with_a_failed_test_is_no_result_of_its_own():
    assert read(one_test(action="fail", package_action="fail")).counts["total"] == 1


def test_a_failed_package_without_one_is():
    found = read(one_test(event("output", Output="exit status 2\n"), package_action="fail"))

    assert [(row["title"], row["status"]) for row in found.results] == [("T", "passed"), ("p", "broken")]


def test_coverage_and_cache_are_labels_of_the_package():
    text = one_test(
        event("output", Output="coverage: 81.5% of statements\n"),
        event("output", Output="ok  \tp\t(cached)\tcoverage: 81.5% of statements\n"),
        event("output", Output="goos: linux\n"),
        event("output", Output="started a server\n"),
    )
    (container,) = read(text).containers

    assert container["labels"] == [("coverage", "81.5% of statements"), ("cached", "true")]
    assert container["description"] == "started a server\n"


def test_a_file_that_ends_while_a_package_runs_is_cut_and_what_ran_is_broken():
    found = read(lines(event("start"), event("run", test="T"), output("waiting\n")))

    assert [(row["title"], row["status"]) for row in found.results] == [("T", "broken")]
    assert found.codes == ["truncated_file"]


def test_an_action_that_is_not_known_is_told():
    assert read(one_test(event("celebrate", test="T"))).codes == ["unknown_element"]


def test_output_without_end_is_cut():
    found = read(one_test(*[output("x" * 1000 + "\n")] * 200))

    assert found.codes == ["field_cut"]
    assert len(found.results[0]["exception_backtrace"]) < 70_000


def test_artifacts_are_assets_and_attributes_labels():
    found = read(one_test(event("attr", test="T", Key="k", Value="v"), event("artifacts", test="T", Path="a/b.png")))

    assert found.results[0]["labels"] == [("k", "v")]
    assert found.results[0]["assets"] == [("a/b.png", "")]


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=15).filter(str.strip)
one = st.tuples(names, st.sampled_from(["pass", "fail", "skip"]), st.integers(0, 10**6).map(lambda value: value / 100))
package = st.tuples(names, st.lists(one, min_size=1, max_size=6, unique_by=lambda found: found[0]))
STATUS = {"pass": "passed", "fail": "failed", "skip": "skipped"}


def written(name, tests):
    yield [event("start", name)]
    for test, action, seconds in tests:
        yield [
            event("run", name, test),
            event("output", name, test, Output=f"=== RUN   {test}\n"),
            event(action, name, test, Elapsed=seconds),
        ]
    yield [event("fail" if any(action == "fail" for _, action, _ in tests) else "pass", name)]


def mixed(streams, chance):
    while streams:
        stream = chance.choice(streams)
        found = next(stream, None)
        if found is None:
            streams.remove(stream)
        else:
            yield from found


@given(
    st.lists(package, max_size=4, unique_by=lambda found: found[0]),
    st.integers(1, 400),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_packages_written_side_by_side_and_read_back_are_equal(packages, size, chance):
    streams = [written(name, tests) for name, tests in packages]
    text = lines(*mixed(streams, random.Random(chance.random())))
    found = read(("r.json", Trickle(text.encode(), size)), formatter="gotest")

    seen = {}
    for row in found.results:
        seen.setdefault(found.path(row)[0], []).append((row["title"], row["status"], row["duration"]))
    assert seen == {name: [(test, STATUS[action], time) for test, action, time in tests] for name, tests in packages}
