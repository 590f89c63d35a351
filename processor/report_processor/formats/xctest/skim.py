"""Which dictionaries of Xcode's property lists are skimmed: tests that passed and say no more."""

from typing import Final

from report_processor.parsing.shapes import Part, Rule
from report_processor.parsing.xml_skim import ANY_TEXT, NAME_TEXT, SECONDS, TEXT, XmlSkimmer

INSIDE: Final = ("key", "string", "real")
_RULES: Final = {
    "TestName": NAME_TEXT,
    "TestIdentifier": TEXT,
    "Duration": SECONDS,
    "TestObjectClass": ANY_TEXT,
    "TestSummaryGUID": ANY_TEXT,
}
"""By the key before the value."""

Plan = tuple[int, int, int]
"""Groups of the title, the identifier and the duration; -1 for none."""


class TestSkimmer(XmlSkimmer[Plan]):
    """Skims ``<dict>`` in an array of tests."""

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """What a value may be is said by the key in front of it."""
        if key == "key#" or key[-1] != "#":
            return None
        return _RULES.get(next((part.value for part in reversed(parts) if part.key == "key#"), ""))


def plan(parts: list[Part]) -> Plan | None:
    """Of a dictionary with nothing but what every test has."""
    texts = [part for part in parts if part.key.endswith("#")]
    keys, values = texts[::2], texts[1::2]
    if any(part.key != "key#" for part in keys) or any(part.key == "key#" for part in values):
        return None
    if len(keys) != len(values) or len(parts) != 2 * len(texts):
        return None
    found = {key.value: value for key, value in zip(keys, values, strict=True)}
    if len(found) != len(keys) or not found.keys() <= _RULES.keys() | {"TestStatus"} or "TestName" not in found:
        return None
    if "TestStatus" not in found or found["TestStatus"].value != "Success":
        return None
    title, identifier, duration = (
        found[key].group if key in found else -1 for key in ("TestName", "TestIdentifier", "Duration")
    )
    return title, identifier, duration
