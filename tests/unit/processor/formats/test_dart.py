"""Dart and Flutter: what the fixtures do not show."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import read_both_ways, skimmed

from report_processor import limits
from report_processor.detect import Head
from report_processor.formats.dart import places, recognise

START = {"protocolVersion": "0.1.1", "runnerVersion": "1.26.3", "type": "start", "time": 0}
DONE = {"success": True, "type": "done", "time": 9}
SUITE = {"suite": {"id": 0, "platform": "vm", "path": "test/a_test.dart"}, "type": "suite", "time": 0}


def start(number=1, name="works", suite=0, groups=(), time=0):
    test = {"id": number, "name": name, "suiteID": suite, "groupIDs": list(groups)}
    return {"test": test, "type": "testStart", "time": time}


def done(number=1, result="success", time=5, **more):
    return {
        "testID": number,
        "result": result,
        "hidden": False,
        "skipped": False,
        "type": "testDone",
        "time": time,
        **more,
    }


def error(number=1, text="no", trace="", failure=False):
    return {"testID": number, "error": text, "stackTrace": trace, "isFailure": failure, "type": "error", "time": 1}


def printed(text, number=1):
    return {"testID": number, "messageType": "print", "message": text, "type": "print", "time": 1}


def group(number, name, suite=0):
    return {"group": {"id": number, "suiteID": suite, "name": name}, "type": "group", "time": 0}


def suite(number, path, platform="vm"):
    return {"suite": {"id": number, "platform": platform, "path": path}, "type": "suite", "time": 0}


def lines(*events):
    return "".join(json.dumps(event) + "\n" for event in events)


def run(*events):
    return read(lines(START, SUITE, *events, DONE))


def only(*events):
    (row,) = (found := run(*events)).results
    return row, found


@pytest.mark.parametrize("word", ["great", "", None, 7, {}])
def test_a_word_that_is_not_known_is_never_a_pass(word):
    row, found = only(start(), done(result=word))
    assert row["status"] == "unknown"
    assert found.codes == ["unknown_status"]


def test_an_error_decides_even_when_the_end_says_success():
    row, _ = only(start(), error(), done())
    assert row["status"] == "broken"


def test_a_hidden_test_counts_when_it_breaks_after_its_end():
    row, _ = only(start(name="(tearDownAll)"), done(hidden=True), error(text="cannot clean up"))
    assert (row["title"], row["status"]) == ("(tearDownAll)", "broken")


def test_an_error_of_a_test_that_nobody_saw_is_a_result_of_its_own():
    row, _ = only(error(number=77, text="lost", failure=True))
    assert (row["title"], row["status"], row["exception_description"]) == (
        "error after the end of a test",
        "failed",
        "lost",
    )


def test_a_print_that_only_looks_like_a_retry_is_output():
    row, _ = only(start(), printed("Retry: works"), done())
    assert not row["attempts"]
    assert row["exception_backtrace"] == "Retry: works"


def test_what_flutter_caught_is_output_when_no_error_follows():
    text = "══╡ EXCEPTION CAUGHT BY FLUTTER TEST FRAMEWORK ╞═\nThe following StateError was thrown running a test:\nno"
    row, _ = only(start(), printed(text), done())
    assert (row["status"], row["exception_backtrace"]) == ("passed", text)


def test_results_of_suites_that_run_side_by_side_stand_together():
    events = [suite(0, "test/a_test.dart"), suite(1, "test/b_test.dart")]
    for number in range(10):
        events += [start(number, f"t{number}", suite=number % 2), done(number)]
    found = read(lines(START, *events, DONE))
    assert [container["title"] for container in found.containers] == ["test/a_test.dart", "test/b_test.dart"]
    assert [row["title"] for row in found.results] == [f"t{n}" for n in (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)]


def test_suites_that_nobody_needs_any_more_are_forgotten_and_others_are_not(monkeypatch):
    monkeypatch.setattr(places, "_KNOWN", 3)
    events = []
    for number in range(1, 41):
        events += [
            suite(number, f"test/s{number}_test.dart"),
            group(100 + number, f"g{number}", number),
            start(1000 + number, f"g{number} works", number, [100 + number]),
            done(1000 + number),
            start(2000 + number, "begins late", 0),
            done(2000 + number),
        ]
    found = run(*events)
    assert [(row["container_path"], row["title"]) for row in found.results if row["title"] == "works"] == [
        (f"test/s{number}_test.dart > g{number}", "works") for number in range(1, 41)
    ]
    late = [row["container_path"] for row in found.results if row["title"] == "begins late"]
    assert late == ["test/a_test.dart"] * 40


def test_memory_is_bounded_when_tests_never_end():
    found = run(*(start(number, f"t{number}") for number in range(5_000)))
    assert found.counts["broken"] == 5_000


def test_memory_is_bounded_when_a_test_that_is_running_prints_without_end(monkeypatch):
    monkeypatch.setattr(limits, "OPEN_TEXT", 10_000)
    prints = [printed("x" * 1000, number) for number in (1, 2) for _ in range(20)]
    found = run(start(1, "first"), start(2, "second"), *prints, done(1), error(2, "no"), done(2))
    assert [(row["title"], row["status"]) for row in found.results] == [("first", "passed"), ("second", "broken")]
    assert sum(len(row["exception_backtrace"]) for row in found.results) <= 20_000
    assert "field_cut" in found.codes


def test_an_error_after_the_end_is_not_lost_when_room_is_made_for_it(monkeypatch):
    monkeypatch.setattr(limits, "OPEN_TEXT", 10)
    found = run(start(1, "first"), done(1), error(1, "too late"))
    assert [row["status"] for row in found.results] in [["broken"], ["passed", "broken"]]
    assert found.results[-1]["exception_description"] == "too late"


def test_a_number_that_is_given_to_two_tests_loses_none():
    found = run(start(1, "first"), done(1), start(1, "second"), done(1))
    assert [row["title"] for row in found.results] == ["first", "second"]


def test_runs_may_follow_each_other():
    document = lines(START, SUITE, start(), done(), DONE) + lines(START, suite(0, "b_test.dart"), start(), done(), DONE)
    found = read(document)
    assert [found.path(row) for row in found.results] == [["test/a_test.dart"], ["b_test.dart"]]
    assert not found.codes


def test_a_run_that_was_stopped_is_read_in_part():
    found = read(lines(START, SUITE, start(), done(), {"success": None, "type": "done", "time": 9}))
    assert (found.codes, found.file["verdict"], found.counts["passed"]) == (["truncated_file"], "partly_parsed", 1)


@pytest.mark.parametrize(
    ("paths", "titles"),
    [
        (["/home/me/test/shop/test/a_test.dart", "/home/me/test/shop/integration_test/b_test.dart"], None),
        (["/x/shop/test/a_test.dart", "/x/shop/b_test.dart"], ["test/a_test.dart", "b_test.dart"]),
        (["C:\\shop\\test\\a_test.dart", "D:\\b_test.dart"], ["test/a_test.dart", "D:/b_test.dart"]),
        (["/x/shop/test/a_test.dart", "/y/shop/test/b_test.dart"], ["test/a_test.dart", "/y/shop/test/b_test.dart"]),
    ],
)
def test_paths_are_relative_to_the_package_of_the_first_suite(paths, titles):
    events = [suite(number, path) for number, path in enumerate(paths)]
    for number in range(len(paths)):
        events += [start(number, "t", suite=number), done(number)]
    found = read(lines(START, *events, DONE))
    expected = titles or ["test/shop/test/a_test.dart", "test/shop/integration_test/b_test.dart"]
    assert [container["title"] for container in found.containers] == expected


def test_it_is_recognised_behind_what_flutter_prints():
    assert recognise(Head("Resolving dependencies...\n" + lines(START)))
    assert not recognise(Head("Resolving dependencies...\n" + lines(DONE)))
    assert not recognise(Head('{"type": "start"}'))


def test_events_of_any_kind_in_any_order_give_a_verdict():
    chance = random.Random(1)
    values = [None, True, -1, 1e300, "", "x", [], {}, [[]], {"id": []}, "1"]
    events = [START, SUITE, group(2, "g"), start(groups=[2]), printed("a"), error(), done(), DONE, {"type": "what"}]
    for _ in range(400):
        chosen = [json.loads(json.dumps(chance.choice(events))) for _ in range(chance.randint(1, 12))]
        for event in chosen:
            inside = chance.choice([event, event.get("test") or event.get("suite") or event.get("group") or event])
            if chance.random() < 0.3:
                inside[chance.choice(list(inside))] = chance.choice(values)
        found = read(("odd", lines(*chosen).encode()), formatter="dart")
        assert "internal_error" not in found.codes


name = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(str.strip)
outcomes = st.sampled_from(["passed", "failed", "broken", "skipped"])
suites = st.lists(
    st.tuples(
        st.tuples(name, st.sampled_from(["vm", "chrome"])),
        st.lists(st.tuples(st.lists(name, max_size=3), name, outcomes, st.integers(0, 10**6)), max_size=6),
    ),
    max_size=4,
    unique_by=lambda one: one[0][0],
)
WORDS = {"passed": "success", "failed": "failure", "broken": "error", "skipped": "success"}


def written(chosen):
    number = 1000
    for index, ((path, platform), tests) in enumerate(chosen):
        yield suite(index, f"test/{path}", platform)
        for groups, one, status, time in tests:
            full, ids = "", []
            for title in groups:
                full = f"{full} {title}" if full else title
                number += 1
                ids.append(number)
                yield group(number, full)
            number += 1
            yield start(number, f"{full} {one}" if full else one, index, ids, 0)
            yield done(number, WORDS[status], time, skipped=status == "skipped")


@given(suites, st.integers(1, 400))
@settings(deadline=None)
def test_any_report_written_as_dart_and_read_back_is_equal(chosen, size):
    document = lines(START, *written(chosen), DONE).encode()
    found = read(("r.json", Trickle(document, size)))
    seen = [(tuple(found.path(row)), row["title"], row["status"], row["duration"]) for row in found.results]
    expected = [
        ((f"test/{path}".replace("\\", "/"), *groups), one, status, time / 1000)
        for (path, _), tests in chosen
        for groups, one, status, time in tests
    ]
    assert sorted(seen) == sorted(expected)


def document(*events):
    return "".join(json.dumps(event) + "\n" for event in (START, SUITE, *events, DONE))


def both(*events):
    """What is read with skimming, after it was compared with what is read without."""
    return read_both_ways(document(*events), "dart")


def runs(numbers, suites=1):
    """Tests one after the other in each suite; suites run side by side."""
    events, waiting = [], []
    for number in numbers:
        if len(waiting) == suites:
            events.append(waiting.pop(0))
        events.append(start(number, f"works {number}", number % suites, [7], number))
        waiting.append(done(number, time=number + 3))
    return events + waiting


@pytest.mark.parametrize("suites", [1, 4])
def test_tests_that_pass_are_skimmed(suites):
    events = runs(range(100, 200), suites)
    assert both(*events).counts["passed"] == 100
    assert skimmed(document(*events), "dart") > 80  # pairs of events


@pytest.mark.parametrize(
    "odd",
    [
        [start("5", "text"), done("5")],
        [start(True, "no number"), done(True)],
        [start(None, "null"), done(None)],
        [start(5.5, "half"), done(5.5)],
        [start(5, 6), done(5)],
        [start(5, None), done(5)],
        [start(5, ""), done(5)],
        [start(5, " "), done(5)],
        [start(5, 'say "a"\\'), done(5)],
        [start(5, "a" * 5_000), done(5)],
        [start(5, "text for a time", time="3"), done(5, time="4")],
        [start(5, "no time", time=None), done(5, time=None)],
        [start(5, "back in time", time=9), done(5, time=4)],
        [start(5, "in no list", groups=[]), done(5)],
        [start(5, "another ends"), done(6)],
        [start(5, "again"), done(5), start(5, "again"), done(5)],
        [start(5, "twice"), done(5), done(5)],
        [start(5, "late"), done(5), error(5)],
        [start(5, "skipped"), done(5, skipped=True)],
        [start(5, "hidden"), done(5, hidden=True)],
        [start(5, "odd word"), done(5, "great")],
        [start(5, "odder word"), done(5, ["great"])],
    ],
)
def test_odd_ones_between_plain_ones_are_read_all_the_same(odd):
    both(*runs(range(100, 120)), *odd, *runs(range(120, 140)), *odd * 3, *runs(range(140, 150)))


def test_more_tests_than_wait_are_skimmed():
    assert both(*runs(range(100, 4_600), 3)).counts["passed"] == 4_500
