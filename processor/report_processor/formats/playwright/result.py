"""One test of Playwright in one project, with all its runs."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Recorder
from report_processor.parsing.draft import Draft
from report_processor.parsing.js_error import parts_of_error, without_colour
from report_processor.parsing.json_format import dict_of, dicts_of, list_of, text_of

_EXPECT: Final = re.compile(
    r"expect\([^\n]*?\)\.(?:not\.|resolves\.|rejects\.)*\w+|^Expected[^\n]*:[^\n]*\n+Received[^\n]*:", re.MULTILINE
)
"""How the messages of Playwright's own assertions look; the second form is that of old versions when a test gives
a message of its own. Playwright's JUnit reporter tells failures from errors by the first form."""
_EXTENSIONS: Final = {
    "application/json": ".json", "application/pdf": ".pdf", "application/xml": ".xml", "application/zip": ".zip",
    "image/gif": ".gif", "image/jpeg": ".jpg", "image/png": ".png", "image/svg+xml": ".svg", "image/webp": ".webp",
    "text/css": ".css", "text/csv": ".csv", "text/html": ".html", "text/markdown": ".md", "text/plain": ".txt",
    "text/xml": ".xml", "video/mp4": ".mp4", "video/webm": ".webm",
}  # fmt: skip
_BAD: Final = frozenset({FAILED, BROKEN})
_PLAIN: Final = ("errors", "error", "stdout", "stderr", "steps", "attachments")
"""Members of a run that say more than how it ended."""

"""Stores a file with this extension and returns the name that it got."""


def is_plain(spec: dict[str, Any], test: dict[str, Any]) -> bool:
    """Whether there is nothing to say but that it passed at once."""
    if test.get("status") != "expected" or spec.get("tags") or test.get("annotations"):
        return False
    runs = test.get("results")
    if not isinstance(runs, list) or len(runs) != 1 or not isinstance(runs[0], dict):
        return False
    return runs[0].get("status") == "passed" and not any(map(runs[0].get, _PLAIN))


class TestReader:
    """Makes results of tests."""

    def __init__(self, recorder: Recorder, seconds: Callable[[Any, float], float | None]) -> None:
        """``seconds`` reads a duration in a unit of that many seconds."""
        self._recorder: Final = recorder
        self._seconds: Final = seconds

    def draft_of(self, spec: dict[str, Any], test: dict[str, Any], line: int) -> Draft:
        """The test as a result; its project is the classification."""
        runs = dicts_of(test.get("results"))
        expected = text_of(test.get("expectedStatus")) or "passed"
        project = text_of(test.get("projectName") or test.get("projectId"))
        statuses = [_status_of_run(run, expected) for run in runs]
        last = runs[-1] if runs else {}
        outcome = test["status"] if "status" in test else _outcome(statuses)
        draft = Draft(text_of(spec.get("title")), project, self._status(outcome, last, statuses, line), line)
        draft.duration = self._seconds(last.get("duration"), 0.001)
        if len(runs) > 1:
            for run, status in zip(runs, statuses, strict=True):
                self._attempt(draft, run, status)
        draft.flaky = outcome == "flaky"
        self._texts(draft, last, expected)
        for run in runs:
            self._attach(draft, run)
        self._labels(draft, spec, test)
        return draft

    def _status(self, word: Any, last: dict[str, Any], statuses: list[int], line: int) -> int:
        ended = last.get("status")
        if word in ("expected", "flaky") and statuses:
            return PASSED
        if word == "unexpected":
            return statuses[-1] if statuses and statuses[-1] in _BAD else FAILED
        if word == "skipped":
            return BROKEN if ended == "interrupted" else SKIPPED
        if word != "expected":
            self._recorder.note("unknown_status", text_of(word)[:100], line)
        return UNKNOWN

    def _attempt(self, draft: Draft, run: dict[str, Any], status: int) -> None:
        name, message, trace = "", "", ""
        for error in _errors(run):
            first = not message
            one, text, rest = parts_of(error)
            name = name or one
            message = text if first else f"{message}\n{text}"
            trace = rest if first else f"{trace}\n{rest}"
        output = _output(run, "stdout") + _output(run, "stderr")
        trace = f"{trace}\n{output}" if trace and output else trace or output
        draft.attempt(status, self._seconds(run.get("duration"), 0.001), name, message, trace)

    @staticmethod
    def _texts(draft: Draft, run: dict[str, Any], expected: str) -> None:
        if draft.status in _BAD:
            if run.get("status") == "passed":
                draft.message(f"It passed, but it is expected to be {expected}.")
            if run.get("status") == "timedOut" and not _errors(run):
                draft.message("The test timed out.")
            if run.get("status") == "interrupted":
                draft.message("The run was interrupted.")
        for error in _errors(run):
            name, message, trace = parts_of(error)
            draft.exception = draft.exception or name
            draft.message(message)
            draft.trace(trace)
        draft.describe(_steps(dicts_of(run.get("steps")), ""))
        draft.output(_output(run, "stdout"))
        draft.output(_output(run, "stderr"))

    def _attach(self, draft: Draft, run: dict[str, Any]) -> None:
        for attachment in dicts_of(run.get("attachments")):
            path, body = text_of(attachment.get("path")), attachment.get("body")
            if path:
                draft.asset(path)
            elif isinstance(body, str) and (data := _decoded(body)):
                media = text_of(attachment.get("contentType")).partition(";")[0].strip().lower()
                draft.asset(self._recorder.embed(data, _EXTENSIONS.get(media, ".bin")))

    @staticmethod
    def _labels(draft: Draft, spec: dict[str, Any], test: dict[str, Any]) -> None:
        for tag in list_of(spec.get("tags")):
            draft.label("tag", text_of(tag))
        for annotation in dicts_of(test.get("annotations")):
            kind, description = text_of(annotation.get("type")), text_of(annotation.get("description"))
            draft.label(kind or "annotation", description)
            if draft.status == SKIPPED and kind in {"skip", "fixme"}:
                draft.message(description)


