"""XCTest as JSON of an .xcresult: what its fixtures do not show."""

import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read, read_apart
from support.skimming import read_both_ways, skimmed

from report_processor import limits
from report_processor.detect import Head
from report_processor.formats.xctest import FORMAT
from report_processor.formats.xctest.json_report import XCResultParser


def node(kind, name, *children, **more):
    return {**({"children": list(children)} if children else {}), "name": name, "nodeType": kind, **more}


def case(name="test()", result="Passed", *children, **more):
    return node("Test Case", name, *children, **({"result": result} if result else {}), **more)


def failure(text="failed - x", *children, **more):
    return node("Failure Message", text, *children, result=more.pop("result", "Failed"), **more)


def run(result, *children, kind="Repetition", **more):
    return node(kind, "Run", *children, result=result, **more)


def report(*nodes, devices=(), **dump):
    plan = node("Test Plan", "Plan", *nodes)
    document = {"devices": list(devices), "testNodes": [plan], "testPlanConfigurations": []}
    return json.dumps(document, **{"sort_keys": True, **dump})


def statuses(found):
    return [(result["title"], result["status"]) for result in found.results]


def only(*nodes):
    (result,) = read(report(*nodes)).results
    return result


@pytest.mark.parametrize(
    "document",
    [
        report(case()),
        report(case(), indent=2),
        '{"testNodes": [], "testPlanConfigurations": [], "devices": []}',
        '{"testNodes": [{"children": [{"children": [{"name": "te',
        '{"devices": [{"deviceName": "x"}], "testNodes": [{"chil',
    ],
)
def test_it_is_known_by_its_keys(document):
    assert FORMAT.recognise(Head(document)).endswith(("testNodes", "nodes of a tree"))


@pytest.mark.parametrize("other", ['{"devices": []}', '{"testNodes": []}', '{"testNodes": [{"id": 1}]}', "[]", "{}"])
def test_other_json_is_not_it(other):
    assert FORMAT.recognise(Head(other)) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Passed", "passed"),
        ("Failed", "failed"),
        ("Skipped", "skipped"),
        ("Expected Failure", "unknown"),
        ("unknown", "unknown"),
        ("Mixed", "unknown"),
        ("", "unknown"),
    ],
)
def test_every_result_has_its_meaning(word, status):
    found = read(report(case(result=word)))
    assert statuses(found) == [("test()", status)]
    assert ("unknown_status" in found.codes) == (word in {"Mixed", ""})


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({"duration": "0.0012s"}, 0.0012),
        ({"duration": "12s"}, 12),
        ({"duration": "1m 2s"}, 62),
        ({"duration": "1h 2m 3s"}, 3723),
        ({"duration": "0,75s"}, 0.75),
        ({"duration": "1\u00a0min 2\u00a0sec"}, None),
        ({"duration": "1s", "durationInSeconds": 1.25}, 1.25),
        ({"durationInSeconds": 9.393692016601562e-05}, 9.3937e-05),
        ({"durationInSeconds": -1}, None),
        ({}, None),
    ],
)
def test_durations_are_texts_for_people_or_seconds(values, seconds):
    result = only(case(**values))
    assert result["duration"] == (None if seconds is None else pytest.approx(seconds, abs=1e-9))


@pytest.mark.parametrize(
    "message",
    [
        'A.swift:3: failed: caught error: "x"',
        "Caught error: .notFound",
        "Crash: Shop at View.body",
        "Time limit was exceeded: 60.000 seconds",
        "Test exceeded execution time allowance of 1 minute",
        "A.swift:3: Asynchronous wait failed: Exceeded timeout of 1 seconds",
    ],
)
def test_crashes_exceptions_and_time_outs_are_broken(message):
    assert only(case("t", "Failed", failure(message)))["status"] == "broken"


@pytest.mark.parametrize(
    ("name", "exception", "description"),
    [
        ("LoginTests.swift:17: XCTAssertTrue failed", "XCTAssertTrue failed", "LoginTests.swift:17"),
        ("XCTAssertTrue failed", "XCTAssertTrue failed", ""),
        ("failed - http://x:80: refused", "failed - http://x:80: refused", ""),
        ("a\nb", "a\nb", "a\nb"),
    ],
)
def test_the_place_of_a_failure_is_no_part_of_its_name(name, exception, description):
    result = only(case("t", "Failed", failure(name)))
    assert (result["exception_name"], result["exception_description"]) == (exception, description)


