"""What the collector does beyond JUnit: names that come late, results put together, merged containers."""

import tempfile
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.reading import Rows

from report_processor.collect import Collector
from report_processor.events import FAILED, PASSED, Recorder


def row(title, status=PASSED, assets=(), line=0):
    details = ("", "", "", "", False, (), (), list(assets)) if assets else None
    return title, "", status, 1.0, line, details


class Collected:
    """What some files, given as lists of lists of events, become."""

    def __init__(self, *files, merge=False, attachments=()):
        rows = Rows()
        with tempfile.TemporaryDirectory() as folder:
            collector = Collector(rows, Path(folder), bad_apart=False)
            for number, pieces in enumerate(files, 1):
                collector.begin_file(f"{number}.json", "f", "e", merge)
                for events in pieces:
                    collector.feed(events)
                collector.end_file("parsed")
            for name in attachments:
                collector.attachment(name, f"key/{name}")
            self.summary = collector.finish()
            assert not list(Path(folder).glob("[!i]*"))
        self.results = sorted(rows.results_seen, key=lambda one: one["id"])
        self.containers = rows.containers_seen

    @property
    def tree(self):
        return [(one["container_path"], one["title"]) for one in self.results]


def test_a_container_may_be_named_behind_its_content():
    recorder = Recorder()
    recorder.open_unnamed(1)
    recorder.rows.append(row("a"))
    pieces = [recorder.take()]
    recorder.open_unnamed(2)
    recorder.rows.append(row("b"))
    recorder.name("inner")
    recorder.close()
    recorder.open("named", "", 3)
    recorder.rows.append(row("c"))
    recorder.close()
    pieces.append(recorder.take())
    recorder.name("outer", "Feature", "about it")
    recorder.rows.append(row("d"))
    recorder.close("output")
    pieces.append(recorder.take())
    found = Collected(pieces)
    assert found.tree == [("outer", "a"), ("outer > inner", "b"), ("outer > named", "c"), ("outer", "d")]
    assert found.containers[1]["description"] == "about it\noutput"
    assert found.containers[1]["classification"] == "Feature"


def test_containers_that_never_get_a_name_keep_their_results():
    recorder = Recorder()
    recorder.open_unnamed(1)
    recorder.open_unnamed(2)
    recorder.rows.append(row("a"))
    found = Collected([recorder.take()])
    assert [one["title"] for one in found.results] == ["a"]
    assert [one["title"] for one in found.containers.values()] == ["", ""]


def test_very_much_may_stand_before_a_name():
    recorder = Recorder()
    recorder.open_unnamed(1)
    pieces = []
    for number in range(60_000):
        recorder.rows.append((f"test number {number}", "some.Class", number % 2, 1.0, 1, None))
        if number % 1000 == 0:
            pieces.append(recorder.take())
    recorder.name("big")
    recorder.close()
    pieces.append(recorder.take())
    found = Collected(pieces)
    assert found.summary["counts"]["total"] == 60_000
    assert {one["container_path"] for one in found.results} == {"big"}


tree = st.recursive(
    st.text("ab", max_size=3),
    lambda inner: st.tuples(st.sampled_from("xyz"), st.booleans(), st.lists(inner)),
    max_leaves=12,
)


def play(recorder, node, *, late):
    if isinstance(node, str):
        recorder.rows.append(row(node))
        return
    title, unnamed, inside = node
    if late and unnamed:
        recorder.open_unnamed(0)
    else:
        recorder.open(title, "", 0)
    for one in inside:
        play(recorder, one, late=late)
    if late and unnamed:
        recorder.name(title)
    recorder.close()


@given(st.lists(tree, max_size=4), st.sampled_from([1, 100, 1_000_000]))
def test_when_a_name_comes_makes_no_difference(nodes, memory):
    results = []
    for late in (False, True):
        recorder = Recorder()
        pieces = []
        for node in nodes:
            play(recorder, node, late=late)
            pieces.append(recorder.take())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("report_processor.naming._MEMORY", memory)
            results.append(Collected(pieces).results)
    assert results[0] == results[1]


def late(*results):
    files = []
    for path, key, order, one in results:
        recorder = Recorder()
        recorder.late([(title, "") for title in path], key, order, one)
        files.append([recorder.take()])
    return files


