"""Skimming of Catch2's XML: test cases that passed and have nothing more to tell."""

from typing import Final

from report_processor.formats.catch2.labels import PLACE, labels_of
from report_processor.parsing.shapes import Part
from report_processor.parsing.xml_skim import NAME, SECONDS, VALUE

RULES: Final = {"name": NAME, "filename": VALUE, "line": VALUE, "OverallResult@durationInSeconds": SECONDS}
INSIDE: Final = ("OverallResult",)
_USUAL: Final = frozenset({"name", "tags", "filename", "line"})
_RESULT: Final = frozenset({"OverallResult", "OverallResult@success", "OverallResult@skips"})

Plan = tuple[int, int, list[str], list[tuple[str, int]]]
"""Groups of title and duration, tags, and labels with their groups."""


def plan_of(parts: list[Part]) -> Plan | None:
    """Of a test case that passed and has nothing more to tell."""
    found = {part.key: part for part in parts}
    values = {part.key: part.value for part in parts}
    if not {"name", *_RESULT} <= found.keys() <= _USUAL | _RESULT | RULES.keys():
        return None
    if (
        values["OverallResult@success"] != "true"
        or values["OverallResult@skips"] != "0"
        or "&" in values.get("tags", "")
    ):
        return None
    tags = [value for name, value in labels_of(values) if name == "tag"]
    places = [(label, found[name].group) for name, label in PLACE if name in found]
    time = found.get("OverallResult@durationInSeconds")
    return found["name"].group, -1 if time is None else time.group, tags, places
