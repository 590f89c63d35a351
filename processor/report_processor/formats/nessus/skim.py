"""Findings of Nessus without the XML parser: see ``shapes``.

All of a finding but its severity differs from the next one's, and it may have any elements. So all texts are
captured, and the row is made of them in the order in which they stand.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from report_processor import limits
from report_processor.events import FAILED, INFORMATIONAL, Row
from report_processor.formats.nessus.item import finding_title, text_place
from report_processor.parsing.shapes import Part, Rule, Run
from report_processor.parsing.xml_skim import ESCAPED, LINES, SHORT, XmlSkimmer, plain

_MAX_VALUES: Final = 100
"""They never have to be cut, as none of them is longer than a title."""
_MAX_TOGETHER: Final = 7
"""The same of texts that go to one place."""
_NO_LABELS: Final = frozenset({"pluginName", "pluginFamily"})
_NO_PLACE: Final = frozenset({"attachment", "compliance-check-name", "compliance-result"})
"""Elements that are more than a text."""
_NAME: Final = Rule(rf'(?=[^\s"]){SHORT.expression}')
_PORT: Final = Rule(r'[^"<&\x00-\x1f]{0,1000}+')
_RULES: Final = {"pluginName": _NAME, "port": _PORT, "protocol": _PORT}

Named = list[tuple[str, int]]
"""Names and groups."""


class Plan(NamedTuple):
    """Where the values of a finding go: groups, -1 for none, and -2 for the severity."""

    name: int
    number: int
    port: int
    protocol: int
    family: int
    labels: Named
    """Of attributes."""
    texts: Named
    """Those of elements."""
    description: list[int]
    exception: list[int]
    message: list[int]
    trace: list[int]
    status: int
    ending: tuple[str, str]
    """The severity, and what stands for all that there is not."""


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
        super().__init__("ReportItem", _RULES, ready, _plan, take, most=8)
        self._structure: Final = structure

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """See ``XmlSkimmer``."""
        if "@" in key or key[-1] == "<" or key == "severity":
            return None
        return super().rule(key, parts) or (LINES if key[-1] == "#" else ESCAPED)

    def allows(self, name: str) -> bool:
        """See ``XmlSkimmer``."""
        return name not in self._structure and name not in _NO_PLACE


def _plan(parts: list[Part]) -> Plan | None:
    severity = next((part.value for part in parts if part.key == "severity"), "")
    attributes = {part.key: part.group for part in parts if not part.depth} | {"severity": -2}
    elements = [(part.key[:-1], part.group) for part in parts if part.key[-1] == "#"]
    if not (severity.isascii() and severity.isdigit()) or len(attributes) + len(elements) > _MAX_VALUES:
        return None
    if "pluginName" not in attributes or any(not name for name, _ in elements):
        return None
    places: dict[str, Named] = {"": [], "description": [], "exception": [], "message": [], "trace": []}
    for name, group in elements:
        places[text_place(name)].append((name, group))
    texts = places.pop("")
    if len(places["exception"]) > 1 or max(map(len, places.values())) > _MAX_TOGETHER:
        return None
    description, exception, message, trace = ([group for _, group in named] for named in places.values())
    return Plan(
        name=attributes["pluginName"],
        number=attributes.get("pluginID", -1),
        port=attributes.get("port", -1),
        protocol=attributes.get("protocol", -1),
        family=attributes.get("pluginFamily", -1),
        labels=[(name, group) for name, group in attributes.items() if name not in _NO_LABELS],
        texts=texts,
        description=description,
        exception=exception,
        message=message,
        trace=trace,
        status=FAILED if severity.strip("0") else INFORMATIONAL,
        ending=(severity, ""),
    )


def finding(plan: Plan, found: tuple[str, ...], line: int) -> Finding:
    """A finding by its values."""
    if "&" in "".join(found):
        found = tuple(map(plain, found))
    values = found + plan.ending
    labels = [(name, text) for name, at in plan.labels if (text := values[at])]
    labels += [(name, text) for name, at in plan.texts if (text := values[at].strip())]
    texts = [
        "\n".join([text for at in groups if (text := values[at].strip())])
        for groups in (plan.description, plan.exception, plan.message, plan.trace)
    ]
    description, exception, message, trace = texts
    details = (description, exception[: limits.EXCEPTION_NAME], message, trace, False, (), labels, ())
    name = values[plan.name]
    title = finding_title(name, values[plan.port], values[plan.protocol])
    return Finding(values[plan.number], name, (title, values[plan.family], plan.status, None, line, details))