def test_results_in_files_of_their_own_become_one_tree():
    found = Collected(
        *late(
            (["b", "x"], "k1", 3, row("third")),
            (["a"], "k2", 2, row("second")),
            (["b", "x"], "k3", 1, row("first")),
        )
    )
    assert found.tree == [("a", "second"), ("b > x", "first"), ("b > x", "third")]
    assert len(found.containers) == 3
    assert [one["file"] for one in found.results] == ["2.json", "3.json", "1.json"]


def test_results_with_one_key_are_attempts_in_their_order_whatever_the_order_of_the_files():
    found = Collected(*late((["s"], "k", 2, row("t")), (["s"], "k", 1, row("t", 1)), (["s"], "other", 3, row("u"))))
    first, _ = found.results
    assert [attempt[0] for attempt in first["attempts"]] == [1, 0]
    assert (first["status"], first["flaky"]) == ("passed", True)
    assert found.summary["attempt_count"] == 3
    assert found.summary["counts"]["total"] == 2


@pytest.mark.parametrize(("limit", "value"), [("MAX", 10), ("_PATHS", 500)])
def test_more_such_results_than_the_index_holds_come_in_portions_of_one_tree(monkeypatch, limit, value):
    monkeypatch.setattr(f"report_processor.late.{limit}", value)
    found = Collected(*late(*((["s", f"c{n % 3}"], f"k{n}", n, row(f"t{n}")) for n in range(35))))
    assert found.summary["counts"]["total"] == 35
    assert len(found.containers) == 4
    assert found.containers[1]["counts"][PASSED] == 35


def features(*, description=""):
    recorder = Recorder()
    for scenario in ("one", "two"):
        recorder.open("Some Feature", "Feature", 1, description if scenario == "two" else "")
        recorder.open("Outline", "Scenario Outline", 2)
        recorder.rows.append(row(scenario))
        recorder.close("output of " + scenario)
        recorder.close()
    return recorder.take()


def test_equal_siblings_are_merged_recursively_when_that_is_asked_for():
    found = Collected([features()], merge=True)
    assert [one["title"] for one in found.containers.values()] == ["Some Feature", "Outline"]
    assert found.containers[1]["counts"][PASSED] == 2
    assert found.containers[2]["description"] == "output of one\noutput of two"
    assert found.summary["counts"]["total"] == 2
    assert found.summary["container_count"] == 2
    assert {one["container_id"] for one in found.results} == {2}


def test_equal_siblings_in_two_files_are_merged_too():
    found = Collected([features()], [features()], merge=True)
    assert found.containers[1]["counts"][PASSED] == 4


def test_without_being_asked_nothing_is_merged():
    assert len(Collected([features()]).containers) == 4


def test_another_description_is_another_container():
    found = Collected([features(description="differs")], merge=True)
    assert len(found.containers) == 4


def test_a_file_that_comes_after_the_result_naming_it_is_found():
    recorder = Recorder()
    recorder.rows.append(row("t", assets=["shots/a.png", "gone.png"], line=7))
    found = Collected([recorder.take()], attachments=["a.png"])
    assert found.results[0]["assets"] == [("shots/a.png", "key/a.png"), ("gone.png", "")]
    (message,) = found.summary["files"][0]["messages"]
    assert (message["code"], message["line"]) == ("attachment_not_found", 7)


@pytest.mark.parametrize("first", ["", "Linux"])
def test_the_first_system_that_is_told_counts(first):
    recorder = Recorder()
    recorder.system(os=first)
    recorder.system(os="Windows", build="7")
    assert Collected([recorder.take()]).summary["system"] == {"os": first or "Windows", "build": "7"}


def test_containers_with_more_text_than_is_kept_stay_apart_and_whole(monkeypatch):
    monkeypatch.setattr("report_processor.merging._TEXT", 1_000)
    recorder = Recorder()
    for number in range(6):
        recorder.open("same" if number in {0, 5} else f"c{number}", "", 1)
        recorder.rows.append(row(f"t{number}"))
        recorder.close(str(number) * 400)
    found = Collected([recorder.take()], merge=True)
    texts = {one["code"]: one["texts"] for one in found.summary["messages"]}
    assert texts["containers_not_merged"] == ["3 containers"]
    assert texts["field_cut"] == ["400 characters of merged containers were cut"]
    told = {number: one["description"] for number, one in found.containers.items()}
    assert told == {1: "0" * 400, **{number: str(number - 1) * 400 for number in range(2, 6)}}
    assert found.containers[1]["counts"][PASSED] == 2
    assert found.summary["counts"]["total"] == 6


