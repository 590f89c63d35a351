"""A test of a CTRF report as a result."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Label, Recorder
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import dict_of, dicts_of, list_of, number_of, text_of

_STATUSES: Final = {"passed": PASSED, "failed": FAILED, "skipped": SKIPPED, "pending": SKIPPED, "other": UNKNOWN}
_BROKEN: Final = frozenset(
    {"timedout", "timed_out", "timeout", "interrupted", "setup_failed", "teardown_failed", "error", "errored", "broken"}
)
"""What tools say of a test, in lower case, that CTRF calls failed."""
_NOTHING: Final[tuple[Any, ...]] = (None, "", 0, False, [], {}, {"annotations": []})
_SILENT: Final = frozenset({"name", "status", "rawStatus", "duration", "suite", "start", "stop", "retries", "flaky"})
SHORT: Final = frozenset({"filePath", "id", "testId", "type"})
"""Labels that most tests have."""
_READ: Final = _SILENT | SHORT | {
    "message", "trace", "snippet", "ai", "tags", "labels", "retryAttempts", "stdout", "stderr", "screenshot",
    "attachments", "parameters", "steps", "executionId", "insights",
}  # fmt: skip
_SEPARATOR: Final = " > "
_IMAGES: Final = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif", b"RIFF": ".webp"}


def suites_of(test: dict[str, Any]) -> tuple[list[tuple[str, str]], str]:
    """The containers, and the title of the test in them."""
    suite, name = test.get("suite"), text_of(test.get("name"))
    if isinstance(suite, str):
        names = suite.split(_SEPARATOR) if suite else []
        if suite == name:  # Vitest's reporter: the test's own name is the last of its suites
            name = names.pop() if names else name
    else:
        names = [text for text in map(text_of, list_of(suite)) if text]
    return [(one, "suite") for one in names], name


def plain_labels(test: dict[str, Any]) -> list[Label] | None:
    """The labels of a test that passed and has nothing else to tell; None of another."""
    if test.get("status") != "passed" or test.get("retries") or test.get("flaky"):
        return None
    labels = []
    for key, value in test.items():
        if key in _SILENT:
            if key == "rawStatus" and value != "passed":
                return None
        elif key in SHORT and isinstance(value, str) and len(value) <= limits.LABEL_NAME:
            labels.append((key, value))
        elif value not in _NOTHING:
            return None
    return labels


class TestReader:
    """Makes results of tests."""

    def __init__(
        self,
        recorder: Recorder,
        seconds: Callable[[Any, float], float | None],
    ) -> None:
        self._recorder: Final = recorder
        self._seconds: Final = seconds
        self.tool = ""
        """Name of the tool, in lower case."""

    def draft_of(self, test: dict[str, Any], title: str, line: int) -> Draft:
        """The result."""
        draft = Draft(title, "", PASSED, line)
        draft.duration = self._seconds(test.get("duration"), 0.001)
        draft.status = self._status(test, line)
        draft.message(text_of(test.get("message")))
        draft.trace(text_of(test.get("trace")))
        draft.flaky = test.get("flaky") is True and draft.status == PASSED
        self._attempts(draft, test, line)
        self._description(draft, test)
        for key in ("stdout", "stderr"):
            for text in list_of(test.get(key)):
                draft.output(text_of(text).removesuffix("\n"))
        self._assets(draft, test)
        self._labels(draft, test)
        return draft

    def _status(self, run: dict[str, Any], line: int) -> int:
        word, raw = text_of(run.get("status")), text_of(run.get("rawStatus")).lower()
        status = _STATUSES.get(word.lower())
        if status is None:
            self._recorder.note("unknown_status", word[:100], line)
            return UNKNOWN
        if status == FAILED and raw in _BROKEN:
            return BROKEN
        if word == "pending" and "cucumber" in self.tool:
            return UNKNOWN  # some of its steps did run
        return status

    def _attempts(self, draft: Draft, test: dict[str, Any], line: int) -> None:
        earlier = dicts_of(test.get("retryAttempts"))
        retries = number_of(test.get("retries"))
        if retries is not None and len(earlier) == retries + 1:
            earlier.pop()  # the last one is what the test itself says
        for run in earlier:
            duration = self._seconds(run.get("duration"), 0.001)
            trace = "\n".join(
                [text_of(run.get("trace"))]
                + [text_of(text) for key in ("stdout", "stderr") for text in list_of(run.get(key))]
            ).rstrip("\n")
            draft.attempt(self._status(run, line), duration, "", text_of(run.get("message")), trace)
            for attachment in dicts_of(run.get("attachments")):
                draft.asset(text_of(attachment.get("path")))
        if earlier:
            draft.attempt(draft.status, draft.duration, "", text_of(test.get("message")), text_of(test.get("trace")))
        elif retries:
            draft.label("retries", text_of(test.get("retries")))
            self._untold(draft, test, retries)

    @staticmethod
    def _untold(draft: Draft, test: dict[str, Any], retries: float) -> None:
        """Attempts of which only the number is told: only a test that failed is run again."""
        ran = draft.status in {FAILED, BROKEN} or (draft.status == PASSED and test.get("flaky") is not False)
        if ran and 0 < retries < limits.ATTEMPTS:
            for _ in range(int(retries)):
                draft.attempt(FAILED)
            message, trace = text_of(test.get("message")), text_of(test.get("trace"))
            draft.attempt(draft.status, draft.duration, "", message, trace)

    def _description(self, draft: Draft, test: dict[str, Any]) -> None:
        for step in dicts_of(test.get("steps")):
            draft.describe(f"[{text_of(step.get('status')) or 'unknown'}] {text_of(step.get('name'))}")
        for key in ("snippet", "ai"):
            draft.describe(text_of(test.get(key)))

    def _assets(self, draft: Draft, test: dict[str, Any]) -> None:
        for attachment in dicts_of(test.get("attachments")):
            draft.asset(text_of(attachment.get("path")))
        screenshot = test.get("screenshot")
        if not isinstance(screenshot, str) or not screenshot:
            return
        try:
            data = base64.b64decode(screenshot.rpartition(";base64,")[2], validate=True)
        except (binascii.Error, ValueError):
            draft.asset(screenshot[:1000])
            return
        for magic, extension in _IMAGES.items():
            if data.startswith(magic):
                draft.asset(self._recorder.embed(data, extension))
                return
        draft.asset(screenshot[:1000])

    def _labels(self, draft: Draft, test: dict[str, Any]) -> None:
        for tag in list_of(test.get("tags")):
            draft.label("tag", text_of(tag))
        for key in ("labels", "parameters"):
            for name, value in dict_of(test.get(key)).items():
                for one in value if isinstance(value, list) else [value]:
                    draft.label(name, text_of(one))
        raw = text_of(test.get("rawStatus"))
        if raw and raw != test.get("status"):
            draft.label("rawStatus", raw)
        for key, value in test.items():
            if (key in SHORT or key not in _READ) and value not in _NOTHING:
                draft.label(key, text_of(value))