def test_a_place_may_be_a_value_of_its_own():
    place = {"filePath": "/project/A.swift", "lineNumber": 3}
    result = only(case("t", "Failed", failure("failed - x", sourceLocation=place, details="more")))
    assert result["exception_description"] == "/project/A.swift:3\nmore"


@pytest.mark.parametrize(
    ("word", "runs", "status", "flaky"),
    [
        ("Passed", ["Failed", "Passed"], "passed", True),
        ("Failed", ["Failed", "Passed"], "failed", False),
        ("Failed", ["Passed", "Failed"], "failed", False),
        ("Failed", ["Failed", "Skipped"], "failed", False),
        ("", ["Failed", "Passed"], "passed", True),
        ("", ["Passed", "Failed"], "failed", False),
        ("Passed", ["Passed", "Passed"], "passed", False),
    ],
)
@pytest.mark.parametrize("kind", ["Repetition", "Test Case Run"])
def test_runs_are_attempts(word, runs, status, flaky, kind):
    result = only(case("t", word, *(run(one, kind=kind, durationInSeconds=n) for n, one in enumerate(runs, 1))))
    assert (result["status"], result["flaky"], len(result["attempts"])) == (status, flaky, len(runs))
    assert result["duration"] == len(runs)


def test_a_single_run_is_the_test():
    result = only(case("t", "Failed", run("Failed", failure(), kind="Test Case Run")))
    assert (result["exception_name"], result["attempts"]) == ("failed - x", [])


def test_runs_inside_a_run_of_a_test_case_are_attempts_of_the_test():
    inside = run("Passed", run("Failed", failure()), run("Passed"), kind="Test Case Run")
    result = only(case("t", "Passed", inside))
    assert (len(result["attempts"]), result["flaky"]) == (2, True)


def test_all_failures_of_a_repetition_are_in_its_attempt():
    twice = [run("Failed", failure(text), kind="Test Case Run") for text in ("failed - a", "failed - b")]
    result = only(case("t", "Failed", run("Failed", *twice), run("Failed", failure("failed - c"))))
    first, _ = result["attempts"]
    assert first[2:4] == ("failed - a", "failed - b")
    assert result["exception_name"] == "failed - c"


def test_of_very_many_runs_the_last_decides():
    runs = [*[run("Failed")] * 300, run("Passed")]
    found = read(report(case("t", "", *runs)))
    assert (found.results[0]["status"], len(found.results[0]["attempts"])) == ("passed", limits.ATTEMPTS)
    assert "field_cut" in found.codes


def test_arguments_are_results_in_their_test():
    arguments = [node("Arguments", '"a"', result="Passed"), node("Arguments", '"b"', failure(), result="Failed")]
    found = read(report(case("t(_:)", "Failed", *arguments, tags=["slow"])))
    assert statuses(found) == [('"a"', "passed"), ('"b"', "failed")]
    assert found.path(found.results[0]) == ["Plan", "t(_:)"]
    assert found.containers[-1]["labels"] == [("tag", "slow")]


def test_a_device_that_says_no_more_than_where_a_test_ran_is_a_label():
    result = only(case("t", "Passed", node("Device", "My Mac", details="macOS 26")))
    assert result["labels"] == [("device", "My Mac: macOS 26")]


def test_a_device_without_a_result_has_that_of_its_runs():
    found = read(report(case("t", "Failed", node("Device", "A", run("Passed")), node("Device", "B", run("Failed")))))
    assert statuses(found) == [("A", "passed"), ("B", "failed")]


def test_a_configuration_may_stand_above_the_bundles():
    bundle = node("Unit test bundle", "Tests", node("Test Suite", "Suite", case()))
    found = read(report(node("Test Plan Configuration", "English", bundle)))
    assert found.path(found.results[0]) == ["Plan", "English", "Tests", "Suite"]


