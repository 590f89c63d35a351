"""Which events of PHPUnit's Open Test Reporting are skimmed: a test that starts, and is finished next, successfully."""

from typing import Final, NamedTuple

from report_processor.parsing.shapes import Part, Rule
from report_processor.parsing.xml_skim import ANY, ESCAPED, SECONDS, TEXT, VALUE, XmlSkimmer

ELEMENTS: Final = ("e:started", "e:finished")
INSIDE: Final = (
    *("metadata", "testDox", "tags", "tag", "sources", "fileSource", "filePosition", "methodSource"),
    *("attachments", "resourceUsage", "assertions", "result"),
)
_DAY: Final = "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_ZONE: Final = "(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
RULES: Final = {
    "id": VALUE,
    "parentId": VALUE,
    "name": Rule(rf'{ESCAPED.expression}(?<=[^\s/\\"])'),  # which leaves something when a path is taken out of it
    "time": Rule(f"20[0-9]{{2}}-{_DAY}T{_CLOCK}{_ZONE}"),
    "testDox@prettifiedMethodName": ESCAPED,
    "tag#": TEXT,
    "fileSource@path": VALUE,
    "filePosition@line": VALUE,
    "methodSource@className": VALUE,
    "methodSource@methodName": ANY,
    "finished@time": ANY,
    "resourceUsage@time": SECONDS,
    "assertions@count": VALUE,
}
_LABELS: Final = {"fileSource@path": "file", "filePosition@line": "line", "assertions@count": "assertions"}
_NEEDED: Final = frozenset(
    {"id", "parentId", "name", "finished@id", "methodSource@className", "resourceUsage@time", "result@status"}
)
_SEVERAL: Final = frozenset({"tag", "tag#"})
_MOST_TAGS: Final = 50


class Plan(NamedTuple):
    """Groups of what is told; -1 for none."""

    parent: int
    title: int
    time: int
    classification: int
    duration: int
    description: int
    labels: list[tuple[str, int]]


class OtrSkimmer(XmlSkimmer[Plan]):
    """Knows that both events have the same id."""

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """See ``XmlSkimmer``."""
        if key == "finished@id":
            started = next((part.group for part in parts if part.key == "id"), -1)
            return None if started < 0 else Rule(rf"\{started + 1}", captured=False)
        if key.startswith("resourceUsage@") and key not in RULES:
            return ANY
        return super().rule(key, parts)


def plan(parts: list[Part]) -> Plan | None:
    """Of a test that was successful, and of which nothing is told but what there is of every test."""
    once = [part.key for part in parts if part.key not in _SEVERAL]
    groups = {part.key: part.group for part in parts}
    usage = {key for key in groups if key.startswith("resourceUsage@")}
    known = _NEEDED | RULES.keys() | usage | {*INSIDE, "finished"}
    if len(once) != len(set(once)) or not _NEEDED <= groups.keys() <= known:
        return None
    tags = [("tag", part.group) for part in parts if part.key == "tag#"]
    successful = any(part.key == "result@status" and part.value == "SUCCESSFUL" for part in parts)
    if not successful or len(tags) > _MOST_TAGS or len(tags) != sum(part.key == "tag" for part in parts):
        return None
    if any(key.partition("@")[0] in groups and key not in groups for key in _LABELS):
        return None
    return Plan(
        groups["parentId"],
        groups["name"],
        groups.get("time", -1),
        groups["methodSource@className"],
        groups["resourceUsage@time"],
        groups.get("testDox@prettifiedMethodName", -1),
        [*tags, *((_LABELS[part.key], part.group) for part in parts if part.key in _LABELS)],
    )
