"""Cucumber: what the fixtures do not show."""

import base64
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import STATUSES
from report_processor.formats import load
from report_processor.formats.cucumber import FORMAT, recognise
from report_processor.formats.cucumber import messages as cucumber_messages
from report_processor.formats.cucumber import names as cucumber_names
from report_processor.formats.cucumber import pickles as cucumber_pickles
from report_processor.formats.cucumber.scenario import decoded, step_title
from report_processor.parsing.error_text import problem


def step(name="a till", status="passed", keyword="Given ", **more):
    return {"keyword": keyword, "name": name, "result": {"status": status, "duration": 1_000_000}, **more}


def scenario(*steps, name="buys", **more):
    return {"type": "scenario", "keyword": "Scenario", "name": name, "steps": list(steps), **more}


def background(*steps, **more):
    return {"type": "background", "keyword": "Background", "name": "", "steps": list(steps), **more}


def feature(*elements, name="Shop", **more):
    return {"keyword": "Feature", "name": name, "uri": "shop.feature", "elements": list(elements), **more}


def imported(*features, **options):
    return read(json.dumps(features), formatter="cucumber", **options)


def seen(found):
    return [(*found.path(row)[1:], row["title"], row["status"]) for row in found.results]


def attempts(found):
    return [[STATUSES[one[0]] for one in row["attempts"]] for row in found.results]


def kept(*features):
    """The files that stand inside, by name."""
    files = {}
    found = imported(*features, keep=lambda name, stream: files.update({name.partition("!")[2]: stream.read()}))
    return found, files


def test_the_example_is_recognised_and_read():
    assert recognise(Head(FORMAT.example)) == "array of features with the key elements"
    assert seen(read(FORMAT.example)) == [
        ("signs in", "Given a user", "passed"),
        ("signs in", "Then the user is welcome", "failed"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "x", "keyword": "word"}]',
        '[{"elements": [1, 2]}]',
        '[{"elements": [{"id": 1}]}]',
        "[]",
        "{}",
        '{"meta": {"version": 1}}',
        '{"source": {"uri": "a"}}\n{"x": 1}',
        '{"attachment": {"body": "x"}}',
        '{"stats": {}, "results": []}',
    ],
)
def test_other_json_is_no_cucumber(text):
    assert recognise(Head(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        '[{"line": 2, "elements": [{"line": 5, "name": "", "ty',
        '[{"keyword": "機能", "name": "店", "uri": "x.feature", "el',
        '{"meta": {"protocolVersion": "32.2.0"}}\n{"source"',
        '{"source": {"uri": "a", "data": "b"}}\n{"gherkinDocument": {"feature": {}}}',
        '[{"meta": {"protocolVersion": "32.2.0"}}, {"source": {}}]',
    ],
)
def test_the_beginning_is_enough(text):
    assert recognise(Head(text, whole=False))


def test_an_empty_report_is_one_without_results():
    parser = FORMAT.parser()
    assert parser.feed(" [") + parser.feed("]\n") + parser.close() == []


def test_an_empty_array_is_a_report_when_the_call_says_so():
    assert recognise(Head("[]")) is None
    assert "an empty JSON array" in read("[]").message("zero_files_matched_formatters")["message"]
    assert read("[ ]\n", formatter="cucumber").codes == ["no_tests"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([[feature(scenario(step()))], [feature(scenario(step()), name="Other")]]),
        f"[]{json.dumps([feature(scenario(step()))])}\n[]{json.dumps([feature(scenario(step()), name='Other')])}",
    ],
    ids=["in an array", "one behind the other"],
)
def test_several_reports_in_one_file_are_read(text):
    assert [found.path(row)[0] for found in [read(text)] for row in found.results] == ["Shop", "Other"]


def test_a_scenario_that_was_run_again_is_one_with_attempts():
    first = scenario(step("a"), step("b", "failed"), line=5)
    found = imported(feature(first, scenario(step("a"), step("b"), line=5), scenario(step("a"), name="pays", line=9)))
    assert seen(found) == [("buys", "Given a", "passed"), ("buys", "Given b", "passed"), ("pays", "Given a", "passed")]
    assert attempts(found) == [
        ["passed", "passed"],
        ["failed", "passed"],
        [],
    ]
    assert [row["flaky"] for row in found.results] == [False, True, False]


