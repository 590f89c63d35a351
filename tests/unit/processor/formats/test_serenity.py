"""Serenity: what the fixtures do not show."""

import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read, read_apart
from support.skimming import read_both_ways

from report_processor.formats.serenity import SerenityParser


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def scenario(*steps, result="SUCCESS", **more):
    story = {"id": "s", "storyName": "Story", "type": "feature"}
    return {
        "name": "pays()",
        "title": "Pays",
        "methodName": "pays",
        "testSteps": [*steps],
        "userStory": story,
        "result": result,
        **more,
    }


def step(description="does", result="SUCCESS", **more):
    return {"description": description, "result": result, "duration": 5, **more}


def outcomes(*steps, **more):
    return [(row["title"], row["status"]) for row in read(json.dumps(scenario(*steps, **more))).results]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("SUCCESS", "passed"),
        ("FAILURE", "failed"),
        ("ERROR", "failed"),
        ("UNSUCCESSFUL", "failed"),
        ("COMPROMISED", "broken"),
        ("SKIPPED", "skipped"),
        ("IGNORED", "skipped"),
        ("ABORTED", "skipped"),
        ("PENDING", "unknown"),
        ("UNDEFINED", "unknown"),
    ],
)
def test_a_step_has_the_status_of_its_word(word, status):
    assert outcomes(step(result=word), result=word) == [("does", status)]


def test_a_word_that_nobody_defined_is_unknown_and_noted():
    found = read(json.dumps(scenario(step(result="FINE"))))
    assert found.counts["unknown"] == 1
    assert found.codes == ["unknown_status"]


def test_a_scenario_that_failed_behind_its_steps_has_a_result_of_its_own():
    assert outcomes(step(), result="FAILURE") == [("does", "passed"), ("Pays", "failed")]


def test_why_a_scenario_failed_may_stand_in_members_of_its_own():
    text = json.dumps(scenario(result="ERROR", testFailureClassname="a.B", testFailureMessage="no till"))
    (row,) = read(text).results
    assert (row["exception_name"], row["exception_description"]) == ("a.B", "no till")


def test_scenarios_that_were_joined_to_an_array_are_read():
    found = read(json.dumps([scenario(step(), title="Pays"), scenario(step(), title="Returns")]))
    assert [found.path(row)[1] for row in found.results] == ["Pays", "Returns"]


def test_a_scenario_whose_step_failed_has_none():
    assert outcomes(step(), step("pays", "FAILURE"), result="FAILURE") == [("does", "passed"), ("pays", "failed")]


def test_a_step_that_failed_behind_the_steps_in_it_is_a_result_in_itself():
    outer = step("goes", "FAILURE", children=[step()], exception={"errorType": "E", "message": "late"})
    found = read(json.dumps(scenario(outer, result="FAILURE")))
    assert [(found.path(row)[-1], row["title"], row["status"]) for row in found.results] == [
        ("goes", "does", "passed"),
        ("goes", "goes", "failed"),
    ]


def test_scenarios_of_one_story_in_several_files_lie_in_one_container():
    first, second = scenario(step(), title="Pays"), scenario(step(), title="Returns")
    found = read(json.dumps(first), json.dumps(second))
    assert [container["title"] for container in found.containers] == ["Story", "Pays", "Returns"]


def test_the_description_is_that_of_the_scenario_or_the_narrative_of_the_story():
    story = {"storyName": "Story", "narrative": "In order to", "type": "feature"}
    for more, text in (({"description": "by card"}, "by card"), ({}, "In order to")):
        found = read(json.dumps(scenario(step(), userStory=story, **more)))
        assert text in found.containers[1]["description"]


def test_screenshots_are_assets_and_the_driver_is_the_system():
    shots = [{"screenshot": "a.png", "timeStamp": 1}, {"screenshotName": "b.png", "htmlSource": "b.html"}]
    found = read(json.dumps(scenario(step(screenshots=shots), driver="chrome")))
    assert [name for name, _ in found.results[0]["assets"]] == ["a.png", "b.png", "b.html"]
    assert found.summary["system"] == {"os": "chrome"}


def test_the_zone_in_brackets_does_not_spoil_the_date():
    found = read(json.dumps(scenario(step(), startTime="2026-11-24T16:14:11.804287818+01:00[Europe/Berlin]")))
    assert found.summary["date"] == pytest.approx(seconds("2026-11-24T15:14:11.804287+00:00"))


def test_recorded_data_is_output():
    found = read(json.dumps(scenario(step(reportData=[{"title": "answer", "contents": "{}"}]))))
    assert found.results[0]["exception_backtrace"] == "answer\n{}"


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
name = text.filter(lambda value: value.strip() != "")
leaf = st.tuples(name, st.sampled_from(["SUCCESS", "FAILURE", "SKIPPED", "PENDING"]), st.integers(0, 10**6), name, text)
tree = st.recursive(leaf, lambda inner: st.tuples(name, st.lists(inner, min_size=1, max_size=4)), max_leaves=12)
STATUS = {"SUCCESS": "passed", "FAILURE": "failed", "SKIPPED": "skipped", "PENDING": "unknown"}


