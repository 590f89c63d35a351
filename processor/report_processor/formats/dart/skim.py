"""Events that a test of Dart begins or ends, two at a time, which may be of different tests and suites."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from report_processor.parsing.json_format import dict_of, text_of
from report_processor.parsing.json_skim import ANY, DURATION, TEXT, JsonSkimmer
from report_processor.parsing.shapes import Part, Rule, Run

_ID: Final = Rule(TEXT.expression, number="(?:0|[1-9][0-9]{0,17}+)")
_UNREAD: Final = ("line", "column", "url", "root_line", "root_column", "root_url")
_RULES: Final = {
    "time": DURATION,
    "testID": _ID,
    "test.id": _ID,
    "test.name": TEXT,
    "test.suiteID": _ID,
    "test.groupIDs[]": _ID,
    **{f"test.{key}": ANY for key in _UNREAD},
}
_SIGNS: Final = ("", "+")


class Begin(NamedTuple):
    """A test begins: the groups of what is said of it."""

    id: int
    name: int
    suite: int
    groups: list[int]
    time: int
    skip: str
    """Why it is skipped."""


class End(NamedTuple):
    """A test ends."""

    id: int
    time: int
    event: dict[str, Any]
    """An event that says the same of its test."""


Pair = list[Begin | End]


def skimmer(take: Callable[[Run[Pair]], None]) -> JsonSkimmer[Pair]:
    """Of pairs of such events."""
    rules = {sign + key: rule for sign in _SIGNS for key, rule in _RULES.items()}
    return JsonSkimmer(rules, lambda: True, _plan, take, objects=2, most=8)


def _plan(parts: list[Part], events: list[dict[str, Any]]) -> Pair | None:
    if any("\\" in part.value and not part.key.endswith(_UNREAD) for part in parts):
        return None
    found = [_one(event, sign, parts) for event, sign in zip(events, _SIGNS, strict=True)]
    pair = [one for one in found if one is not None]
    return pair if len(pair) == len(found) else None


def _one(event: dict[str, Any], sign: str, parts: list[Part]) -> Begin | End | None:
    groups: dict[str, list[int]] = {}
    for part in parts:
        if part.group >= 0:
            groups.setdefault(part.key, []).append(part.group)
    test = dict_of(event.get("test"))
    if type(event.get("time")) not in {int, float}:
        return None
    time = groups[f"{sign}time"][0]
    if event.get("type") == "testDone":
        return End(groups[f"{sign}testID"][0], time, event) if type(event.get("testID")) is int else None
    within = test.get("groupIDs")
    if event.get("type") != "testStart" or not isinstance(test.get("name"), str) or not isinstance(within, list):
        return None
    if any(type(one) is not int for one in (test.get("id"), test.get("suiteID"), *within)):
        return None
    name, suite = groups[f"{sign}test.name"][0], groups[f"{sign}test.suiteID"][0]
    skip = text_of(dict_of(test.get("metadata")).get("skipReason"))
    return Begin(groups[f"{sign}test.id"][0], name, suite, groups.get(f"{sign}test.groupIDs[]", []), time, skip)