def test_a_hook_that_broke_in_one_run_only_is_not_lost():
    hook = {"result": {"status": "failed", "error_message": "no till"}}
    elements = [background(step("a", "skipped")), scenario(line=5, before=[hook])]
    found = imported(feature(*elements, background(step("a")), scenario(line=5)))
    assert seen(found) == [("buys", "Given a", "passed"), ("buys", "Before hook", "passed")]
    assert attempts(found) == [
        ["skipped", "passed"],
        ["broken", "passed"],
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"line": 5}, {"line": 6}),
        ({"location": "shop.feature:5"}, {"location": "shop.feature:6"}),
        ({}, {}),
        ({"line": 5, "steps": [step("2 apples", "failed")]}, {"line": 5, "steps": [step("3 apples")]}),
        ({"line": 5, "steps": [step(status="failed", rows=[{"cells": ["2"]}])]}, {"line": 5}),
        ({"line": 5, "steps": [step()]}, {"line": 5}),
    ],
    ids=["line", "location", "no place", "steps", "table", "it passed"],
)
def test_rows_of_an_outline_are_no_attempts(first, second):
    one, two = ({**scenario(step(status=status)), **more} for status, more in (("failed", first), ("passed", second)))
    assert [found.path(row)[1] for found in [imported(feature(one, two))] for row in found.results] == [
        "buys",
        "buys (example #2)",
    ]


def test_of_a_run_that_is_repeated_pytest_bdd_tells_the_status_of_passed_steps_only():
    run = [step("a"), *({"keyword": "When", "name": name, "result": {"duration": 9}} for name in "bc")]
    found = imported(feature(scenario(*run, line=5), scenario(*(step(name, keyword="When") for name in "bc"), line=7)))
    assert [row["status"] for row in found.results[:3]] == ["passed", "failed", "skipped"]
    assert not found.codes


def test_the_report_of_many_browsers_says_where_it_ran():
    browser, platform = {"name": "chrome", "version": "120"}, {"name": "Windows", "version": "11"}
    found = imported(feature(scenario(step()), metadata={"browser": browser, "platform": platform, "device": "PC"}))
    assert found.summary["system"] == {"os": "Windows 11", "platform": "chrome 120"}


def test_a_background_that_is_written_once_is_part_of_all_scenarios_that_follow():
    found = imported(feature(background(step()), scenario(step("b"), name="one"), scenario(step("c"), name="two")))
    assert seen(found) == [
        ("one", "Given a till", "passed"),
        ("one", "Given b", "passed"),
        ("two", "Given a till", "passed"),
        ("two", "Given c", "passed"),
    ]


def test_a_background_before_each_scenario_is_part_of_the_next_only():
    found = imported(feature(background(step("a")), scenario(name="one"), background(step("b")), scenario(name="two")))
    assert seen(found) == [("one", "Given a", "passed"), ("two", "Given b", "passed")]


def test_the_background_of_a_rule_is_added_to_that_of_the_feature():
    found = imported(feature(background(step("a")), background(step("b")), scenario(step("c"))))
    assert [row["title"] for row in found.results] == ["Given a", "Given b", "Given c"]


def test_a_background_ends_with_its_feature():
    found = imported(feature(background(step("a")), scenario(step("b"))), feature(scenario(step("c")), name="Other"))
    assert [row["title"] for row in found.results] == ["Given a", "Given b", "Given c"]


def test_a_background_without_scenarios_is_not_lost():
    assert seen(imported(feature(background(step("a", "failed"))))) == [("Background", "Given a", "failed")]


def test_hooks_and_files_of_a_background_belong_to_the_first_scenario():
    hook = {"result": {"status": "failed", "error_message": "no way"}}
    shot = {"mime_type": "image/png", "data": "AQID"}
    found, files = kept(
        feature(background(step("a", embeddings=[shot]), before=[hook]), scenario(name="one"), scenario(name="two"))
    )
    assert seen(found) == [
        ("one", "Before hook", "broken"),
        ("one", "Given a", "passed"),
        ("two", "Given a", "passed"),
    ]
    assert files == {"embedding-1.png": b"\1\2\3"}
    assert [[name for name, _ in row["assets"]] for row in found.results] == [[], ["embedding-1.png"], []]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("passed", "passed"),
        ("failed", "failed"),
        ("skipped", "skipped"),
        ("pending", "unknown"),
        ("undefined", "unknown"),
        ("ambiguous", "broken"),
        ("PASSED", "passed"),
        ("error", "broken"),
    ],
)
def test_a_status_is_what_the_word_says(word, status):
    found = imported(feature(scenario(step(status=word))))
    assert [row["status"] for row in found.results] == [status]
    assert found.codes == []