def written(one):
    if len(one) == 2:
        return {"description": one[0], "children": [written(child) for child in one[1]]}
    description, result, duration, kind, message = one
    found = {"description": description, "result": result, "duration": duration}
    if result == "FAILURE":
        found["exception"] = {"errorType": kind, "message": message, "stackTrace": []}
    return found


def expected(one, path):
    if len(one) == 2:
        for child in one[1]:
            yield from expected(child, [*path, one[0]])
    else:
        title, result, duration, kind, message = one
        failed = result == "FAILURE"
        yield path, title, STATUS[result], round(duration / 1000, 9), kind * failed, message * failed


@given(st.lists(tree, min_size=1, max_size=6), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_steps_written_as_serenity_and_read_back_are_equal(steps, size):
    document = json.dumps(scenario(*map(written, steps)))
    found = read_apart(("r.json", Trickle(document.encode(), size)), merge_containers=False)
    seen = [
        (
            found.path(row),
            row["title"],
            row["status"],
            row["duration"],
            row["exception_name"],
            row["exception_description"],
        )
        for row in found.results
        if not row["attempts"]
    ]
    wanted = [case for one in steps for case in expected(one, ["Story", "Pays"])]
    if len({(tuple(case[0]), case[1]) for case in wanted}) == len(wanted):  # equal ones may be attempts
        assert seen == wanted


def usual(number=1, steps=None, **more):
    """A scenario as most are; what the file says last of a member counts."""
    found = scenario(*([step(f"does {number}")] if steps is None else steps), title=f"Pays {number}", driver="linux")
    found |= {"startTime": f"2026-11-24T15:14:{number:02d}.5Z[Etc/UTC]", "tags": [{"name": "a", "type": "feature"}]}
    return found | more


def test_usual_scenarios_in_one_file_are_skimmed(monkeypatch):
    begun = []
    monkeypatch.setattr(
        SerenityParser, "begin", lambda self, _: begun.append(self.line) or setattr(self, "_open", False)
    )
    SerenityParser().feed("\n".join(json.dumps(usual(number)) for number in range(50)))
    assert begun == [1]


@pytest.mark.parametrize(
    "more",
    [
        {"title": ""},
        {"title": 5},
        {"title": None},
        {"title": "n" * 8_001},
        {"title": 'a "quoted" one'},
        {"title": "a\nb"},
        {"result": "FAILURE"},
        {"result": None},
        {"result": "success"},
        {"manual": True},
        {"description": "tells"},
        {"description": 7},
        {"driver": None},
        {"driver": 5},
        {"methodName": None},
        {"methodName": 3},
        {"methodName": ""},
        {"startTime": "2026-02-30T15:14:11Z"},
        {"startTime": "2026-11-24T15:14:11+01:00[Europe/Paris]"},
        {"startTime": 1767260700},
        {"startTime": None},
        {"dataTable": {"headers": ["a"], "rows": [{"values": ["1"]}]}},
        {"tags": [{"name": "", "type": "x"}]},
        {"tags": [{"name": "x"}]},
        {"tags": [{"name": "x", "type": 5}]},
        {"tags": ["x"]},
        {"tags": None},
        {"userStory": None},
        {"userStory": {"id": "s"}},
        {"userStory": {"id": "s", "displayName": "", "type": "x"}},
        {"userStory": {"id": "s", "storyName": "S", "type": None}},
        {"userStory": {"id": "s", "narrative": "tells", "type": "x"}},
        {"steps": []},
        {"steps": [step(""), step("b")]},
        {"steps": [step(" ")]},
        {"steps": [step("n" * 8_001)]},
        {"steps": [step(5)]},
        {"steps": [step("a", duration=None)]},
        {"steps": [step("a", duration="5")]},
        {"steps": [step("a", duration=-5)]},
        {"steps": [step("a", duration=True)]},
        {"steps": [step("a", "FAILURE")]},
        {"steps": [step("a", "success")]},
        {"steps": [step("a", precondition=True)]},
        {"steps": [step("a", precondition=False)]},
        {"steps": [step("a", errorMessage="m")]},
        {"steps": [step("a", exception={"message": "m"})]},
        {"steps": [step("a", screenshots=[{"screenshot": "a.png"}])]},
        {"steps": [step("a", other=1)]},
        {"steps": [step("a", children=[step("b")])]},
        {"steps": [step("a", children=[])]},
        {"steps": [step("a"), {"description": "b", "result": "SUCCESS"}]},
        {"steps": [step("a"), 7]},
    ],
)
def test_odd_scenarios_among_usual_ones_are_read_as_they_would_be_alone(more):
    values = [usual(1), usual(2), usual(3, **more), usual(4), *(usual(n, **more) for n in range(5, 10))]
    read_both_ways("\n".join(map(json.dumps, values)), "serenity")


def test_scenarios_on_several_lines_keep_the_lines_of_their_steps():
    text = "\n".join(json.dumps(usual(number), indent=1) for number in range(10))
    read_both_ways(text, "serenity")
