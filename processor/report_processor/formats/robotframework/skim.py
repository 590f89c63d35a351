"""Keywords of Robot Framework that have nothing to tell but their line, read without the XML parser.

Such a keyword did not fail and has no messages that are kept. Runs of those without keywords inside are one kind of
record. A keyword with others inside is the other kind: one that is used again has the same ones inside.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from report_processor.formats.robotframework.keywords import ARGUMENT, STATUSES, Keywords, PlainKeyword
from report_processor.parsing.shapes import Part, Rule, Run
from report_processor.parsing.xml_skim import ANY, ESCAPED, TEXT, XmlSkimmer, plain

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
INSIDE: Final = frozenset({"msg", "arg", "var", "doc", "status", "arguments", "assign", "tags", "tag", "timeout"})
NESTED_RULES: Final = {**_RULES, **{f"kw@{name}": rule for name, rule in _RULES.items() if name.isidentifier()}}
_READ: Final = ("arg", "var")
_PREFIX: Final = re.compile(r"</?[\w.-]+:")
SHAPES: Final = 8


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
        super().__init__("kw", _RULES, ready, _plan, self._add, INSIDE, SHAPES)
        self._keywords: Final = keywords

    def learn(self, text: str, at: int, end: int) -> None:
        """See ``XmlSkimmer``. Most keywords that are not plain are seen at a glance."""
        if text.find('status="FAIL"', at, end) < 0 and not _PREFIX.search(text, at, end):
            super().learn(text, at, end)

    def _add(self, run: Run[_Plan]) -> None:
        keyword, name, parts, assigned = run.plan
        rows = run.rows
        written = (
            (row[name] if name >= 0 else "", [row[group] for group in parts], [row[group] for group in assigned])
            for row in rows
        )
        self._keywords().add(keyword, written, len(rows))


def _plan(parts: list[Part]) -> _Plan | None:
    values = {part.key: part.value for part in parts}
    groups = {part.key: part.group for part in parts}
    if not _plain(parts) or [part.key for part in parts].count("status@status") != 1:
        return None
    return _Plan(
        PlainKeyword(values.get("type", ""), values["status@status"]),
        groups.get("name", -1),
        [part.group for part in parts if part.key == "arg#"],
        [part.group for part in parts if part.key == "var#"],
    )


class _Step(NamedTuple):
    """What an element in a keyword does: ``open``, ``arg``, ``var``, ``status`` or ``close``."""

    kind: str
    text: str = ""
    """A type or a status."""
    group: int = -1


class Nested(NamedTuple):
    """What keywords with the same ones inside have in common."""

    steps: list[_Step]
    shown: list[tuple[int, int, list[int]]]
    """Level of each, groups of its name and of its arguments; none when they are more than that."""
    status: str
    """Of all, where something is shown."""

    def add(self, keywords: Keywords, values: tuple[str, ...]) -> None:
        """What such keywords do."""
        lines = [(level, values[name], [values[part] for part in parts]) for level, name, parts in self.shown]
        if lines and keywords.add_nested(lines, self.status):
            return
        for kind, text, group in self.steps:
            if kind == "open":
                keywords.open("kw", {"name": plain(values[group]), **({"type": text} if text else {})})
            elif kind == "close":
                keywords.close()
            elif kind == "status":
                keywords.nodes[-1].status = text
            else:
                keywords.nodes[-1].add(kind, "", plain(values[group])[:ARGUMENT])


class NestedSkimmer(XmlSkimmer[Nested]):
    """Adds keywords with others inside."""

    def __init__(self, ready: Callable[[], bool], keywords: Callable[[], Keywords]) -> None:
        """See ``KeywordSkimmer``."""
        inside = INSIDE | {"kw"}
        super().__init__("kw", NESTED_RULES, ready, nested_of, self._add, inside, SHAPES)
        self._keywords: Final = keywords

    def _add(self, run: Run[Nested]) -> None:
        keywords = self._keywords()
        for values in run.rows:
            run.plan.add(keywords, values)


def _steps(parts: list[Part], outer: bool) -> list[_Step] | None:
    """What the elements of such keywords do, in order; None when one of them has more to tell."""
    if not _plain(parts):
        return None
    steps, depths, stated = ([_Step("open")], [0], 0) if outer else ([], [], 0)
    for part in parts:
        key = part.key
        if "@" not in key and "#" not in key and part.depth:  # an element
            while depths and depths[-1] >= part.depth:
                depths.pop()
                steps.append(_Step("close"))
            if key == "kw":
                depths.append(part.depth)
                steps.append(_Step("open"))
        elif key in {"name", "kw@name"}:
            steps[-1] = steps[-1]._replace(group=part.group)
        elif key in {"type", "kw@type"}:
            steps[-1] = steps[-1]._replace(text=part.value)
        elif key in {"arg#", "var#"}:
            steps.append(_Step(key[:-1], group=part.group))
        elif key == "status@status":
            steps.append(_Step("status", part.value))
            stated += 1
    steps += [_Step("close")] * len(depths)
    opened = [step for step in steps if step.kind == "open"]
    whole = len(opened) > outer and len(opened) == stated and all(step.group >= 0 for step in opened)
    return steps if whole else None


def nested_of(parts: list[Part], outer: bool = True) -> Nested | None:
    """What is done with keywords of this shape; ``outer``: they are in one whose parts these are."""
    steps = _steps(parts, outer)
    if steps is None:
        return None
    shown: list[tuple[int, int, list[int]]] = []
    open_ones: list[list[int]] = []
    for kind, _, group in steps:
        if kind == "open":
            open_ones.append([])
            shown.append((len(open_ones) - 1, group, open_ones[-1]))
        elif kind == "close":
            open_ones.pop()
        elif kind == "arg":
            open_ones[-1].append(group)
    states = {step.text for step in steps if step.kind == "status"}
    usual = len(states) == 1 and not any(step.kind == "var" or (step.kind == "open" and step.text) for step in steps)
    return Nested(steps, shown if usual else [], min(states))


def _plain(parts: list[Part]) -> bool:
    """Whether nothing in a keyword, or in those inside, failed or says more than a line shows."""
    keys = [part.key for part in parts]
    values = [(part.key.rpartition("@")[2], part.value) for part in parts]
    if "msg@html" in keys or "var@name" in keys or any(key == "type" and "&" in value for key, value in values):
        return False
    if any(keys.count(name) != keys.count(f"{name}#") for name in _READ):
        return False  # one with elements in it, or <arg/>
    if any(part.key == "msg@level" and (part.value in KEPT or "&" in part.value) for part in parts):
        return False
    return all(part.value in STATUSES and part.value != "FAIL" for part in parts if part.key == "status@status")