@pytest.mark.parametrize("word", ["great", "", None, 1, ["passed"]])
def test_a_status_that_is_not_known_is_no_pass(word):
    found = imported(feature(scenario(step(status=word))))
    assert [row["status"] for row in found.results] == ["unknown"]
    assert found.codes == ["unknown_status"]


def test_a_step_without_a_result_is_no_pass():
    assert seen(imported(feature(scenario({"keyword": "Given ", "name": "x"})))) == [("buys", "Given x", "unknown")]


def test_a_hook_that_is_pending_is_told_and_one_that_passed_is_not():
    hooks = [{"result": {"status": word}} for word in ("passed", "pending", "skipped", "failed")]
    found = imported(feature(scenario(step(), before=hooks, after=hooks)))
    assert [(row["title"], row["status"]) for row in found.results] == [
        ("Before hook", "unknown"),
        ("Before hook (#2)", "broken"),
        ("Given a till", "passed"),
        ("After hook", "unknown"),
        ("After hook (#2)", "broken"),
    ]


def test_a_hook_of_behaves_feature_that_broke_is_a_result_of_the_feature():
    found = imported({"keyword": "Feature", "name": "F", "location": "f.feature:1", "status": "hook_error"})
    assert [(found.path(row), row["title"], row["status"]) for row in found.results] == [
        (["F"], "Feature hook", "broken")
    ]


def test_behave_counts_seconds_and_tells_errors_apart():
    steps = [
        {"keyword": "Given", "step_type": "given", "name": "a", "result": {"status": "passed", "duration": 0.25}},
        {
            "keyword": "Then",
            "step_type": "then",
            "name": "b",
            "result": {"status": "error", "duration": 1, "error_message": ["ValueError: no", "way"]},
        },
        {"keyword": "And", "step_type": "then", "name": "c"},
    ]
    found = imported(feature(scenario(*steps, location="a.feature:3", status="error")))
    assert [(row["title"], row["status"], row["duration"]) for row in found.results] == [
        ("Given a", "passed", 0.25),
        ("Then b", "broken", 1.0),
        ("And c", "skipped", None),
    ]
    assert found.results[1]["exception_description"] == "no\nway"


def test_a_formatter_for_behave_that_follows_cucumber_counts_nanoseconds():
    found = imported(feature(scenario(step(step_type="given", line=3, location="shop.feature:3"))))
    assert found.results[0]["duration"] == 0.001


def test_what_a_hook_attaches_goes_to_what_went_wrong_else_to_the_last_result():
    def after(number):
        return [
            {"embeddings": [{"mime_type": "text/html", "data": f"<p>{number}</p>"}], "result": {"status": "passed"}}
        ]

    found, files = kept(
        feature(
            scenario(step("a"), step("b", "failed"), step("c", "skipped"), name="one", after=after(1)),
            scenario(step("a"), step("b"), name="two", after=after(2)),
            scenario(name="three", after=after(3)),
        )
    )
    assert [(row["title"], [name for name, _ in row["assets"]]) for row in found.results] == [
        ("Given a", []),
        ("Given b", ["embedding-1.html"]),
        ("Given c", []),
        ("Given a", []),
        ("Given b", ["embedding-2.html"]),
        ("Hooks", ["embedding-3.html"]),
    ]
    assert files["embedding-2.html"] == b"<p>2</p>"


def test_names_of_files_are_harmless_and_their_own():
    files = [{"mime_type": "image/png", "data": "AQID", "name": name} for name in ("../../etc/a\0b.PNG", "a.png", "")]
    _, stored = kept(feature(scenario(step(embeddings=files))))
    assert list(stored) == ["embedding-1-a_b.PNG", "embedding-2-a.png", "embedding-3.png"]


def test_members_in_any_order_give_the_same():
    whole = feature(scenario(step(), name="one"), description=" d\n e ", tags=[{"name": "@a"}, "b"])
    order = imported(dict(sorted(whole.items()))), imported(dict(sorted(whole.items(), reverse=True)))
    for found in order:
        assert found.containers[0]["title"] == "Shop"
        assert found.containers[0]["classification"] == "Feature"
        assert found.containers[0]["description"] == "d\ne"
        assert found.containers[0]["labels"] == [("uri", "shop.feature"), ("tag", "@a"), ("tag", "b")]
    assert order[0].results[0]["history_hash"] == order[1].results[0]["history_hash"]


