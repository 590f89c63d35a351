"""Alerts of ZAP without the XML parser: see ``shapes``.

Every text of an alert is its own, so all are captured; of its instances, which are any number, the whole text is.
"""

import re
from collections.abc import Callable
from typing import Final

from report_processor.formats.shapes import Part, Rule, Run
from report_processor.formats.xml_skim import LINES, XmlSkimmer, plain

_ALERT: Final = frozenset(
    {"pluginid", "alertRef", "alert", "name", "riskcode", "confidence", "riskdesc", "confidencedesc", "desc"}
    | {"instances", "count", "systemic", "solution", "otherinfo", "reference", "cweid", "wascid", "sourceid"}
)
_OF_INSTANCE: Final = (
    "uri", "nodeName", "method", "param", "attack", "evidence", "otherinfo", "requestheader", "requestbody",
    "responseheader", "responsebody",
)  # fmt: skip
_FIELDS: Final = "|".join(f"{name}>(?:{LINES.expression})</{name}" for name in _OF_INSTANCE)
_INSTANCES: Final = Rule(
    rf"(?:[ \t\n]*+<instance>(?:[ \t\n]*+<(?:{_FIELDS})>)*+[ \t\n]*+</instance>)*+[ \t\n]*+", lines=True
)
_TITLE: Final = Rule(rf"[^\s<>&\x00-\x1f]{LINES.expression}", lines=True)
_RULES: Final = {
    "name#": _TITLE,
    "alert#": _TITLE,
    "riskcode#": Rule("[0-9]"),
    "instances<": _INSTANCES,
}
_FIELD: Final = re.compile(r"<([a-zA-Z]+)>([^<]+)</")

Plan = tuple[list[tuple[str, int]], int]
"""Names of elements with the groups of their texts; the group of the instances, or -1."""


class AlertSkimmer(XmlSkimmer[Plan]):
    """Skims ``<alertitem>``."""

    def __init__(self, ready: Callable[[], bool], take: Callable[[Run[Plan]], None]) -> None:
        super().__init__("alertitem", _RULES, ready, _plan, take, _ALERT)

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """See ``XmlSkimmer``."""
        return super().rule(key, parts) or (LINES if key[-1] == "#" else None)


def _plan(parts: list[Part]) -> Plan | None:
    keys = {part.key for part in parts}
    if "riskcode#" not in keys or not keys & {"name#", "alert#"} or any("@" in key or key == "#" for key in keys):
        return None
    instances = next((part.group for part in parts if part.key == "instances<"), -1)
    return [(part.key[:-1], part.group) for part in parts if part.key[-1] == "#"], instances


def fields_of(plan: Plan, values: tuple[str, ...]) -> dict[str, str]:
    """Texts of an alert by the names of their elements."""
    return {name: (plain(text) if "&" in text else text).strip() for name, group in plan[0] if (text := values[group])}


def instances_of(plan: Plan, values: tuple[str, ...]) -> list[dict[str, str]]:
    """The same for each of its instances."""
    if plan[1] < 0:
        return []
    return [
        {name: (plain(text) if "&" in text else text).strip() for name, text in _FIELD.findall(one)}
        for one in values[plan[1]].split("</instance>")[:-1]
    ]
