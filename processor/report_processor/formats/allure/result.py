"""One Allure result or fixture as a row: its place, its name, and what is told about it.

All that belongs to a result is gathered in plain lists first (it is one JSON value, so it is bounded). A test
that passed and has nothing long becomes a row at once; the others go through ``Draft``, which keeps the limits.
"""

import json
import re
from itertools import chain
from typing import Any, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Label, Recorder, Row
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import dict_of, dicts_of, list_of, number_of, seconds_of, text_of

STATUSES: Final = {"passed": PASSED, "failed": FAILED, "broken": BROKEN, "skipped": SKIPPED, "unknown": UNKNOWN}
BAD: Final = frozenset({FAILED, BROKEN})

SUITES: Final = ("parentSuite", "suite", "subSuite")
_NESTED: Final = " > "
"""Between the names of suites that an adapter joins to one label, because Allure has three levels only."""
_EXCEPTION: Final = re.compile(r"((?:[A-Za-z_$][\w.$]*)?(?:Error|Exception|Failure|Exit|Interrupt|Failed))\b")
_MARKS: Final = ("flaky", "known", "muted")
_DEEPEST: Final = 100
"""Steps inside each other."""
DAY: Final = 86_400_000
SHORT: Final = 1_000
"""Characters of names, labels and paths that need no look at the limits: all are longer."""

Path = list[tuple[str, str]]