def test_a_feature_without_a_name_is_called_by_its_file():
    found = imported({"uri": "a/b.feature", "elements": [scenario(step())]})
    assert found.path(found.results[0]) == ["a/b.feature", "buys"]


def test_repeated_names_are_numbered_in_each_feature_by_itself():
    rows = [scenario(step(), step()), scenario(step()), scenario(step(), name="other")]
    found = imported(feature(*rows), feature(*rows, name="Second"))
    wanted = ["buys", "buys", "buys (example #2)", "other"]
    assert [found.path(row)[1] for row in found.results] == wanted * 2
    assert [row["title"] for row in found.results][:2] == ["Given a till", "Given a till (#2)"]
    assert "duplicate_names" not in found.codes


def test_more_names_than_can_be_remembered_are_noted(monkeypatch):
    monkeypatch.setattr(cucumber_names, "MAX", 2)
    found = imported(feature(*(scenario(step(), name=str(number)) for number in range(4))))
    assert found.codes == ["field_cut"]


@pytest.mark.parametrize(
    ("keyword", "name", "title"),
    [
        ("Given ", "a", "Given a"),
        ("Given", "a", "Given a"),
        ("* ", "a", "* a"),
        ("*", "a", "* a"),
        ("前提", "店", "前提店"),
        ("Étant donné qu'", "une", "Étant donné qu'une"),
        ("", "a", "a"),
        ("Given", "Given a", "Given a"),
        ("Given ", "Givens", "Given Givens"),
    ],
)
def test_keyword_and_text_stand_as_in_the_feature_file(keyword, name, title):
    assert step_title(keyword, name) == title


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("", "", "")),
        ("just words", ("", "just words", "")),
        ("TypeError: no\n    at f (a.js:1:2)", ("TypeError", "no", "    at f (a.js:1:2)")),
        ("AssertionError [ERR_ASSERTION]: a\nb\n    at f", ("AssertionError", "a\nb", "    at f")),
        (
            "java.lang.AssertionError: x\n\tat a.B.c(B.java:1)\n",
            ("java.lang.AssertionError", "x", "\tat a.B.c(B.java:1)"),
        ),
        ("java.lang.IllegalStateException\n\tat a.B", ("java.lang.IllegalStateException", "", "\tat a.B")),
        (
            "a\n  b (RSpec::Expectations::NotMet)\n./s.rb:3:in `x'",
            ("RSpec::Expectations::NotMet", "a\n  b", "./s.rb:3:in `x'"),
        ),
    ],
)
def test_type_message_and_backtrace_are_told_apart(text, parts):
    assert problem(text) == parts


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("AQID", b"\1\2\3"),
        ("AQ\r\nID", b"\1\2\3"),
        ("AQID" * 30_000 + "A", b"\1\2\3" * 30_000),
        ("a text!", b"a text!"),
        ("é", "é".encode()),
    ],
)
def test_an_embedding_is_base64_or_else_text(data, found):
    assert decoded(data) == found


@pytest.mark.parametrize("value", [1, "x", [], None, [1, None, "x", [], {}]])
@pytest.mark.parametrize("place", ["steps", "before", "tags", "name", "keyword", "start_timestamp", "type"])
def test_any_value_at_any_place_is_survived(place, value):
    assert imported(feature({**scenario(step()), place: value})).file["verdict"] == "parsed"
    assert imported(feature(scenario({**step(status="failed"), place: value}))).file["verdict"] == "parsed"
    assert imported({**feature(scenario(step())), place: value}).file["verdict"] == "parsed"


# Messages


def stamp(seconds=1_795_532_946):
    return {"seconds": seconds, "nanos": 500_000_000}


def started(run="run", case="case", attempt=0):
    return {"testCaseStarted": {"id": run, "testCaseId": case, "attempt": attempt, "timestamp": stamp()}}


def finished(run="run", again=False):
    return {"testCaseFinished": {"testCaseStartedId": run, "timestamp": stamp(), "willBeRetried": again}}


def outcome(number, status="PASSED", run="run", **more):
    result = {"status": status, "duration": {"seconds": 1, "nanos": 500_000_000}, **more}
    return {"testStepFinished": {"testCaseStartedId": run, "testStepId": str(number), "testStepResult": result}}


