"""Calliope JSON as others may write it; what is written here is read back in ``test_calliope_export``."""

import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reading import read, read_apart
from support.skimming import read_both_ways

from report_contract.phases import Phase
from report_processor.detect import Head
from report_processor.formats.calliope import FORMAT, CalliopeParser


def container(title="suite", results=(), containers=(), **more):
    return {"title": title, "classification": "", "results": list(results), "containers": list(containers), **more}


def result(title="signs in", status="passed", **more):
    return {"title": title, "status": status, **more}


def read_report(*containers, **more):
    return read(json.dumps({"origin": "junit_xml", "containers": list(containers), **more}))


def one(**more):
    (found,) = read_report(container(results=[result(**more)])).results
    return found


def test_its_example_is_recognised_and_read():
    found = read(FORMAT.example)
    assert FORMAT.recognise(Head(FORMAT.example))
    assert [row["status"] for row in found.results] == ["passed", "failed"]
    assert found.file["format"] == "calliope"


@pytest.mark.parametrize(
    "value",
    [
        {"containers": [{"name": "web", "image": "nginx"}]},
        {"containers": [{"title": "web", "image": "nginx"}]},
        {"containers": [], "kind": "Pod"},
        {"containers": {"title": "a", "results": []}, "origin": "x"},
        {"origin": "x", "results": []},
        {"report": {"containers": "many", "origin": "x"}},
        [{"containers": [container()]}],
        {"suites": []},
        {},
    ],
)
def test_other_json_is_not_taken_for_it(value):
    assert FORMAT.recognise(Head(json.dumps(value))) is None


@pytest.mark.parametrize(
    "value",
    [
        {"containers": [container()]},
        {"containers": [], "profile_id": 1, "origin": "x"},
        {"report": {"containers": [], "count_total": 0}},
        {"containers": [{"title": "a", "children": []}]},
    ],
)
def test_what_it_needs_is_little(value):
    assert FORMAT.recognise(Head(json.dumps(value))) is not None


def test_members_may_come_in_any_order():
    inner = {"results": [result("deep")], "title": "inner"}
    found = read(
        json.dumps({"containers": [{"containers": [inner], "results": [result()], "title": "outer"}], "os": "l"})
    )
    assert [(found.path(row), row["title"]) for row in found.results] == [
        (["outer", "inner"], "deep"),
        (["outer"], "signs in"),
    ]
    assert found.summary["system"] == {"os": "l"}


def test_containers_in_a_container_may_be_called_its_children():
    found = read_report(container("a", children=[container("b", [result()])]))
    assert found.path(found.results[0]) == ["a", "b"]


@pytest.mark.parametrize(
    ("members", "duration", "codes"),
    [
        ({"duration": 1.5}, 1.5, []),
        ({"duration": "1.5"}, 1.5, []),
        ({"cached_duration": "260.682"}, 260.682, []),
        ({"duration": None, "cached_duration": 2}, 2.0, []),
        ({"duration": 0, "cached_duration": 2}, 0.0, []),
        ({}, None, []),
        ({"duration": -1}, None, ["invalid_duration"]),
        ({"duration": "soon"}, None, ["invalid_duration"]),
    ],
)
def test_a_duration_is_a_number_of_seconds_or_a_text_of_one(members, duration, codes):
    found = read_report(container(results=[result(**members)]))
    assert found.results[0]["duration"] == duration
    assert found.codes == codes


@pytest.mark.parametrize("status", ["PASSED", "excellent", 0, None, ""])
def test_a_status_that_is_not_known_is_unknown(status):
    found = read_report(container(results=[result(status=status)]))
    known = status == "PASSED"
    assert found.results[0]["status"] == ("passed" if known else "unknown")
    assert found.codes == ([] if known else ["unknown_status"])


def test_labels_are_read_however_they_are_written():
    forms = [{"name": "a", "value": "1"}], {"a": "1"}, [["a", "1"]], [["a"]], ["x"]
    assert [one(labels=form)["labels"] for form in forms] == [
        [("a", "1")],
        [("a", "1")],
        [("a", "1")],
        [("a", "")],
        [("label", "x")],
    ]


def test_labels_may_be_a_text_of_json():
    assert one(json_data='{"seed": 5}')["labels"] == [("seed", "5")]
    assert one(json_data="{seed")["labels"] == [("label", "{seed")]


def test_a_report_with_results_alone_is_read_when_the_call_says_so():
    text = json.dumps({"results": [result()]})
    assert FORMAT.recognise(Head(text)) is None
    assert [row["title"] for row in read(text, formatter="calliope").results] == ["signs in"]


def test_members_that_are_not_known_are_labels():
    found = one(position=4, json_data={"seed": [5]}, created_at="2021", id=7, cached_total=1, note=None, tags=[])
    assert found["labels"] == [("seed", "[5]"), ("position", "4")]


@pytest.mark.parametrize("prefix", ["count_", "cached_"])
def test_counts_that_differ_are_noted_once_for_each(prefix):
    results = [result("a"), result("b", "failed")]
    stated = {f"{prefix}total": 3, f"{prefix}passed": 1, f"{prefix}failed": 2, f"{prefix}duration": "9"}
    found = read_report(container(results=results, **stated))
    assert found.codes == ["suite_count_differs"]
    assert found.message("suite_count_differs")["count"] == 2
    assert f'{prefix}total="3", but there are 2 in suite' in found.message("suite_count_differs")["message"]


