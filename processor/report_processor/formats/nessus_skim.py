"""Findings of Nessus without the XML parser: see ``shapes``.

All of a finding but its severity differs from the next one's, and it may have any elements. So all texts are
captured, and the row is made of them in the order in which they stand.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from report_processor import limits
from report_processor.events import FAILED, INFORMATIONAL, Row
from report_processor.formats.nessus_item import finding_title, text_place
from report_processor.formats.shapes import Part, Rule, Run
from report_processor.formats.xml_skim import ESCAPED, LINES, SHORT, XmlSkimmer, plain

_MAX_VALUES: Final = 40
_MAX_TOGETHER: Final = 7
"""Texts that go to one place: so many of them never have to be cut."""
_NO_LABELS: Final = frozenset({"pluginName", "pluginFamily"})
_NO_PLACE: Final = frozenset({"attachment", "compliance-check-name", "compliance-result"})
"""Elements that are more than a text."""


class Plan(NamedTuple):
    """Where the values of a finding go."""

    attributes: list[tuple[str, int]]
    """Name and group."""
    elements: list[tuple[str, str, int]]
    """Place (see ``nessus_item.text_place``), name and group."""
    status: int
    severity: str


class Finding(NamedTuple):
    """A finding that was skimmed."""

    plugin: str
    """Its id."""
    group: str
    """Name of its plugin."""
    row: Row


class ItemSkimmer(XmlSkimmer[Plan]):
    """Skims ``<ReportItem>``."""

    def __init__(self, ready: Callable[[], bool], take: Callable[[Run[Plan]], None], structure: frozenset[str]) -> None:
        """``structure``: elements that hold others."""
        super().__init__("ReportItem", {}, ready, _plan, take, most=8)
        self._structure: Final = structure

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """See ``XmlSkimmer``."""
        del parts
        if "@" in key or key[-1] == "<" or key == "severity":
            return None
        return LINES if key.endswith("#") else SHORT if key == "pluginName" else ESCAPED

    def allows(self, name: str) -> bool:
        """See ``XmlSkimmer``."""
        return name not in self._structure and name not in _NO_PLACE


def _plan(parts: list[Part]) -> Plan | None:
    severity = next((part.value for part in parts if part.key == "severity"), "")
    of_element = (part for part in parts if "#" in part.key or (part.group < 0 and part.key != "severity"))
    first = next(of_element, None)
    attributes = [(part.key, part.group) for part in parts[: parts.index(first) if first else None]]
    elements = [(text_place(part.key[:-1]), part.key[:-1], part.group) for part in parts if part.key[-1] == "#"]
    places = Counter(place for place, _, _ in elements if place)
    if not (severity.isascii() and severity.isdigit()) or len(attributes) + len(elements) > _MAX_VALUES:
        return None
    if not {"pluginID", "pluginName"} <= dict(attributes).keys() or any(not name for _, name, _ in elements):
        return None
    if places["exception"] > 1 or max(places.values(), default=0) > _MAX_TOGETHER:
        return None
    return Plan(attributes, elements, FAILED if severity.strip("0") else INFORMATIONAL, severity)


def finding(plan: Plan, values: tuple[str, ...], line: int) -> Finding:
    """A finding by its values."""
    attributes = {name: plain(values[group]) if group >= 0 else plan.severity for name, group in plan.attributes}
    labels = [label for label in attributes.items() if label[1] and label[0] not in _NO_LABELS]
    texts: dict[str, list[str]] = {"description": [], "exception": [], "message": [], "trace": []}
    for place, name, at in plan.elements:
        if text := plain(values[at]).strip():
            if place:
                texts[place].append(text)
            else:
                labels.append((name, text))
    description, exception, message, trace = map("\n".join, texts.values())
    details = (description, exception[: limits.EXCEPTION_NAME], message, trace, False, (), labels, ())
    family = attributes.get("pluginFamily", "")
    row = (finding_title(attributes), family, plan.status, None, line, details)
    group = attributes["pluginName"] or f"plugin {attributes['pluginID']}".rstrip()
    return Finding(attributes["pluginID"], group, row)