HOOK = {"hook": {"id": "hook", "type": "BEFORE_TEST_CASE", "name": "open the shop"}}
BEFORE = [
    {"meta": {"protocolVersion": "32.2.0", "os": {"name": "linux", "version": "6"}, "ci": {"buildNumber": "17"}}},
    {
        "gherkinDocument": {
            "uri": "a.feature",
            "feature": {
                "keyword": "Feature",
                "name": "Shop",
                "children": [
                    {
                        "scenario": {
                            "id": "s",
                            "keyword": "Scenario",
                            "name": "buys",
                            "steps": [{"id": "t1", "keyword": "Given "}, {"id": "t2", "keyword": "Then "}],
                        }
                    }
                ],
            },
        }
    },
    {
        "pickle": {
            "id": "pickle",
            "uri": "a.feature",
            "name": "buys",
            "astNodeIds": ["s"],
            "steps": [
                {"id": "p1", "text": "a till", "astNodeIds": ["t1"]},
                {"id": "p2", "text": "all is well", "astNodeIds": ["t2"]},
            ],
        }
    },
    HOOK,
    {"testRunStarted": {"timestamp": stamp()}},
    {
        "testCase": {
            "id": "case",
            "pickleId": "pickle",
            "testSteps": [
                {"id": "0", "hookId": "hook"},
                {"id": "1", "pickleStepId": "p1"},
                {"id": "2", "pickleStepId": "p2"},
            ],
        }
    },
]
END = {"testRunFinished": {"success": False, "timestamp": stamp()}}


def stream(*messages, end=True, before=BEFORE):
    return "".join(json.dumps(message) + "\n" for message in [*before, *messages, *([END] if end else [])])


def said(*messages, **options):
    return read(stream(*messages, **options), formatter="cucumber")


def test_messages_are_read():
    found = said(started(), outcome(0), outcome(1), outcome(2, "FAILED", message="Error: no"), finished())
    assert seen(found) == [("buys", "Given a till", "passed"), ("buys", "Then all is well", "failed")]
    assert [row["duration"] for row in found.results] == [1.5, 1.5]
    assert found.codes == []


def test_messages_in_an_array_are_read_all_the_same():
    messages = [*BEFORE, started(), outcome(1), outcome(2), finished(), END]
    assert seen(read(json.dumps(messages))) == [
        ("buys", "Given a till", "passed"),
        ("buys", "Then all is well", "passed"),
    ]


def test_a_hook_that_fails_and_then_passes_is_flaky_and_not_lost():
    found = said(
        started("r1"),
        outcome(0, "FAILED", "r1", message="Error: away"),
        finished("r1", again=True),
        started("r2", attempt=1),
        *(outcome(number, run="r2") for number in range(3)),
        finished("r2"),
    )
    assert [(row["title"], row["status"], row["flaky"], len(row["attempts"])) for row in found.results] == [
        ("Before hook", "passed", True, 2),
        ("Given a till", "passed", False, 2),
        ("Then all is well", "passed", False, 2),
    ]
    assert found.results[0]["description"] == "open the shop"


def test_steps_of_old_protocols_say_themselves_that_they_are_retried():
    found = said(
        started("r1"),
        outcome(1, "FAILED", "r1", willBeRetried=True),
        {"testCaseFinished": {"testCaseStartedId": "r1"}},
        started("r2"),
        outcome(1, run="r2"),
        {"testCaseFinished": {"testCaseStartedId": "r2"}},
    )
    assert [(row["title"], row["flaky"]) for row in found.results] == [
        ("Given a till", True),
        ("Then all is well", False),
    ]


def test_a_run_that_was_killed_gives_what_there_is_and_no_pass():
    found = said(started(), outcome(1), end=False)
    assert seen(found) == [("buys", "Given a till", "passed"), ("buys", "Then all is well", "unknown")]
    assert (found.file["verdict"], found.codes) == ("partly_parsed", ["truncated_file"])


def test_a_last_line_that_is_torn_is_a_truncated_file():
    text = stream(started(), outcome(1), outcome(2), finished())
    found = read(text + '{"attachment": {"bo', formatter="cucumber")
    assert found.file["verdict"] == "partly_parsed"
    assert len(found.results) == 2


