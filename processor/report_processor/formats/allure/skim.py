"""Allure results that passed and have nothing but labels and steps to tell, read without decoding them.

Such ones follow each other where the files of a folder were joined to one. What comes out is what ``result``
makes of them.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any, Final, NamedTuple

from report_processor import limits
from report_processor.events import PASSED, Label, Recorder
from report_processor.formats.allure.result import DAY, SHORT, SUITES, Path, path_of
from report_processor.parsing.json_format import seconds_of
from report_processor.parsing.json_skim import ANY, JsonSkimmer
from report_processor.parsing.shapes import Part, Rule, Run

_CHARACTER: Final = r'[^"\\\x00-\x1f]'
_NAME: Final = Rule(rf'[^\s"\\\x00-\x1f]{_CHARACTER}{{0,{SHORT - 1}}}+')
_SOME: Final = Rule(rf"{_CHARACTER}{{1,{SHORT}}}+")
_TEXT: Final = Rule(rf"{_CHARACTER}{{0,{SHORT}}}+")
_MOMENT: Final = Rule("[1-9][0-9]{12}+", number="[1-9][0-9]{12}+")
"""Milliseconds since 1970 in this century or the next two."""
_LEVELS: Final = 3
"""Steps inside each other whose names may differ from result to result."""
_STEPS: Final = 40
"""With names that are short, they fit into any description."""
_RULES: Final = {
    "name": _NAME,
    "start": _MOMENT,
    "stop": _MOMENT,
    "uuid": ANY,
    "testCaseId": ANY,
    "historyId": _SOME,
    "fullName": _SOME,
    "labels[].value": _TEXT,
    "titlePath[]": _TEXT,
    **{"steps[]." * level + "name": _TEXT for level in range(1, _LEVELS + 1)},
    **{"steps[]." * level + key: ANY for level in range(1, _LEVELS + 1) for key in ("start", "stop", "uuid")},
}
_EMPTY: Final = frozenset({"parameters", "links", "attachments", "statusDetails", "description", "descriptionHtml"})
"""Members that are there in every result of some adapters, with nothing in them."""
_PLAIN: Final = _EMPTY | {
    "name", "status", "stage", "start", "stop", "uuid", "historyId", "testCaseId", "fullName", "labels", "titlePath",
    "steps",
}  # fmt: skip
_OF_STEP: Final = _EMPTY | {"name", "status", "stage", "start", "stop", "uuid", "steps"}
_PLACING: Final = frozenset({*SUITES, "package", "testClass", "epic", "feature", "story"})
"""Labels that say where a result belongs."""


class _Plan(NamedTuple):
    """Groups of what is told; -1 for none."""

    title: int
    start: int
    stop: int
    history: int
    full_name: int
    placing: list[tuple[str, int]]
    """First ones of the labels that tell the place."""
    title_path: list[int]
    labels: list[tuple[str, int]]
    """Those that stay."""
    steps: list[tuple[str, int]]
    """What stands before their names."""


def skimmer(recorder: Recorder) -> JsonSkimmer[Any]:
    """For the results of a parser."""
    found = JsonSkimmer(_RULES, lambda: True, _plan, _taker(recorder))
    found.unlike = '"trace"'
    return found


def _plan(parts: list[Part], results: list[dict[str, Any]]) -> _Plan | None:
    """Of a result that passed and has nothing but labels and steps to tell."""
    (result,) = results
    if not (_is_plain(result) and _are_texts(result)):
        return None
    lines = _before_steps(result.get("steps") or [], 0)
    groups: dict[str, list[int]] = {}
    for part in parts:
        groups.setdefault(part.key, []).append(part.group)
    steps = [part.group for part in parts if part.key.startswith("steps[]") and part.key.endswith(".name")]
    if lines is None or len(lines) != len(steps) or len(steps) > _STEPS or -1 in steps:
        return None
    values = groups.get("labels[].value", [])
    labels = [(label["name"], group) for label, group in zip(result.get("labels", []), values, strict=True)]
    first = dict(reversed(labels))
    title, start, stop, history, full_name = (
        groups.get(key, [-1])[0] for key in ("name", "start", "stop", "historyId", "fullName")
    )
    return _Plan(
        title,
        start,
        stop,
        history,
        full_name,
        [(name, group) for name, group in first.items() if name in _PLACING],
        groups.get("titlePath[]", []) if result.get("titlePath") else [],
        [label for label in labels if label[0] not in SUITES],
        list(zip(lines, steps, strict=True)),
    )


def _is_plain(result: dict[str, Any]) -> bool:
    return (
        result.get("status") == "passed"
        and result.keys() <= _PLAIN
        and all(_is_empty(result.get(key)) for key in _EMPTY)
        and type(result.get("start")) is type(result.get("stop")) is int
        and ("historyId" in result or "fullName" in result)
    )


def _are_texts(result: dict[str, Any]) -> bool:
    """Whether all that is told is a text."""
    texts: list[Any] = [result.get("name"), result.get("historyId", ""), result.get("fullName", "")]
    labels, titles = result.get("labels", []), result.get("titlePath", [])
    if not isinstance(labels, list) or not isinstance(titles, list) or len(labels) >= limits.LABELS // 2:
        return False
    for label in labels:
        if not isinstance(label, dict) or label.keys() != {"name", "value"} or not label["name"]:
            return False
        texts += label.values()
    return all(type(text) is str for text in chain(texts, titles)) and all(len(one["name"]) <= SHORT for one in labels)


def _before_steps(steps: Any, depth: int) -> list[str] | None:
    """What stands before the names of steps in the description, by the order of the names in the file."""
    lines: list[str] = []
    if not isinstance(steps, list):
        return None
    for step in steps:
        if not isinstance(step, dict) or not step.keys() <= _OF_STEP or not all(_is_empty(step.get(k)) for k in _EMPTY):
            return None
        keys, status, inner = list(step), step.get("status"), step.get("steps") or []
        if type(step.get("name")) is not str or type(status) is not str or not 0 < len(status.strip()) <= 100:
            return None
        if status != status.strip() or (inner and keys.index("name") > keys.index("steps")):
            return None
        below = _before_steps(inner, depth + 1)
        if below is None:
            return None
        lines += [f"{'  ' * depth}{status.upper()} ", *below]
    return lines


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _taker(recorder: Recorder) -> Callable[[Run[_Plan]], None]:
    """What records results."""

    def take(run: Run[_Plan]) -> None:
        title, begin, end, history, full_name, placing, title_path, labels, steps = run.plan
        where = [group for _, group in placing] + title_path
        told, owned_by_file = None, full_name >= 0
        path: Path = []
        kind = ""
        recorder.date(min(int(row[begin]) for row in run.rows) / 1000)
        late = recorder.late
        for row, line in zip(run.rows, run.lines(), strict=False):
            place = [row[group] for group in where]
            if place != told:
                told = place
                first = {name: row[group] for name, group in placing}
                path = path_of({"titlePath": [row[group] for group in title_path]}, first)[: limits.DEPTH]
                kind = first.get("testClass") or first.get("package") or ""
            start = int(row[begin])
            length = int(row[end]) - start
            duration = (
                round(length * 0.001, 9) if 0 <= length < DAY else seconds_of(recorder, float(length), 0.001, line)
            )
            kept: list[Label] = [(name, row[group]) for name, group in labels]
            if owned_by_file:
                kept.append(("fullName", row[full_name]))
            lines = "\n".join([(before + row[group]).rstrip() for before, group in steps])
            key = f"history:{row[history]}" if history >= 0 else f"name:{row[full_name]}:[]"
            details = (lines, "", "", "", False, (), kept, ())
            late(path, key, float(start), (row[title], kind, PASSED, duration, line, details))

    return take
