"""JSON of libtest and nextest: what the fixtures do not show."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import read_both_ways

from report_processor.detect import Head
from report_processor.formats.cargo import FORMAT, CargoParser, recognise
from report_processor.formats.cargo.events import Name, death_of_line, panic_of, suite_of_line


def lines(*events):
    return "".join(json.dumps(event) + "\n" for event in events)


def suite(count, **end):
    return {"type": "suite", "event": "started", "test_count": count}, {"type": "suite", "event": "ok", **end}


def case(name, event, **more):
    return {"type": "test", "name": name, "event": event, **more}


def test_the_example_is_recognised():
    assert recognise(Head(FORMAT.example))


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "suite", "suite": {"id": 0}}\n',
        '{"Action": "start", "Package": "p"}\n',
        '{"type": "test", "event": "celebrated", "name": "a"}\n',
        '{"reason": "compiler-artifact"}\n',
        "suite started test_count 3\n",
    ],
)
def test_other_events_are_not_recognised(text):
    assert recognise(Head(text)) is None


def test_output_of_the_compiler_may_stand_in_front():
    text = "   Compiling a v1.0.0\nwarning: unused\n" + lines(suite(1)[0], case("a", "ok"), suite(1)[1])

    found = read(text)

    assert (found.file["format"], found.counts["passed"]) == ("cargo", 1)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (
            "     Running unittests src/lib.rs (target/debug/deps/login-0123456789abcdef)",
            "login (unittests src/lib.rs)",
        ),
        ("     Running tests/a.rs (target\\debug\\deps\\a-0123456789abcdef.exe)", "a (tests/a.rs)"),
        ("   Doc-tests login", "Doc-tests login"),
        ("Running away (far)", ""),
        ("   Compiling login v1.0.0", ""),
    ],
)
def test_cargo_names_the_test_binaries_without_their_hash(line, name):
    assert suite_of_line(line) == name


def test_how_a_binary_died_is_told():
    line = "  process didn't exit successfully: `/a/b (c)` (signal: 11, SIGSEGV: invalid memory reference)"

    assert death_of_line(line) == "(signal: 11, SIGSEGV: invalid memory reference)"


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("thread 'a' panicked at src/lib.rs:1:2:\nwhy\nand how\nnote: run with", "why\nand how"),
        ("out\nthread 'a' (12) panicked at src/lib.rs:1:2:\nwhy\nstack backtrace:\n 0: x", "why"),
        ("thread 'a' panicked at 'why, indeed', src/lib.rs:1:2\nnote: run with", "why, indeed"),
        ('Error: "cannot read"\n', 'Error: "cannot read"'),
        ("just output\n", ""),
    ],
)
def test_the_words_of_a_panic_are_found_in_the_output(output, message):
    assert panic_of(output) == message


def test_names_of_nextest():
    found = Name("crate::binary@stress-2$tests::a#3")

    assert (found.binary, found.stress, found.title, found.runs) == ("crate::binary", "2", "tests::a", 3)
    assert Name("src/lib.rs - add (line 5)").title == "src/lib.rs - add (line 5)"


def test_events_of_several_binaries_at_a_time_come_together():
    one = {"nextest": {"crate": "a", "test_binary": "a", "kind": "lib"}}
    other = {"nextest": {"crate": "a", "test_binary": "b", "kind": "test"}}
    start, end = suite(2)
    found = read(
        lines(
            {**start, **one},
            case("a::a$x", "started"),
            {**start, **other},
            case("a::b$x", "started"),
            case("a::a$x", "ok"),
            case("a::b$x", "failed"),
            case("a::a$y", "ok"),
            {**end, **other},
            {**end, **one},
        )
    )

    assert [(container["title"], container["labels"]) for container in found.containers] == [
        ("a::a", [("kind", "lib")]),
        ("a::b", [("kind", "test")]),
    ]
    assert found.counts["total"] == 3
    assert found.codes == []


def test_a_flaky_test_that_nextest_takes_for_failed():
    found = read(lines(suite(1)[0], case("a::a$x#2", "failed", reason="flaky test treated as failure"), suite(1)[1]))

    (result,) = found.results
    assert (result["status"], result["flaky"], len(result["attempts"])) == ("failed", True, 2)


def test_a_slow_test_that_ends_all_the_same():
    found = read(lines(suite(1)[0], case("a", "started"), case("a", "timeout"), case("a", "ok"), suite(1)[1]))

    assert [(row["status"], row["labels"]) for row in found.results] == [("passed", [("slow", "more than 60 s")])]


def test_an_unknown_event_is_no_pass():
    found = read(lines(suite(2)[0], case("a", "exploded"), case("b", None), suite(2)[1]))

    assert [row["status"] for row in found.results] == ["unknown", "unknown"]
    assert found.codes == ["unknown_status"]


@pytest.mark.parametrize(("time", "seconds"), [(0.5, 0.5), ("0.5s", 0.5), ("0.5", 0.5), (None, None)])
def test_times_of_old_and_new_versions(time, seconds):
    found = read(lines(suite(1)[0], case("a", "ok", exec_time=time), suite(1)[1]))

    assert found.results[0]["duration"] == seconds


def test_a_file_that_ends_inside_a_suite_is_cut():
    found = read(lines(suite(2)[0], case("a", "ok")))

    assert found.codes == ["suite_count_differs", "truncated_file"]


def test_counts_that_differ_are_told():
    found = read(lines(suite(1)[0], case("a", "ok"), {**suite(1)[1], "passed": 2, "failed": 0, "ignored": 1}))

    assert found.message("suite_count_differs")["count"] == 2


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="$"), max_size=20).filter(str.strip)
time = st.one_of(st.none(), st.integers(0, 10**9).map(lambda value: value / 10**6))
one = st.tuples(names, st.sampled_from(["ok", "failed", "ignored"]), time)
STATUS = {"ok": "passed", "failed": "failed", "ignored": "skipped"}


def written(cases):
    yield {"type": "suite", "event": "started", "test_count": len(cases)}
    for name, event, seconds in cases:
        yield case(name, "started")
        yield case(name, event, **({} if seconds is None else {"exec_time": seconds}))
    count = [event for _, event, _ in cases].count
    yield suite(0, passed=count("ok"), failed=count("failed"), ignored=count("ignored"))[1]


@given(st.lists(st.lists(one, max_size=5, unique_by=lambda found: found[0]), max_size=4), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_and_read_back_is_equal(suites, size):
    text = "".join(lines(*written(cases)) for cases in suites)
    found = read(("r.json", Trickle(text.encode(), size)), formatter="cargo")

    seen = [(found.path(row), row["title"], row["status"], row["duration"]) for row in found.results]
    assert seen == [
        ([f"suite {number}"], name, STATUS[event], seconds)
        for number, cases in enumerate(suites, 1)
        for name, event, seconds in cases
    ]


def cases(count, *, workers=1):
    """Events of tests that pass, so many at a time."""
    names = [f"tests::case_{number}" for number in range(count)]
    began = [case(name, "started") for name in names]
    ended = [case(name, "ok", exec_time=number / 7) for number, name in enumerate(names)]
    events = began[:workers]
    for number, end in enumerate(ended):
        events += [end, *began[number + workers : number + workers + 1]]
    return events


def both(text):
    """What is read with skimming, after it was compared with what is read without."""
    return read_both_ways(text, "cargo")


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_tests_that_pass_are_skimmed(monkeypatch, workers):
    begin, end = suite(100, passed=100)
    text = lines(begin, *cases(100, workers=workers), end)
    assert both(text).counts["passed"] == 100
    decoded = []
    monkeypatch.setattr(CargoParser, "value", lambda _, value: decoded.append(value))
    assert len(read(("r.json", text.encode()), formatter="cargo").results) > 80
    assert len(decoded) < 20


@pytest.mark.parametrize(
    "odd",
    [
        [case("a", "started"), case("a", "ok", exec_time=1.5, stdout="hello\n")],
        [case("a", "started"), case("a", "ok", exec_time="1.5s")],
        [case("a", "started"), case("a", "ok", exec_time=None)],
        [case("a", "started"), case("a", "ok", exec_time=True)],
        [case("a", "started"), case("a", "ok", exec_time=-1)],
        [case("a", "started"), case("a", ["ok"], exec_time=1)],
        [case("a", "started"), case("b", "ok", exec_time=1)],
        [case(" ", "started"), case(" ", "ok", exec_time=1)],
        [case(5, "started"), case(5, "ok", exec_time=1)],
        [case(None, "started"), case(None, "ok", exec_time=1)],
        [case('say "a"\\', "started"), case('say "a"\\', "ok", exec_time=1)],
        [case("a" * 5_000, "started"), case("a" * 5_000, "ok", exec_time=1)],
        [case("a", "timeout"), case("a", "ok", exec_time=61)],
        [case("c::b$a", "started"), case("c::b$a#3", "ok", exec_time=1)],
        [case("c::b$a#3", "started"), case("c::b$a#3", "ok", exec_time=1)],
        [case("c::b@stress-1$a", "started"), case("c::b@stress-1$a", "ok", exec_time=1)],
        [case("c::b$", "started"), case("c::b$", "ok", exec_time=1)],
        [case("c::b$a", "started"), case("c::b$a", "ok", exec_time=1)],
    ],
)
def test_odd_ones_between_plain_ones_are_read_all_the_same(odd):
    begin, end = suite(100)
    plain = cases(100)
    both(lines(begin, *plain[:20], *odd, *plain[20:60], *odd * 3, *plain[60:], end))


def test_a_test_that_begins_again_is_not_one_that_runs():
    begin, end = suite(100)
    found = both(lines(begin, case("tests::case_50", "started"), case("x", "started"), *cases(100), end))
    assert found.counts["broken"] == 1


def test_tests_of_several_binaries_are_skimmed():
    events = [{**one, "name": f"shop::b{number % 3}${one['name']}"} for number, one in enumerate(cases(90, workers=5))]
    both(lines(*suite(90), *events))


def test_events_on_one_line_are_not_skimmed():
    begin, end = suite(40)
    pair = json.dumps(case("a", "started")) + " " + json.dumps(case("a", "ok", exec_time=1)) + "\n"
    both(lines(begin) + pair * 30 + lines(*cases(40), end) + pair * 3)


def test_messages_of_the_compiler_may_stand_in_front_however_many_there_are():
    artifact = {"reason": "compiler-artifact", "package_id": "p", "filenames": ["/a.rlib"] * 20}
    start, end = suite(1, passed=1)
    text = lines(*[artifact] * 500, {"reason": "build-finished", "success": True}, start, case("a", "ok"), end)
    found = read(("out.json", text))
    assert (found.file["format"], found.counts["total"], found.codes) == ("cargo", 1, [])


def test_tests_that_are_only_listed_are_no_results():
    start, end = suite(1, passed=1)
    listed = {"type": "suite", "event": "discovery"}, case("a", "discovered"), case("b", "discovered")
    assert read(lines(*listed, start, case("a", "ok"), end)).counts["total"] == 1


def test_failures_that_are_allowed_are_counted_apart():
    start, end = suite(1, passed=0, failed=0, allowed_fail=1)
    assert read(lines(start, case("a", "allowed_failure"), end)).codes == []
