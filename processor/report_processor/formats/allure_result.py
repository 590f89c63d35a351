"""One Allure result as a draft: its place, its name, and what is told about it."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Recorder
from report_processor.formats.draft import Draft
from report_processor.formats.json_format import dict_of, dicts_of, list_of, number_of, seconds_of, text_of

STATUSES: Final = {"passed": PASSED, "failed": FAILED, "broken": BROKEN, "skipped": SKIPPED, "unknown": UNKNOWN}
BAD: Final = frozenset({FAILED, BROKEN})

_SUITES: Final = ("parentSuite", "suite", "subSuite")
_NESTED: Final = " > "
"""Between the names of suites that an adapter joins to one label, because Allure has three levels only."""
_EXCEPTION: Final = re.compile(r"((?:[A-Za-z_$][\w.$]*)?(?:Error|Exception|Failure|Exit|Interrupt|Failed))\b")
_MARKS: Final = ("flaky", "known", "muted")
_DEEPEST: Final = 100
"""Steps inside each other."""

Path = list[tuple[str, str]]


def path_of(value: dict[str, Any], labels: Sequence[tuple[str, str]]) -> Path:
    """Containers from the top: suites as labels tell them, else package and class, title path, feature and story."""
    found = _titles(labels, _SUITES)
    if found:
        head, last = found[:-1], found[-1]
        inner = last.split(_NESTED) if any(name == "subSuite" for name, _ in labels) else [last]
        return _named([*head, *inner])
    package, kind = (_titles(labels, (name,)) for name in ("package", "testClass"))
    titles = package if package == kind else [*package, *kind]
    titles = titles or [text_of(title) for title in list_of(value.get("titlePath"))]
    return _named(titles or _titles(labels, ("epic", "feature", "story")))


def key_of(value: dict[str, Any], path: Path, title: str) -> str:
    """What is the same for all attempts of one test and for no other test."""
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
    return f"title:{json.dumps([path, title])}"


def labels_of(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Labels with a name."""
    labels = [(text_of(one.get("name")), text_of(one.get("value"))) for one in dicts_of(value.get("labels"))]
    return [label for label in labels if label[0]]


def drafted(recorder: Recorder, value: dict[str, Any], line: int, *, fallback: int = UNKNOWN) -> Draft:
    """A test or fixture with its status, times, texts, steps and files; labels and parameters are not in it yet."""
    draft = Draft(text_of(value.get("name")) or text_of(value.get("fullName")), line=line)
    draft.status = _status(recorder, value, draft, fallback)
    start, stop = number_of(value.get("start")), number_of(value.get("stop"))
    if start is not None and stop is not None:
        draft.duration = seconds_of(recorder, stop - start, 0.001, line)
    draft.describe(text_of(value.get("description")) or text_of(value.get("descriptionHtml")))
    details = dict_of(value.get("statusDetails"))
    told = _tell_details(draft, details)
    for mark in _MARKS:
        if details.get(mark) is True or value.get(mark) is True:
            draft.label(mark, "true")
    _tell_attachments(draft, value, "")
    _tell_steps(draft, value, told, 0)
    return draft


def tell_parameters(draft: Draft, value: dict[str, Any], path: Path) -> None:
    """As labels, and those that tell the test from others in its title, unless they stand there already."""
    shown = []
    titles = {title for title, _ in path}
    for name, text, excluded in _parameters(value):
        draft.label(name, text)
        if not excluded and text not in titles and not _stands_in(text.strip("'\""), draft.title):
            shown.append(f"{name}={text}")
    if shown:
        draft.title = f"{draft.title} [{', '.join(shown)}]"


def tell_labels(draft: Draft, value: dict[str, Any], labels: Sequence[tuple[str, str]]) -> None:
    """Labels that are no container, links, and the full name; the class becomes the classification."""
    found = dict(reversed(labels))
    draft.classification = found.get("testClass") or found.get("package") or ""
    for name, text in labels:
        if name not in _SUITES:
            draft.label(name, text)
    for link in dicts_of(value.get("links")):
        name, url = text_of(link.get("name")), text_of(link.get("url"))
        draft.label(text_of(link.get("type")) or "link", url if name in {"", url} else f"{name} {url}".strip())
    if full_name := text_of(value.get("fullName")):
        draft.label("fullName", full_name)


def exception_of(text: str) -> str:
    """The name of the exception that a message or a backtrace begins with."""
    found = _EXCEPTION.match(text)
    return found[1] if found else ""


def _titles(labels: Sequence[tuple[str, str]], names: Sequence[str]) -> list[str]:
    """The first value of each of these labels that is there."""
    found = dict(reversed(labels))
    return [found[name] for name in names if found.get(name, "").strip()]


def _named(titles: Sequence[str]) -> Path:
    return [(title, "") for title in titles if title.strip()]


def _status(recorder: Recorder, value: dict[str, Any], draft: Draft, fallback: int) -> int:
    word = text_of(value.get("status")).lower()
    stage = text_of(value.get("stage"))
    if word in STATUSES:
        return STATUSES[word]
    if word:
        recorder.note("unknown_status", f'status="{word[:100]}"', draft.line)
        return UNKNOWN
    if stage and stage != "finished":
        draft.message(f"it did not finish: {stage[:100]}")
    return fallback


def _tell_details(draft: Draft, details: dict[str, Any]) -> str:
    """Message, trace and what was compared; returns all of it."""
    message, trace = text_of(details.get("message")), text_of(details.get("trace"))
    draft.message(message)
    draft.trace(trace)
    if draft.status in BAD:
        draft.exception = exception_of(trace) or exception_of(message)
    for name in ("expected", "actual"):
        if text := text_of(details.get(name)):
            draft.output(f"{name}: {text}")
    return f"{message}\n{trace}"


def _tell_steps(draft: Draft, value: dict[str, Any], told: str, depth: int) -> None:
    for step in dicts_of(value.get("steps")):
        indent = "  " * depth
        name, status = text_of(step.get("name")), text_of(step.get("status"))
        shown = ", ".join(f"{one}={text}" for one, text, _ in _parameters(step))
        draft.describe(f"{indent}{status.upper()} {name}{f' [{shown}]' if shown else ''}".rstrip() or indent)
        details = dict_of(step.get("statusDetails"))
        message = text_of(details.get("message")).strip()
        if message and message not in told:
            draft.describe(f"{indent}  {message}")
            if trace := text_of(details.get("trace")):
                draft.trace(f"{name}: {trace}")
        _tell_attachments(draft, step, f"{indent}  ")
        if depth < _DEEPEST:
            _tell_steps(draft, step, told, depth + 1)
        elif step.get("steps"):
            draft.describe(f"{indent}  ...")


def _tell_attachments(draft: Draft, value: dict[str, Any], indent: str) -> None:
    for one in dicts_of(value.get("attachments")):
        source = text_of(one.get("source"))
        draft.asset(source)
        if name := text_of(one.get("name")):
            draft.describe(
                f"{indent}attachment {name}" if source else f"{indent}attachment {name}, which was not saved"
            )


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
