"""Plain events of libtest and nextest, two at a time: that a test began, and that one passed.

As tests run side by side, the two may be of different tests.
"""

from collections.abc import Callable
from typing import Any, Final

from report_processor.parsing.json_skim import DURATION, NAME, JsonSkimmer
from report_processor.parsing.shapes import Part, Run, groups_of

PASSED_KEYS: Final = frozenset({"type", "name", "event", "exec_time"})
"""Members of the event of a test that passed and has no more to tell."""
_RULES: Final = {"name": NAME, "+name": NAME, "exec_time": DURATION, "+exec_time": DURATION}

One = tuple[bool, int, int]
"""Whether the event says that a test began, and the groups of its name and duration; -1 for none."""
Pair = tuple[One, One]


def skimmer(take: Callable[[Run[Pair]], None]) -> JsonSkimmer[Pair]:
    """Of pairs of such events."""
    return JsonSkimmer(_RULES, lambda: True, _plan, take, objects=2, most=6)


def _plan(parts: list[Part], events: list[dict[str, Any]]) -> Pair | None:
    if any("\\" in part.value for part in parts):
        return None
    groups = groups_of(parts)
    first, second = (_one(event, sign, groups) for event, sign in zip(events, ("", "+"), strict=True))
    return (first, second) if first and second else None


def _one(event: dict[str, Any], sign: str, groups: dict[str, int]) -> One | None:
    if event.get("type") != "test" or not isinstance(event.get("name"), str):
        return None
    name = groups[f"{sign}name"]
    if event.get("event") == "started":
        return True, name, -1
    if not is_plain(event):
        return None
    return False, name, groups.get(f"{sign}exec_time", -1)


def is_plain(event: dict[str, Any]) -> bool:
    """Whether a test passed and nothing more is told of it."""
    if event.get("event") != "ok" or not event.keys() <= PASSED_KEYS:
        return False
    return type(event.get("exec_time", 0.0)) in {int, float}
