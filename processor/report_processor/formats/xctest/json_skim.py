"""Which nodes of xcresulttool's JSON are skimmed: tests that passed and say no more."""

import re
from typing import Any, Final

from report_processor.formats.xctest.node import FREE
from report_processor.parsing.json_skim import ANY, DURATION, JsonSkimmer
from report_processor.parsing.shapes import Part, Rule, groups_of

RULES: Final = {
    "name": Rule(rf'[^\s"\\\x00-\x1f][^"\\\x00-\x1f]{{0,{FREE - 1}}}+'),
    "nodeIdentifier": Rule(rf'[^"\\\x00-\x1f]{{0,{FREE}}}+'),
    "nodeIdentifierURL": ANY,
    "duration": Rule(r"[0-9]{1,8}+(?:\.[0-9]{1,18}+)?+s"),
    "durationInSeconds": DURATION,
}
_TYPES: Final[dict[str, tuple[type, ...]]] = {"durationInSeconds": (int, float)}

_WITH_CHILDREN: Final = re.compile(r'\{\s*"children"')

Plan = tuple[int, int, int, int]
"""Groups of the title, the identifier, the duration in seconds and the one for people; -1 for none."""


class NodeSkimmer(JsonSkimmer[Plan]):
    """Does not look at nodes that have something inside, which is told first as keys are sorted."""

    def learn(self, text: str, at: int, separator: re.Pattern[str], behind: str = "") -> None:
        """See ``JsonSkimmer``."""
        if _WITH_CHILDREN.match(text, at) is None:
            super().learn(text, at, separator, behind)


def plan(parts: list[Part], nodes: list[dict[str, Any]]) -> Plan | None:
    """Of a test case with nothing but what every test has."""
    (node,) = nodes
    values = {key: value for key, value in node.items() if key not in {"nodeType", "result"}}
    if (node.get("nodeType"), node.get("result")) != ("Test Case", "Passed") or "name" not in values:
        return None
    if not all(key in RULES and type(value) in _TYPES.get(key, (str,)) for key, value in values.items()):
        return None
    groups = groups_of(parts)
    return (
        groups["name"],
        groups.get("nodeIdentifier", -1),
        groups.get("durationInSeconds", -1),
        groups.get("duration", -1),
    )


def duration(row: tuple[str, ...], found: Plan) -> float | None:
    """In seconds."""
    _, _, exact, text = found
    if exact >= 0:
        return round(float(row[exact]), 9)
    return float(row[text][:-1]) if text >= 0 else None