def test_a_failure_that_was_expected_is_not_what_failed():
    both = (failure("known", result="Expected Failure"), failure("failed - new"))
    result = only(case("t", "Failed", *both))
    assert (result["exception_name"], result["exception_description"]) == ("failed - new", "known")


def test_a_group_that_failed_though_nothing_in_it_did_is_broken():
    found = read(report(node("Unit test bundle", "Tests", node("Test Suite", "S", case()), result="Failed")))
    assert statuses(found) == [("test()", "passed"), ("Tests", "broken")]
    assert found.path(found.results[1]) == ["Plan", "Tests"]


def test_a_group_that_failed_by_its_tests_is_no_result():
    suite = node("Test Suite", "S", case("t", "Failed"), failure("failed - in tearDown"), result="Failed")
    found = read(report(node("Unit test bundle", "Tests", suite, result="Failed")))
    assert statuses(found) == [("t", "failed")]
    assert "failed - in tearDown" in found.containers[-1]["description"]


def test_an_empty_suite_is_a_container():
    found = read(report(node("Test Suite", "Empty", result="Passed"), case()))
    assert [container["title"] for container in found.containers] == ["Plan", "Empty"]


def test_nodes_of_a_kind_that_nobody_knows_are_told():
    found = read(report(case("t", "Passed", node("Weather", "rain")), node("Moon", "full", result="Passed")))
    assert statuses(found) == [("t", "passed"), ("full", "passed")]
    assert found.results[0]["description"] == "Weather: rain"
    assert found.codes.count("unknown_element") == 1


@pytest.mark.parametrize("count", [1, 2])
def test_the_only_device_is_what_was_tested(count):
    device = {"platform": "iOS", "osVersion": "18.0", "osBuildNumber": "22A1", "modelName": "iPhone 16"}
    system = read(report(case(), devices=[device] * count)).summary["system"]
    assert system == ({"os": "iOS 18.0", "platform": "iPhone 16", "build": "22A1"} if count == 1 else {})


def test_arguments_that_look_alike_stay_apart():
    arguments = [node("Arguments", "Order(id: …)", result=word) for word in ("Failed", "Passed")]
    assert read(report(case("t(_:)", "Failed", *arguments))).counts["failed"] == 1


def test_a_file_that_ends_in_a_test_has_the_tests_before_it():
    document = report(node("Test Suite", "Suite", case("first"), case("second", "Failed", failure()), result="Failed"))
    found = read(document[: document.rindex('"nodeType": "Test Case"')])
    assert statuses(found) == [("first", "passed")]
    assert "truncated_file" in found.codes


def test_a_test_that_is_torn_behind_its_kind_is_kept():
    document = report(node("Test Suite", "Suite", case("torn", "Failed", failure())))
    found = read(document[: document.rindex('"result": "Failed"')])
    assert statuses(found) == [("torn", "failed")]
    assert "unknown_status" not in found.codes


def test_white_space_before_the_document_changes_nothing():
    found = read(("r", Trickle(b"\n\n" + report(case()).encode(), 1)), formatter="xctest")
    assert found.counts["passed"] == 1


@pytest.mark.parametrize("inside", ["runs", "failures", "lines", "labels", "deep"])
def test_memory_is_bounded_whatever_is_in_a_node(inside):
    text = "x" * 50_000
    piece = {
        "runs": json.dumps(run("Failed", failure(text))) + ",",
        "failures": json.dumps(failure(text)) + ",",
        "lines": json.dumps(node("Source Code Reference", text)) + ",",
        "labels": json.dumps(node("Attachment", text)) + ",",
        "deep": f'{{"name": "{text}", "details": "{text}", "tags": ["{text}"], "children": [',
    }[inside]
    parser = XCResultParser()
    parser.feed('{"testNodes": [{"children": [')
    tracemalloc.start()
    for _ in range(400):
        parser.feed(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    parser.salvage()
    assert peak < 40_000_000


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: text.strip()
)
leaves = st.tuples(words, st.sampled_from(["passed", "failed", "skipped"]), st.lists(st.booleans(), max_size=3))
trees = st.recursive(
    leaves, lambda inside: st.tuples(words, st.sampled_from(["Test Suite", "Test Case"]), st.lists(inside, min_size=1))
)
RESULT = {"passed": "Passed", "failed": "Failed", "skipped": "Skipped"}


