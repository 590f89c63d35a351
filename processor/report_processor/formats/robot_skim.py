"""Keywords of Robot Framework that have nothing to tell but their line, read without the XML parser.

Such a keyword did not fail, has no keywords inside and no messages that are kept.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from report_processor.formats.robot_keywords import STATUSES, Keywords, PlainKeyword
from report_processor.formats.shapes import Part, Rule, Run
from report_processor.formats.xml_skim import ANY, ESCAPED, TEXT, XmlSkimmer

KEPT: Final = frozenset({"WARN", "ERROR", "FAIL"})
"""Levels of messages that are kept."""
_IGNORED: Final = Rule(ESCAPED.expression, captured=False)
_IGNORED_TEXT: Final = Rule(r"[^<>&\x00-\x1f]*+(?:&(?:lt|gt|amp|quot|apos);[^<>&\x00-\x1f]*+)*+", captured=False)
_ARGUMENT: Final = Rule(TEXT.expression)
_RULES: Final = {
    "name": ESCAPED,
    "arg#": _ARGUMENT,
    "var#": _ARGUMENT,
    **dict.fromkeys(("library", "owner", "source_name", "sourcename", "timeout@value"), _IGNORED),
    **dict.fromkeys(("msg@time", "msg@timestamp"), ANY),
    **{f"status@{name}": ANY for name in ("start", "elapsed", "starttime", "endtime", "elapsedtime")},
    **dict.fromkeys(("doc#", "msg#", "tag#", "status#"), _IGNORED_TEXT),
}
_INSIDE: Final = frozenset({"msg", "arg", "var", "doc", "status", "arguments", "assign", "tags", "tag", "timeout"})
_READ: Final = ("arg", "var")
_PREFIX: Final = re.compile(r"</?[\w.-]+:")
_SHAPES: Final = 8


class _Plan(NamedTuple):
    """What all keywords of a shape have in common, and the groups of what they have not."""

    keyword: PlainKeyword
    name: int
    parts: list[int]
    assigned: list[int]


class KeywordSkimmer(XmlSkimmer[_Plan]):
    """Adds runs of plain keywords to those that a test shows."""

    def __init__(self, ready: Callable[[], bool], keywords: Callable[[], Keywords]) -> None:
        """``keywords`` says where those that were skimmed belong."""
        super().__init__("kw", _RULES, ready, _plan, self._add, _INSIDE, _SHAPES)
        self._keywords: Final = keywords

    def learn(self, text: str) -> None:
        """See ``XmlSkimmer``. Most keywords that are not plain are seen at a glance."""
        if "</kw>" in text and 'status="FAIL"' not in text and not _PREFIX.search(text):
            super().learn(text)

    def _add(self, run: Run[_Plan]) -> None:
        keyword, name, parts, assigned = run.plan
        rows = run.rows
        written = (
            (row[name] if name >= 0 else "", [row[group] for group in parts], [row[group] for group in assigned])
            for row in rows
        )
        self._keywords().add(keyword, written, len(rows))


def _plan(parts: list[Part]) -> _Plan | None:
    keys = [part.key for part in parts]
    values = {part.key: part.value for part in parts}
    groups = {part.key: part.group for part in parts}
    if values.get("status@status") not in STATUSES or values["status@status"] == "FAIL":
        return None
    if keys.count("status@status") != 1 or "msg@html" in keys or "var@name" in keys or "&" in values.get("type", ""):
        return None
    if any(keys.count(name) != keys.count(f"{name}#") for name in _READ):
        return None  # one with elements in it, or <arg/>
    if any(part.key == "msg@level" and (part.value in KEPT or "&" in part.value) for part in parts):
        return None
    return _Plan(
        PlainKeyword(values.get("type", ""), values["status@status"]),
        groups.get("name", -1),
        [part.group for part in parts if part.key == "arg#"],
        [part.group for part in parts if part.key == "var#"],
    )
