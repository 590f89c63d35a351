"""Tests of Robot Framework that passed and ran what one before them ran, read without the XML parser.

Those of a template are such, and many others. Of a test that differs in its keywords, these are skimmed: see ``skim``.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from report_processor.events import PASSED, Row
from report_processor.formats.robotframework.keywords import Keywords
from report_processor.formats.robotframework.skim import INSIDE, NESTED_RULES, SHAPES, Nested, nested_of
from report_processor.parsing.shapes import Part, Rule, Run
from report_processor.parsing.xml_skim import ANY, ESCAPED, LINES, SECONDS, XmlSkimmer, plain

_OWN: Final = frozenset({"doc#", "tag#", "status#", "status@status", "status@start", "status@elapsed"})
"""Values that the test has, and its keywords, too."""
_RULES: Final = {
    **NESTED_RULES,
    "name": Rule(rf'(?![\s"&]){ESCAPED.expression}'),
    "id": ANY,
    "line": ANY,
}
_OF_TEST: Final = {"doc#": LINES, "tag#": LINES, "status@start": ANY, "status@elapsed": SECONDS}


class WholeTest(NamedTuple):
    """A test that passed."""

    name: str
    duration: float
    line: int
    documentation: list[str]
    tags: list[str]
    keywords: str

    def row(self, kind: str) -> Row:
        """As the row of an event."""
        description = "\n".join(text for text in (*self.documentation, self.keywords) if text)
        labels = [("tag", tag) for tag in self.tags]
        details = (description, "", "", "", False, (), labels, ()) if description or labels else None
        return self.name, kind, PASSED, self.duration, self.line, details


class _Plan(NamedTuple):
    name: int
    elapsed: int
    documentation: list[int]
    tags: list[int]
    keywords: Nested | None


class TestSkimmer(XmlSkimmer[_Plan]):
    """Skims ``<test>`` of version 7."""

    def __init__(self, ready: Callable[[], bool], record: Callable[[WholeTest], None]) -> None:
        """``record`` takes each of them."""
        super().__init__("test", _RULES, ready, _plan, self._take, INSIDE | {"kw"}, SHAPES)
        self._record: Final = record

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """See ``XmlSkimmer``."""
        if key in _OWN and _is_of_test(parts):
            return _OF_TEST.get(key)
        return super().rule(key, parts)

    def _take(self, run: Run[_Plan]) -> None:
        name, elapsed, documentation, tags, nested = run.plan
        for values, line in zip(run.rows, run.lines(), strict=False):
            keywords = Keywords()
            if nested is not None:
                nested.add(keywords, values)
            told = [plain(values[group]) for group in documentation]
            labels = [plain(values[group]) for group in tags]
            self._record(WholeTest(plain(values[name]), float(values[elapsed]), line, told, labels, keywords.text()))


def _is_of_test(parts: list[Part]) -> bool:
    """Whether the element that was opened last is one of the test itself."""
    last = next((part for part in reversed(parts) if "@" not in part.key and "#" not in part.key), None)
    return last is not None and last.depth == 1


def _plan(parts: list[Part]) -> _Plan | None:
    own: list[Part] = []
    inside: list[Part] = []
    element = ""
    for part in parts:
        if "@" not in part.key and "#" not in part.key and part.depth == 1:
            element = part.key
        (inside if element == "kw" else own).append(part)
    keys = [part.key for part in own]
    known = {"name", "id", "line", "doc", "tag", "status", *_OWN}
    values = {part.key: part.value for part in own}
    if not set(keys) <= known or keys.count("status@status") != 1 or keys.count("status@elapsed") != 1:
        return None
    if values["status@status"] != "PASS" or values.get("status#", "") or "name" not in values:
        return None
    if keys.count("doc") != keys.count("doc#") or keys.count("tag") != keys.count("tag#"):
        return None
    nested = nested_of(inside, outer=False) if inside else None
    if inside and nested is None:
        return None
    groups = {part.key: part.group for part in own}
    texts = {key: [part.group for part in own if part.key == key] for key in ("doc#", "tag#")}
    return _Plan(groups["name"], groups["status@elapsed"], texts["doc#"], texts["tag#"], nested)