class Gathered:
    """What is told about one result or fixture."""

    __slots__ = ("_recorder", "_value", "assets", "classification", "labels", "line", "lines", "path", "start", "title")

    def __init__(self, recorder: Recorder, value: dict[str, Any], line: int) -> None:
        self._recorder: Final = recorder
        self._value: Final = value
        self.line: Final = line
        self.title = text_of(value.get("name")) or text_of(value.get("fullName"))
        self.classification = ""
        self.path: Path = []
        self.labels: list[Label] = []
        self.lines: list[str] = []
        self.assets: list[str] = []
        self.start = number_of(value.get("start"))

    def place(self) -> None:
        """Read the labels: containers, classification, and what stays a label; links and the full name."""
        value = self._value
        labels = _labels(value.get("labels"))
        first = dict(reversed(labels))
        self.path = path_of(value, first)
        self.classification = first.get("testClass") or first.get("package") or ""
        self._tell_parameters()
        self.labels += [label for label in labels if label[0] not in SUITES]
        for link in dicts_of(value.get("links")):
            name, url = text_of(link.get("name")), text_of(link.get("url"))
            told = url if name in {"", url} else f"{name} {url}".strip()
            self.labels.append((text_of(link.get("type")) or "link", told))
        if full_name := text_of(value.get("fullName")):
            self.labels.append(("fullName", full_name))

    def place_in(self, path: Path, classification: str) -> None:
        """Of a fixture, which has no labels: the containers are known."""
        self.path, self.classification = path, classification
        self._tell_parameters()

    def key(self) -> str:
        """What is the same for all attempts of one test and for no other test."""
        value = self._value
        if found := text_of(value.get("historyId")):
            return f"history:{found}"
        if found := text_of(value.get("fullName")):
            parameters = [
                [text_of(one.get("name")), text_of(one.get("value"))]
                for one in dicts_of(value.get("parameters"))
                if one.get("excluded") is not True
            ]
            return f"name:{found}:{json.dumps(sorted(parameters))}"
        if found := text_of(value.get("uuid")):
            return f"uuid:{found}"
        return f"title:{json.dumps([self.path, self.title])}"

    def row(self, fallback: int = UNKNOWN) -> Row:
        """Everything. ``fallback`` is the status when there is none."""
        value = self._value
        details = dict_of(value.get("statusDetails"))
        message, trace = text_of(details.get("message")), text_of(details.get("trace"))
        if description := text_of(value.get("description")) or text_of(value.get("descriptionHtml")):
            self.lines.append(description)
        for mark in _MARKS:
            if details.get(mark) is True or value.get(mark) is True:
                self.labels.append((mark, "true"))
        _tell_attachments(self, value, "")
        traces = [trace]
        if value.get("steps"):
            _tell_steps(self, value, f"{message}\n{trace}", traces, 0)
        plain = value.get("status") == "passed" and not (details or traces[1:])
        return (self._plain() if plain else None) or self._drafted(details, message, traces, fallback)

    def _plain(self) -> Row | None:
        """Of a test that passed: its row, when no limit can be reached."""
        told = "\n".join(self.lines)
        if not self._short() or len(told) > limits.DESCRIPTION:
            return None
        owned = (told, "", "", "", False, (), self.labels, self.assets)
        return self.title, self.classification, PASSED, self._duration(), self.line, owned

    def _drafted(self, details: dict[str, Any], message: str, traces: list[str], fallback: int) -> Row:
        draft = Draft(self.title, self.classification, line=self.line)
        draft.duration = self._duration()
        self._tell_status(draft, fallback)
        draft.message(message)
        for text in traces:
            draft.trace(text)
        if draft.status in BAD:
            draft.exception = exception_of(traces[0]) or exception_of(message)
        for name in ("expected", "actual"):
            if text := text_of(details.get(name)):
                draft.output(f"{name}: {text}")
        for text in self.lines:
            draft.describe(text)
        for name, text in self.labels:
            draft.label(name, text)
        for asset in self.assets:
            draft.asset(asset)
        return draft.row(self._recorder)

    def _duration(self) -> float | None:
        start, stop = self.start, number_of(self._value.get("stop"))
        if start is None or stop is None:
            return None
        if 0 <= stop - start < DAY:
            return round((stop - start) * 0.001, 9)
        return seconds_of(self._recorder, stop - start, 0.001, self.line)

    def _short(self) -> bool:
        """Whether no limit can be reached."""
        if len(self.labels) > limits.LABELS // 2 or len(self.assets) > limits.ASSETS // 2 or not self.title.strip():
            return False
        texts = chain(self.assets, chain.from_iterable(self.labels))
        return max(len(self.title), len(self.classification), max(map(len, texts), default=0)) <= SHORT

    def _tell_status(self, draft: Draft, fallback: int) -> None:
        word, stage = text_of(self._value.get("status")).lower(), text_of(self._value.get("stage"))
        draft.status = STATUSES.get(word, UNKNOWN) if word else fallback
        if word and word not in STATUSES:
            self._recorder.note("unknown_status", f'status="{word[:100]}"', self.line)
        if not word and stage and stage != "finished":
            draft.message(f"it did not finish: {stage[:100]}")

    def _tell_parameters(self) -> None:
        """As labels, and those that tell the test from others in its title, unless they stand there already."""
        if not self._value.get("parameters"):
            return
        shown = []
        titles = {title for title, _ in self.path}
        for name, text, excluded in _parameters(self._value):
            self.labels.append((name, text))
            if not excluded and text not in titles and not _stands_in(text.strip("'\""), self.title):
                shown.append(f"{name}={text}")
        if shown:
            self.title = f"{self.title} [{', '.join(shown)}]"


def of_report(value: dict[str, Any]) -> dict[str, Any]:
    """A test of a generated report, as an adapter would have written it."""
    time, stage = dict_of(value.get("time")), dict_of(value.get("testStage"))
    stages = [dicts_of(value.get(when)) for when in ("beforeStages", "afterStages")]
    return {
        **value,
        "start": time.get("start"),
        "stop": time.get("stop"),
        "statusDetails": {**_details(value), "flaky": value.get("flaky")},
        "steps": [*stages[0], *dicts_of(stage.get("steps")), *stages[1]],
        "attachments": stage.get("attachments"),
    }