def parts_of(error: dict[str, Any]) -> tuple[str, str, str]:
    """Name, message and backtrace of an error; the lines of the source go to the backtrace."""
    text = without_colour(text_of(error.get("message") or error.get("value") or error.get("stack")))
    name, message, trace = parts_of_error(text)
    if name and trace:
        return name, message, trace
    kind, _, rest = parts_of_error(without_colour(text_of(error.get("stack"))))
    if not trace:
        source = without_colour(text_of(error.get("snippet")))
        trace = f"{source}\n{rest}" if source and rest else source or rest
    return name or kind, message, trace


def _status_of_run(run: dict[str, Any], expected: str) -> int:
    word = run.get("status")
    if word == "skipped":
        return SKIPPED
    if word == expected:
        return PASSED
    if word in ("timedOut", "interrupted"):
        return BROKEN
    if word == "passed":
        return FAILED
    if word == "failed":
        error = dict_of(run.get("error")) or next(iter(_errors(run)), {})
        text = without_colour(text_of(error.get("message") or error.get("value")))
        return FAILED if _EXPECT.search(text) or text.startswith("AssertionError") or not text else BROKEN
    return UNKNOWN


def _outcome(statuses: list[int]) -> str:
    """What the first versions do not write; empty when that is not known."""
    if not statuses or UNKNOWN in statuses:
        return ""
    if statuses[-1] == PASSED:
        return "flaky" if _BAD & set(statuses) else "expected"
    return "unexpected" if _BAD & set(statuses) else "skipped"


def _errors(run: dict[str, Any]) -> list[dict[str, Any]]:
    return dicts_of(run.get("errors")) or [one for one in [dict_of(run.get("error"))] if one]


def _output(run: dict[str, Any], name: str) -> str:
    pieces = []
    for piece in dicts_of(run.get(name)):
        if "text" in piece:
            pieces.append(text_of(piece["text"]))
        elif isinstance(body := piece.get("buffer"), str):
            pieces.append(_decoded(body).decode("utf-8", "replace"))
    return "".join(pieces)


def _steps(steps: list[dict[str, Any]], indent: str) -> str:
    """The steps, one a line; those inside a step stand below it. Iterative: a file may nest them as it likes."""
    lines: list[str] = []
    waiting = [(step, indent) for step in reversed(steps)]
    while waiting:
        step, spaces = waiting.pop()
        lines.append(f"{spaces}{'FAILED' if step.get('error') else 'PASSED'} {text_of(step.get('title'))}")
        waiting += [(inner, f"{spaces}  "[:100]) for inner in reversed(dicts_of(step.get("steps")))]
    return "\n".join(lines)


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body[: len(body) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""