def test_lines_between_that_are_no_json_are_noted():
    found = read(
        stream(started(), outcome(1), outcome(2), finished()).replace("\n", "\nhello\n", 1), formatter="cucumber"
    )
    assert (len(found.results), found.codes) == (2, ["unknown_element"])


def test_a_hook_of_the_run_that_breaks_is_a_result_outside_of_features():
    found = said(
        {"hook": {"id": "all", "type": "AFTER_TEST_RUN", "name": "close"}},
        {"testRunHookStarted": {"id": "h", "hookId": "all"}},
        {
            "attachment": {
                "testRunHookStartedId": "h",
                "body": "AQID",
                "contentEncoding": "BASE64",
                "mediaType": "image/png",
            }
        },
        {
            "testRunHookFinished": {
                "testRunHookStartedId": "h",
                "result": {
                    "status": "FAILED",
                    "exception": {"type": "Error", "message": "no", "stackTrace": "Error: no\n    at x"},
                },
            }
        },
    )
    (row,) = found.results
    assert (row["title"], row["status"], found.path(row)) == ("AfterAll hook", "broken", [])
    assert (row["exception_name"], row["exception_description"], row["exception_backtrace"]) == (
        "Error",
        "no",
        "    at x",
    )
    assert [name for name, _ in row["assets"]] == ["embedding-1.png"]


def test_a_run_that_fails_as_a_whole_is_a_result():
    end = {"testRunFinished": {"success": False, "message": "Error: out of memory"}}
    assert [row["title"] for row in said(end, end=False).results] == ["Test run"]


def test_scenarios_of_two_workers_are_kept_apart():
    second = json.loads(
        json.dumps(BEFORE[1:3] + BEFORE[5:]).replace("a.feature", "b.feature").replace('"Shop"', '"Bank"')
    )
    second[1]["pickle"]["id"] = second[2]["testCase"]["pickleId"] = "other"
    second[2]["testCase"]["id"] = "case2"
    found = said(
        *second,
        started("r1"),
        started("r2", "case2"),
        outcome(1, run="r2"),
        outcome(1, "FAILED", "r1"),
        outcome(2, run="r2"),
        finished("r2"),
        finished("r1"),
    )
    assert [(found.path(row)[0], row["title"], row["status"]) for row in found.results] == [
        ("Bank", "Given a till", "passed"),
        ("Bank", "Then all is well", "passed"),
        ("Shop", "Given a till", "failed"),
        ("Shop", "Then all is well", "unknown"),
    ]


def test_a_scenario_that_nothing_describes_is_read_with_a_note():
    found = said(started(case="?"), outcome(1), finished(), before=[])
    assert [(row["title"], row["status"]) for row in found.results] == [("step 1", "passed")]
    assert found.codes == ["missing_name"]


def test_more_steps_than_can_be_remembered_are_noted(monkeypatch):
    monkeypatch.setattr(cucumber_pickles, "STEPS", 2)
    found = said(started(), outcome(1), outcome(2), finished())
    assert [row["title"] for row in found.results] == ["step 1", "step 2"]
    assert "field_cut" in found.codes


def test_what_is_known_of_a_scenario_is_forgotten_when_it_is_over(monkeypatch):
    monkeypatch.setattr(cucumber_pickles, "STEPS", 8)
    again = [message for number in range(20) for message in _another(number)]
    found = said(*again)
    assert len(found.results) == 40
    assert "field_cut" not in found.codes


def _another(number):
    pickle, case = json.loads(json.dumps([BEFORE[2], BEFORE[5]]))
    pickle["pickle"]["id"] = case["testCase"]["pickleId"] = f"pickle{number}"
    case["testCase"]["id"] = f"case{number}"
    return [pickle, case, started("run", f"case{number}"), outcome(1), outcome(2), finished()]


def test_too_many_scenarios_under_way_are_recorded_as_far_as_they_went(monkeypatch):
    monkeypatch.setattr(cucumber_messages, "_RUNS", 2)
    cases = [message for number in range(5) for message in _another(number)[:2]]
    found = said(*cases, *(started(f"r{number}", f"case{number}") for number in range(5)))
    assert len(found.results) == 10
    assert found.counts["unknown"] == 10


def test_many_attempts_are_bounded():
    runs = [
        message
        for number in range(2 * limits.ATTEMPTS)
        for message in (
            started(f"r{number}"),
            outcome(1, "FAILED", f"r{number}", message="x"),
            finished(f"r{number}", True),
        )
    ]
    found = said(*runs, started(), outcome(1), finished())
    assert len(found.results[0]["attempts"]) == limits.ATTEMPTS


