"""Calliope JSON: what is written is read back as it was."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import Rows, read

from report_processor import limits
from report_processor.calliope_export import CalliopeExport
from report_processor.collect import Collector
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, Recorder
from report_processor.parsing.draft import Draft


def collected(model):
    """The model as an import collects it: what a sink sees, and what the export writes."""
    rows = Rows()
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        export = CalliopeExport(Path(second))
        summaries = []
        for sink, folder in ((rows, first), (export, second)):
            collector = Collector(sink, Path(folder), bad_apart=False)
            collector.begin_file("model", "junit", "")
            recorder = Recorder()
            recorder.date(1767260600.25)
            recorder.system(os="linux", platform="x", build="#7")
            record(recorder, model)
            collector.feed(recorder.take())
            collector.end_file("parsed")
            summaries.append(collector.finish())
        return rows, "".join(export.pieces(summaries[1])), summaries[1]


def record(recorder, items):
    for item in items:
        if isinstance(item, Draft):
            item.record(recorder)
            continue
        title, classification, description, labels, inner = item
        recorder.open(title, classification, 1)
        record(recorder, inner)
        recorder.close(description, labels)


def tree(rows):
    """Containers with what is in them: results in order, then containers in order."""
    containers = rows.containers_seen
    results = sorted(rows.results_seen, key=lambda row: row["id"])

    def inside(number):
        found = []
        for row in results:
            if row["container_id"] == number:
                kept = {
                    name: value for name, value in row.items() if name not in {"id", "container_id", "file", "line"}
                }
                found.append(kept)
        for inner in sorted(containers):
            row = containers[inner]
            if row["parent"] == number:
                kept = {name: row[name] for name in ("title", "classification", "description", "counts", "duration")}
                found.append((kept, [tuple(label) for label in row["labels"]], inside(inner)))
        return found

    return inside(0)


def read_back(text):
    found = read(text)
    rows = Rows()
    rows.results_seen = found.results
    rows.containers_seen = {row["id"]: row for row in found.containers}
    return found, rows


def draft(title, classification="", status=PASSED, **more):
    made = Draft(title, classification, status, 1)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_a_report_is_one_json_document_that_states_its_counts():
    failed = draft("b", "K", FAILED, duration=0.5)
    _, text, _ = collected([("suite", "kind", "About it.", [("os", "linux")], [draft("a", duration=1.5), failed])])
    written = json.loads(text)
    (container,) = written["containers"]
    assert (written["origin"], written["count_total"], written["count_failed"]) == ("junit_xml", 2, 1)
    assert (written["date"], written["os"], written["build"]) == ("2026-01-01T09:43:20.250000Z", "linux", "#7")
    assert (container["title"], container["classification"], container["description"]) == ("suite", "kind", "About it.")
    assert (container["count_total"], container["count_passed"], container["duration"]) == (2, 1, 2.0)
    assert [(row["id"], row["title"], row["status"]) for row in container["results"]] == [
        (1, "a", "passed"),
        (2, "b", "failed"),
    ]


def test_results_around_a_container_stand_together_in_their_order():
    bad = draft("b", status=BROKEN)
    rows, text, _ = collected([("s", "", "", [], [draft("a"), ("inner", "", "", [], [draft("x")]), bad, draft("c")])])
    (container,) = json.loads(text)["containers"]
    assert [row["title"] for row in container["results"]] == ["a", "b", "c"]
    assert tree(read_back(text)[1]) == tree(rows)


def test_an_empty_report_has_neither():
    written = json.loads(collected([])[1])
    assert (written["results"], written["containers"], written["count_total"]) == ([], [], 0)


def test_results_without_a_container_stand_at_the_top():
    written = json.loads(collected([draft("a"), draft("b", status=SKIPPED)])[1])
    assert [row["title"] for row in written["results"]] == ["a", "b"]


def test_long_backtraces_with_output_are_not_cut():
    long = draft("a", status=FAILED)
    long.trace("é" * 99 + "\n" + "t" * (limits.BACKTRACE - 200))
    long.output("o\n" * (limits.BACKTRACE // 2))
    rows, text, _ = collected([("s", "", "", [], [long])])
    found, back = read_back(text)
    assert tree(back) == tree(rows)
    assert found.codes == []


@pytest.mark.parametrize("depth", [1, limits.DEPTH])
def test_containers_may_be_as_deep_as_is_allowed(depth):
    model = [draft("deep")]
    for level in range(depth):
        model = [(f"level {level}", "", "", [], model)]
    rows, text, _ = collected(model)
    assert tree(read_back(text)[1]) == tree(rows)


def test_many_results_go_through_in_pieces():
    model = [
        (f"s{n}", "", "", [], [draft(f"t{i}", status=FAILED if i % 7 == 0 else PASSED) for i in range(700)])
        for n in range(9)
    ]
    rows, text, _ = collected(model)
    assert tree(read_back(text)[1]) == tree(rows)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=10)
titles = words.filter(lambda word: word.strip() != "")
maybe = st.just("") | words
durations = st.none() | st.floats(0, 1e6)
labels = st.lists(st.tuples(words, maybe), max_size=3)
attempts = st.lists(st.tuples(st.integers(0, 4), durations, maybe, maybe, maybe), min_size=2, max_size=3)


@st.composite
def results(make):
    made = draft(make(titles), make(maybe), make(st.integers(0, 5)), duration=make(durations), exception=make(maybe))
    made.describe(make(maybe))
    made.message(make(maybe))
    made.trace(make(maybe))
    made.flaky = make(st.booleans())
    for name, value in make(labels):
        made.label(name, value)
    for name in make(st.lists(words, max_size=2)):
        made.asset(name)
    if make(st.booleans()):
        for attempt in make(attempts):
            made.attempt(*attempt)
    return made


items = st.recursive(
    results(),
    lambda inner: st.tuples(maybe, maybe, maybe, labels, st.lists(inner, max_size=4)),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.lists(items, max_size=4))
def test_any_report_written_and_read_back_is_equal(model):
    rows, text, summary = collected(model)
    found, back = read_back(text)
    assert tree(back) == tree(rows)
    assert found.counts == summary["counts"]
    assert found.summary["date"] == summary["date"]
    assert found.summary["system"] == summary["system"]
    assert found.summary["status_hash"] == summary["status_hash"]
    assert "suite_count_differs" not in found.codes
