"""Alerts of ZAP without the XML parser: see ``shapes``.

Every text of an alert is its own, so all are captured; of its instances, which are any number, the whole text is.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from report_processor import limits
from report_processor.events import Row
from report_processor.formats.zaproxy.alert import DESCRIPTION, TOLD, status_of
from report_processor.formats.zaproxy.alert import plain as without_marks
from report_processor.parsing.shapes import Part, Rule, Run
from report_processor.parsing.xml_skim import LINES, XmlSkimmer, plain

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


class Plan(NamedTuple):
    """Where the texts of an alert go: groups, -1 for none."""

    title: int
    number: int
    risk: int
    confidence: int
    exception: int
    message: int
    description: list[int]
    labels: list[tuple[str, int]]
    instances: int


class AlertSkimmer(XmlSkimmer[Plan]):
    """Skims ``<alertitem>``."""

    def __init__(self, ready: Callable[[], bool], take: Callable[[Run[Plan]], None]) -> None:
        super().__init__("alertitem", _RULES, ready, _plan, take, _ALERT)

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """See ``XmlSkimmer``."""
        return super().rule(key, parts) or (LINES if key[-1] == "#" else None)

    def skim(self, text: str, at: int, line: int) -> int:
        """See ``XmlSkimmer``; more instances than fit into a backtrace are left to the parser, which cuts them."""
        return super().skim(text[: at + limits.BACKTRACE], at, line)


def _plan(parts: list[Part]) -> Plan | None:
    keys = [part.key for part in parts]
    groups = {part.key.rstrip("#<"): part.group for part in parts if part.group >= 0}
    if len(keys) != len(set(keys)) or any("@" in key or key == "#" for key in keys) or "riskcode" not in groups:
        return None
    if not {"name", "alert"} & groups.keys():
        return None
    return Plan(
        title=groups.get("name", groups.get("alert", -1)),
        number=groups.get("pluginid", -1),
        risk=groups["riskcode"],
        confidence=groups.get("confidence", -1),
        exception=groups.get("riskdesc", -1),
        message=groups.get("desc", -1),
        description=[groups[name] for name in DESCRIPTION if name in groups],
        labels=[(name, group) for name, group in groups.items() if name not in TOLD and name != "instances"],
        instances=groups.get("instances", -1),
    )


def row_of(plan: Plan, found: tuple[str, ...], line: int) -> Row:
    """An alert by its texts."""
    texts = [*found, ""]
    instances, texts[plan.instances] = texts[plan.instances], ""
    values = [plain(text).strip() if "&" in text else text.strip() for text in texts]
    labels = [(name, text) for name, group in plan.labels if (text := values[group])]
    description = "\n".join([text for group in plan.description if (text := without_marks(values[group]))])
    exception, message = values[plan.exception][: limits.EXCEPTION_NAME], without_marks(values[plan.message])
    status = status_of(values[plan.risk], values[plan.confidence])
    details = (description, exception, message, _trace(instances), False, (), labels, ())
    return values[plan.title], values[plan.number], status, None, line, details


def _trace(instances: str) -> str:
    """The lines that tell of the instances, from their elements."""
    lines = []
    for one in instances.split("</instance>"):
        fields = dict(_FIELD.findall(one))
        if first := f"{fields.pop('method', '').strip()} {fields.pop('uri', '').strip()}".strip():
            lines.append(first)
        lines += [f"    {name}: {told}" for name, text in fields.items() if (told := text.strip())]
    return plain("\n".join(lines))
