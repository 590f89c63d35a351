"""Which methods of a TestNG report are skimmed: tests that passed and tell no more, and configuration without result.

They alternate, so that runs of one shape are short.
"""

from typing import Final

from report_processor.parsing.shapes import Part, Rule
from report_processor.parsing.xml_skim import ANY, NAME, VALUE

_MILLISECONDS: Final = Rule("[0-9]{1,9}")
_TIMES: Final = dict.fromkeys(("started-at", "finished-at"), ANY)
_TOLD: Final = dict.fromkeys(("description", "depends-on-methods", "depends-on-groups", "groups"), ANY)
RULES: Final = {"name": NAME, "signature": VALUE, "duration-ms": _MILLISECONDS, **_TIMES, **_TOLD}
INSIDE: Final = ("reporter-output",)
_USUAL: Final = frozenset({"name", "signature", "duration-ms", "status", "is-config", *_TIMES})
_OUTPUT: Final = frozenset({"reporter-output", "reporter-output#"})

Plan = tuple[int, ...]
"""Groups of title, duration and signature, -1 for none; empty for what is no result."""


def plan(parts: list[Part]) -> Plan | None:
    """What is to be done with such methods, if that is all that there is of them."""
    values = {part.key: part.value for part in parts}
    groups = {part.key: part.group for part in parts}
    keys = values.keys() - _OUTPUT
    if values.get("status") != "PASS" or values.get("reporter-output#", "").strip():
        return None
    if values.get("is-config") == "true":
        return () if keys <= _USUAL | _TOLD.keys() else None
    if "name" not in values or not keys <= _USUAL:
        return None
    return groups["name"], groups.get("duration-ms", -1), groups.get("signature", -1)