def _details(value: dict[str, Any]) -> dict[str, Any]:
    """Of a result or step: message and backtrace."""
    if "statusMessage" in value or "statusTrace" in value:
        return {"message": value.get("statusMessage"), "trace": value.get("statusTrace")}
    return dict_of(value.get("statusDetails"))


def exception_of(text: str) -> str:
    """The name of the exception that a message or a backtrace begins with."""
    found = _EXCEPTION.match(text)
    return found[1] if found else ""


def _labels(value: Any) -> list[Label]:
    """Labels with a name."""
    try:
        found = [(one["name"], one["value"]) for one in value]
    except (TypeError, KeyError):
        found = [(one.get("name"), one.get("value")) for one in dicts_of(value)]
    if set(map(type, chain.from_iterable(found))) != {str}:
        found = [(text_of(name), text_of(text)) for name, text in found]
    return [label for label in found if label[0]]


def path_of(value: dict[str, Any], first: dict[str, str]) -> Path:
    """Containers from the top: suites as labels tell them, else package and class, title path, feature and story.

    ``first`` has the first value of each label.
    """
    titles = [first[name] for name in SUITES if name in first and first[name].strip()]
    if titles:
        if first.get("subSuite", "").strip() and _NESTED in titles[-1]:
            titles[-1:] = titles[-1].split(_NESTED)
    elif found := first.get("package") or first.get("testClass"):
        inner = first.get("testClass", found)
        titles = [found] if inner == found else [found, inner]
    else:
        titles = [text_of(title) for title in list_of(value.get("titlePath"))]
        titles = titles or [first[name] for name in ("epic", "feature", "story") if name in first]
    return [(title[: limits.TITLE], "") for title in titles if title.strip()]


def _tell_steps(gathered: Gathered, value: dict[str, Any], told: str, traces: list[str], depth: int) -> None:
    indent = "  " * depth
    for step in dicts_of(value.get("steps")):
        name, status = text_of(step.get("name")), text_of(step.get("status"))
        shown = ", ".join(f"{one}={text}" for one, text, _ in _parameters(step)) if step.get("parameters") else ""
        gathered.lines.append(f"{indent}{f'{status.upper()} {name}'.strip()}{f' [{shown}]' if shown else ''}")
        if details := _details(step):
            message = text_of(details.get("message")).strip()
            if message and message not in told:
                gathered.lines.append(f"{indent}  {message}")
                if trace := text_of(details.get("trace")):
                    traces.append(f"{name}: {trace}")
        _tell_attachments(gathered, step, f"{indent}  ")
        if not step.get("steps"):
            continue
        if depth < _DEEPEST:
            _tell_steps(gathered, step, told, traces, depth + 1)
        else:
            gathered.lines.append(f"{indent}  ...")


def _tell_attachments(gathered: Gathered, value: dict[str, Any], indent: str) -> None:
    for one in dicts_of(value.get("attachments")):
        source = text_of(one.get("source"))
        if source and source not in gathered.assets[-limits.ASSETS :]:
            gathered.assets.append(source)
        if name := text_of(one.get("name")):
            gathered.lines.append(f"{indent}attachment {name}{'' if source else ', which was not saved'}")


def _parameters(value: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Name, text and whether it is excluded from the test's identity; hidden ones are left out."""
    found = []
    for one in dicts_of(value.get("parameters")):
        mode = text_of(one.get("mode")).lower()
        text = "******" if mode == "masked" else text_of(one.get("value"))
        if mode != "hidden":
            found.append((text_of(one.get("name")), text, one.get("excluded") is True))
    return found


def _stands_in(text: str, title: str) -> bool:
    """Whether the text stands in the title as words of its own."""
    at = title.find(text) if text else -1
    while at >= 0:
        end = at + len(text)
        before, after = title[at - 1 : at], title[end : end + 1]
        if not (before.isalnum() and text[0].isalnum()) and not (after.isalnum() and text[-1].isalnum()):
            return True
        at = title.find(text, at + 1)
    return False