@pytest.mark.parametrize("value", [1, "x", [], None, {}, [1, None, {}], True])
@pytest.mark.parametrize("kind", sorted(cucumber_messages.KINDS))
def test_any_value_as_a_message_is_survived(kind, value):
    found = said({kind: value}, started(), outcome(1), finished())
    assert found.file["verdict"] in {"parsed", "partly_parsed"}


# A report written and read back

text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)
steps = st.lists(
    st.tuples(text, st.sampled_from(["passed", "failed", "skipped", "pending"]), st.integers(0, 10**12)), max_size=4
)
report = st.lists(
    st.tuples(text, st.lists(st.tuples(text, steps), max_size=4, unique_by=lambda one: one[0])),
    max_size=4,
    unique_by=lambda one: one[0],
)
STATUS = {"passed": "passed", "failed": "failed", "skipped": "skipped", "pending": "unknown"}


def model(features):
    for name, scenarios in features:
        for title, rows in scenarios:
            repeats = {}
            for step_name, word, nanos in rows:
                repeats[step_name] = seen = repeats.get(step_name, 0) + 1
                yield (
                    [name, title],
                    f"* {step_name}" + (f" (#{seen})" if seen > 1 else ""),
                    STATUS[word],
                    round(nanos / 1e9, 9),
                )


def told(found):
    return [(found.path(row), row["title"], row["status"], row["duration"]) for row in found.results]


@given(report, st.integers(1, 400), st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_as_json_and_read_back_is_equal(features, size, in_order):
    document = json.dumps(
        [
            feature(
                *(
                    scenario(
                        *(
                            {"keyword": "* ", "name": name, "result": {"status": word, "duration": nanos}}
                            for name, word, nanos in rows
                        ),
                        name=title,
                    )
                    for title, rows in scenarios
                ),
                name=name,
            )
            for name, scenarios in features
        ],
        sort_keys=in_order,
        indent=size % 3 or None,
    )
    found = read(("r.json", Trickle(document.encode(), size)), formatter="cucumber")
    assert told(found) == list(model(features))


@given(report, st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_as_messages_and_read_back_is_equal(features, size):
    before, after = [], []
    for number, (name, scenarios) in enumerate(features):
        before.append({"gherkinDocument": {"uri": str(number), "feature": {"name": name, "keyword": "Feature"}}})
        for at, (title, rows) in enumerate(scenarios):
            key = f"{number}.{at}"
            pickle_steps = [{"id": str(i), "text": f"* {row[0]}"} for i, row in enumerate(rows)]
            before.append({"pickle": {"id": key, "uri": str(number), "name": title, "steps": pickle_steps}})
            case_steps = [{"id": f"{key}.{i}", "pickleStepId": str(i)} for i in range(len(rows))]
            before.append({"testCase": {"id": key, "pickleId": key, "testSteps": case_steps}})
            after.append(started(key, key))
            for i, (_, word, nanos) in enumerate(rows):
                duration = {"seconds": nanos // 10**9, "nanos": nanos % 10**9}
                after.append(outcome(f"{key}.{i}", word.upper(), key, duration=duration))
            after.append(finished(key))
    document = stream(*after, before=before)
    found = read(("r.ndjson", Trickle(document.encode(), size)), formatter="cucumber")
    assert told(found) == list(model(features))


def test_an_embedding_survives_the_way():
    data = bytes(range(256))
    _, files = kept(feature(scenario(step(embeddings=[{"mime_type": "x/y", "data": base64.b64encode(data).decode()}]))))
    assert files == {"embedding-1": data}


def test_runs_of_a_scenario_wait_without_the_files_in_them():
    parser = load("cucumber").parser()
    parser.feed('[{"keyword": "Feature", "name": "f", "uri": "f.feature", "elements": [')
    picture = {"mime_type": "image/png", "data": "aGVs" * 250_000}
    failed = {"keyword": "Given ", "name": "x", "line": 4, "result": {"status": "failed"}, "embeddings": [picture]}
    scenario = {"keyword": "Scenario", "name": "s", "line": 3, "type": "scenario", "steps": [failed]}
    text = json.dumps(scenario)
    tracemalloc.start()
    for number in range(12):
        parser.feed(f"{',' if number else ''}{text}")
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 2 * len(text)