def test_counts_may_be_of_all_results_below_or_of_its_own():
    inner = container("inner", [result("a"), result("b", "informational")], count_total=1)
    found = read_report(container("outer", [result("c")], [inner], count_total=1), count_total="3")
    assert found.codes == []


def test_a_container_without_a_title_is_read():
    found = read_report({"results": [result()], "containers": None})
    assert found.path(found.results[0]) == [""]


@pytest.mark.parametrize(
    "value",
    [
        container(results=[None, 5, "x", [result()], {}]),
        container(containers=[[container("b")], 7, "x"]),
        container(title=5, classification={"a": 1}, description=[1], labels="x", assets="y"),
        container(results=[result(attempts=[1, {}], labels=5, assets={"a": 1}, flaky="yes", title=None)]),
        container(count_total=[], cached_passed={}, count_="x", count_title=1),
    ],
)
def test_values_of_any_type_are_read(value):
    assert read_report(value).phase == Phase.SUCCEEDED


def test_what_is_too_long_is_cut():
    found = read_report(container(results=[result()], description="d" * 300_000, labels=[{"name": "n" * 2000}] * 600))
    assert found.codes == ["field_cut"]
    assert len(found.containers[0]["labels"]) == 500


def test_a_report_that_is_cut_off_keeps_what_was_read():
    whole = json.dumps({"origin": "x", "containers": [container("a", [result()], [container("b", [result("c")])])]})
    for size in range(20, len(whole)):
        found = read(whole[:size], formatter="calliope")
        assert found.phase in {Phase.FAILED, Phase.PARTIALLY_SUCCEEDED}


def test_the_sample_of_the_benchmark_is_read_as_meant():
    path = Path(__file__).parents[4] / "benchmarks" / "samples" / "calliope.py"
    spec = importlib.util.spec_from_file_location("calliope_sample", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = read("".join(module.pieces(130)))
    assert (found.counts["passed"], found.counts["failed"], found.codes) == (128, 2, [])
    assert len(found.containers) == 7


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
results = st.builds(
    result,
    words,
    st.sampled_from(["passed", "skipped", "unknown", "informational"]),
    classification=words,
    description=words,
    exception_description=words,
)
trees = st.recursive(
    st.builds(container, words, st.lists(results, max_size=3)),
    lambda inner: st.builds(container, words, st.lists(results, max_size=3), st.lists(inner, max_size=3)),
    max_leaves=8,
)


@given(st.lists(trees, max_size=3), st.randoms(use_true_random=False))
def test_a_tree_in_any_order_of_members_is_read_back(model, random):
    def shuffled(value):
        if isinstance(value, dict):
            members = [(name, shuffled(member)) for name, member in value.items()]
            random.shuffle(members)
            return dict(members)
        return [shuffled(one) for one in value] if isinstance(value, list) else value

    found = read_apart(json.dumps(shuffled({"origin": "x", "containers": model})), formatter="calliope")

    def wanted(node, path):
        path = (*path, node["title"])
        for row in node["results"]:
            kept = ("title", "status", "classification", "description", "exception_description")
            yield path, *(row[name] for name in kept)
        for inner in node["containers"]:
            yield from wanted(inner, path)

    kept = ("title", "status", "classification", "description", "exception_description")
    back = [(tuple(found.path(row)), *(row[name] for name in kept)) for row in found.results]
    assert sorted(back) == sorted(row for node in model for row in wanted(node, ()))


def plain(number=1, **more):
    told = {"id": number, "title": f"t{number}", "classification": "c", "status": "passed", "duration": number / 1000}
    return told | more


def report_of(*results):
    return '{"origin": "x", "containers": [' + json.dumps(container(results=results)) + "]}"


def test_usual_results_are_skimmed(monkeypatch):
    slow = []
    keep = CalliopeParser.item
    monkeypatch.setattr(CalliopeParser, "item", lambda self, *more: slow.append(more) or keep(self, *more))
    CalliopeParser().feed(report_of(*map(plain, range(1, 51))))
    assert [value["id"] for _, value in slow] == [1]


@pytest.mark.parametrize(
    "more",
    [
        {"title": ""},
        {"title": "  "},
        {"title": "n" * 8_001},
        {"title": 5},
        {"title": None},
        {"title": 'a "quoted" one'},
        {"classification": None},
        {"classification": 7},
        {"classification": "n" * 8_001},
        {"status": "PASSED"},
        {"status": "failed"},
        {"status": None},
        {"duration": None},
        {"duration": "0.5"},
        {"duration": -1},
        {"duration": True},
        {"duration": 1e300},
        {"duration": []},
        {"cached_duration": 3},
        {"description": "tells"},
        {"labels": [{"name": "a", "value": "b"}]},
        {"flaky": True},
        {"other": 1},
    ],
)
def test_odd_results_among_usual_ones_are_read_as_they_would_be_alone(more):
    text = report_of(plain(1), plain(2), plain(3, **more), plain(4), *(plain(n, **more) for n in range(5, 10)))
    read_both_ways(text, "calliope")