def written(tree, kind):
    """A node: a leaf is a test with its earlier runs, the others hold them."""
    name, word, inside = tree
    if word in RESULT:
        runs = [run("Passed" if passed else "Failed") for passed in inside] + [run(RESULT[word])] if inside else []
        return node(kind, name, *runs, result=RESULT[word])
    below = "Arguments" if word == "Test Case" else "Test Case"
    return node(word, name, *(written(one, below) for one in inside))


def expected(tree, path):
    name, word, inside = tree
    if word in RESULT:
        return [(path, name, word, len(inside) + 1 if inside else 0)]
    return [row for one in inside for row in expected(one, (*path, name))]


def shuffled(value, chance):
    """The same with the members of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(one, chance) for one in value] if isinstance(value, list) else value


@given(st.lists(trees, min_size=1, max_size=4), st.randoms(use_true_random=False), st.integers(1, 200))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_any_tree_is_read_as_it_was_written(tree, chance, size):
    nodes = [written(one, "Test Case") for one in tree]
    wanted = [row for one in tree for row in expected(one, ("Plan",))]
    document = json.dumps(shuffled({"testNodes": [node("Test Plan", "Plan", *nodes)], "devices": []}, chance))
    found = read_apart(("r", Trickle(document.encode(), size)), formatter="xctest")
    got = [
        (tuple(found.path(result)), result["title"], result["status"], len(result["attempts"]))
        for result in found.results
    ]
    assert got == wanted


# Skimming


def plain(number, **more):
    identifier = f"Login/test{number}()"
    return case(
        f"test{number}()",
        duration=f"{number % 7}.25s",
        durationInSeconds=number % 7 + 0.25,
        nodeIdentifier=identifier,
        nodeIdentifierURL=f"test://com.apple.xcode/Shop/{identifier}",
        **more,
    )


@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"separators": (",", ":")}])
@pytest.mark.parametrize("left_out", ["", "duration", "durationInSeconds", "nodeIdentifier", "nodeIdentifierURL"])
def test_tests_that_pass_are_skimmed(layout, left_out):
    tests = [{key: value for key, value in plain(number).items() if key != left_out} for number in range(100)]
    document = report(node("Test Suite", "Login", *tests[:50]), node("Test Suite", "Cart", *tests[50:]), **layout)
    assert skimmed(document, "xctest") >= 90


@pytest.mark.parametrize(
    "odd",
    [
        plain(7, details="d"),
        plain(7, tags=["slow"]),
        {**plain(7), "result": "Failed"},
        {**plain(7), "nodeType": "Test Suite"},
        {**plain(7), "name": ""},
        {**plain(7), "name": " "},
        {**plain(7), "name": "x" * 5_000},
        {**plain(7), "name": 5},
        {**plain(7), "nodeIdentifier": "é" * 301},
        {**plain(7), "nodeIdentifier": None},
        {**plain(7), "duration": "0,5s"},
        {**plain(7), "durationInSeconds": True},
        {**plain(7), "durationInSeconds": "0.5"},
        {**plain(7), "durationInSeconds": -1},
        {**plain(7), "durationInSeconds": 1e30},
        {**plain(7), "children": []},
        {**plain(7), "children": [failure()]},
        {**plain(7), "more": 1},
        "x",
        None,
    ],
)
def test_odd_ones_between_plain_ones_are_read_all_the_same(odd):
    read_both_ways(report(node("Test Suite", "S", *map(plain, range(20)), odd, odd, *map(plain, range(20)))), "xctest")


@given(st.data())
@settings(suppress_health_check=list(HealthCheck), max_examples=50)
def test_something_odd_anywhere_is_read_all_the_same(data):
    text = report(node("Test Suite", "S", *map(plain, range(20))), indent=data.draw(st.sampled_from([None, 1])))
    at = data.draw(st.integers(300, len(text) - 1))
    odd = data.draw(st.sampled_from(["", "x", "1", "-", " ", "\n", '"', "\\n", "é", ",", "{"]))
    read_both_ways(text[:at] + odd + text[at + data.draw(st.integers(0, 12)) :], "xctest")