def test_the_table_is_not_read_again_when_every_result_has_a_name_of_its_own(monkeypatch):
    monkeypatch.setattr(Rows, "titles_of", lambda *_: pytest.fail("it was read"))
    assert Collected([features()]).summary["counts"]["total"] == 2


def test_only_the_containers_that_ended_last_are_remembered_for_merging(monkeypatch):
    monkeypatch.setattr("report_processor.merging._MAX", 3)
    recorder = Recorder()
    for title in ("a", "b", "c", "a", "d", "e", "a", "b"):
        recorder.open(title, "", 1)
        recorder.rows.append(row(f"t{len(title)}"))
        recorder.close()
    found = Collected([recorder.take()], merge=True)
    assert sorted(one["title"] for one in found.containers.values()) == ["a", "b", "b", "c", "d", "e"]
    assert sum(one["counts"][PASSED] for one in found.containers.values()) == 8
    assert found.summary["container_count"] == 6
    assert "containers_not_merged" in [message["code"] for message in found.summary["messages"]]


def test_a_container_that_is_open_again_is_not_forgotten(monkeypatch):
    monkeypatch.setattr("report_processor.merging._MAX", 1)
    recorder = Recorder()
    for part in range(3):
        recorder.open("story", "", 1)
        for number in range(4):
            recorder.open(f"scenario {part} {number}", "", 2)
            recorder.rows.append(row("step"))
            recorder.close()
        recorder.close()
    found = Collected([recorder.take()], merge=True)
    stories = [one for one in found.containers.values() if one["title"] == "story"]
    assert [one["counts"][PASSED] for one in stories] == [12]


def test_what_waited_for_a_name_is_handed_over_in_batches():
    sizes = []

    class Sink(Rows):
        def results(self, batch):
            sizes.append(len(batch))
            super().results(batch)

    recorder = Recorder()
    recorder.open_unnamed(1)
    events = recorder.take()
    for number in range(100):
        recorder.rows += [row(f"t{number}-{place}") for place in range(200)]
        events += recorder.take()
    recorder.name("at last")
    recorder.close()
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(Sink(), Path(folder), bad_apart=False)
        collector.begin_file("1.json", "f", "e")
        collector.feed(events + recorder.take())
        collector.end_file("parsed")
        collector.finish()
    assert sum(sizes) == 20_000
    assert max(sizes) < 5_000


outcomes = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([PASSED, PASSED, FAILED])), min_size=1, max_size=12
)
ways = st.lists(st.tuples(st.integers(1, 4), st.booleans(), st.booleans()), min_size=1, max_size=5)
"""How many results come at once; whether as columns, if they passed; whether a piece of the file ends behind them."""


@given(outcomes, ways)
@example([("t", FAILED), ("x", PASSED), ("t", PASSED), ("x", PASSED)], [(1, False, False), (3, True, False)])
def test_the_same_attempts_are_found_however_the_results_come(outcomes, ways):
    one_by_one, mixed = Recorder(), Recorder()
    one_by_one.open("s", "", 1)
    mixed.open("s", "", 1)
    pieces, at = [], 0
    for size, columns, ends in cycle(ways):
        some = outcomes[at : at + size]
        rows = [row(title, status, line=line) for line, (title, status) in enumerate(some, at)]
        one_by_one.rows += rows
        if columns and all(status == PASSED for _, status in some):
            mixed.columns([title for title, _ in some], "", [1.0] * len(some), at, 1)
        else:
            mixed.rows += rows
        if ends:
            pieces.append(mixed.take())
        at += size
        if at >= len(outcomes):
            break
    found, wanted = Collected([*pieces, mixed.take()]), Collected([one_by_one.take()])
    assert found.results == wanted.results
    assert found.summary["counts"] == wanted.summary["counts"]
    assert found.summary["flaky_count"] == wanted.summary["flaky_count"]
