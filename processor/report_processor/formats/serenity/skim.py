"""Serenity scenarios that passed with plain steps, read without decoding them.

Such ones follow each other where the files of a folder were joined to one. What comes out is what ``serenity`` and
``step`` make of them.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from report_processor.events import Recorder
from report_processor.formats.serenity.step import READ, SHORT
from report_processor.parsing.json_format import milliseconds_column
from report_processor.parsing.json_skim import ANY, DURATION
from report_processor.parsing.shapes import Part, Rule, Run

OF_SCENARIO: Final = ("testCaseName", "methodName", "testSource", "context", "projectKey")
"""Members of a scenario that are labels."""

_CHARACTER: Final = r'[^"\\\x00-\x1f]'
_NAME: Final = Rule(rf'[^\s"\\\x00-\x1f]{_CHARACTER}{{0,{SHORT - 1}}}+')
_DAY: Final = (
    "20[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_MOMENT: Final = Rule(
    rf"{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,9}}+)?+Z(?:\[[A-Za-z/]{{1,20}}+\])?+",
    number="(?!)",
)
"""A moment, written in UTC."""
_STORY: Final = ("displayName", "storyName", "id")
"""Its names, from the best."""

RULES: Final = {
    "title": _NAME,
    "name": _NAME,
    "id": ANY,
    "scenarioId": ANY,
    "duration": ANY,
    "startTime": _MOMENT,
    "tags[].name": _NAME,
    "tags[].displayName": ANY,
    **dict.fromkeys(OF_SCENARIO, _NAME),
    **{f"userStory.{key}": _NAME for key in _STORY},
    "testSteps[].number": ANY,
    "testSteps[].description": _NAME,
    "testSteps[].duration": DURATION,
    "testSteps[].startTime": ANY,
}
_SILENT: Final = ("children", "exception", "screenshots", "reportData", "precondition")
"""Members of a step that must have nothing to tell."""


class Plan(NamedTuple):
    """Groups of what is told, and what is told of each scenario."""

    title: int
    story: int
    kind: str
    description: str
    start: int
    """-1 for none."""
    driver: str
    steps: list[int]
    durations: list[int]
    """As many as there are steps, or none."""
    labels: list[tuple[str, int]]


def plan(parts: list[Part], scenarios: list[dict[str, Any]]) -> Plan | None:
    """Of a scenario on one line that passed, with steps that passed and say no more."""
    (scenario,) = scenarios
    story, tags, steps = (scenario.get(key) for key in ("userStory", "tags", "testSteps"))
    if not (
        _is_plain(scenario) and isinstance(story, dict) and isinstance(steps, list) and isinstance(tags or [], list)
    ):
        return None
    names = [key for key in _STORY if key in story]
    texts = [scenario.get("title", scenario.get("name")), *(story[key] for key in names)]
    for tag in tags or []:
        if not isinstance(tag, dict):
            return None
        texts += [tag.get("type"), tag.get("name")]
    kind, description = story.get("type", ""), scenario.get("description") or story.get("narrative") or ""
    if not (names and all(type(text) is str and text for text in texts) and type(kind) is type(description) is str):
        return None
    if not steps or any(part.line for part in parts) or not all(map(_is_plain_step, steps)):
        return None
    groups: dict[str, list[int]] = {}
    for part in parts:
        groups.setdefault(part.key, []).append(part.group)
    durations = groups.get("testSteps[].duration", [])
    if len(durations) not in {0, len(steps)}:
        return None
    labels = list(zip((tag["type"] for tag in tags or []), groups.get("tags[].name", []), strict=True))
    return Plan(
        groups["title" if "title" in scenario else "name"][0],
        groups[f"userStory.{names[0]}"][0],
        kind,
        description,
        groups.get("startTime", [-1])[0],
        scenario.get("driver") or "",
        groups["testSteps[].description"],
        durations,
        labels + [(key, groups[key][0]) for key in OF_SCENARIO if scenario.get(key) is not None],
    )


def _is_plain(scenario: dict[str, Any]) -> bool:
    return (
        scenario.get("result") == "SUCCESS"
        and not scenario.get("dataTable")
        and not scenario.get("manual")
        and isinstance(scenario.get("driver", ""), str)
        and ("startTime" not in scenario or isinstance(scenario["startTime"], str))
        and all(isinstance(scenario.get(key), str | None) for key in OF_SCENARIO)
    )


def _is_plain_step(step: Any) -> bool:
    return (
        isinstance(step, dict)
        and step.get("result") == "SUCCESS"
        and step.keys() <= READ
        and "errorMessage" not in step
        and isinstance(step.get("description"), str)
        and type(step.get("duration", 0)) in {int, float}
        and not any(step.get(key) for key in _SILENT)
    )


def take(recorder: Recorder, run: Run[Plan]) -> str:
    """Record scenarios; returns the earliest moment, or nothing."""
    told = run.plan
    recorder.system(os=told.driver)
    opened, closed, columns = recorder.open, recorder.close, recorder.columns
    rows = run.rows
    for row, line in zip(rows, run.lines(), strict=False):
        opened(row[told.story], told.kind, line)
        opened(row[told.title], told.kind, line, told.description)
        steps = [row[group] for group in told.steps]
        durations: Sequence[float | None] | Sequence[str] = [None] * len(steps)
        if told.durations:
            durations = milliseconds_column([row[group] for group in told.durations])
        columns(steps, "", durations, line, 0)
        closed("", [(name, row[group]) for name, group in told.labels])
        closed()
    return min((row[told.start].partition("Z")[0] for row in rows), default="") + "Z" if told.start >= 0 else ""
