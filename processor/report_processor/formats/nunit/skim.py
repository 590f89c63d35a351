"""Test cases of NUnit that passed and have only attributes that need no word, read without the XML parser."""

from collections.abc import Callable
from typing import Final

from report_processor.formats.nunit.case import is_plain
from report_processor.parsing.shapes import Part, Rule, Run, groups_of
from report_processor.parsing.xml_skim import ANY, NAME, SECONDS, VALUE, XmlSkimmer

Columns = dict[str, int]
"""Where the values of such cases are, by the names of their attributes."""
_RULES: Final = {
    "name": NAME,
    "classname": VALUE,
    "duration": SECONDS,
    "time": SECONDS,
    **dict.fromkeys(("id", "methodname", "seed", "start-time", "end-time", "asserts", "success", "testcasecount"), ANY),
    # A name is not the whole title when this ends with a bracket: see Case.
    "fullname": Rule(r'(?:[^"<&\x00-\x1f]{0,2000}[^)"<&\x00-\x1f])?', captured=False),
}


class CaseSkimmer(XmlSkimmer[Columns]):
    """Skims ``<test-case>``."""

    def __init__(self, ready: Callable[[], bool], take: Callable[[Run[Columns]], None]) -> None:
        """Whether test cases may stand here, and what takes a run of them."""
        super().__init__("test-case", _RULES, ready, _plan, take)


def _plan(parts: list[Part]) -> Columns | None:
    attributes = {part.key: part.value for part in parts}
    if "name" not in attributes or {"duration", "time"} <= attributes.keys() or not is_plain(attributes):
        return None
    return groups_of(parts)
