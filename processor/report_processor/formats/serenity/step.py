"""The steps of a Serenity scenario as containers and results."""

from collections.abc import Callable
from typing import Any, Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Recorder
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import dict_of, dicts_of, text_of

_STATUSES: Final = {
    "SUCCESS": PASSED,
    "FAILURE": FAILED,
    "ERROR": FAILED,
    "UNSUCCESSFUL": FAILED,
    "COMPROMISED": BROKEN,
    "SKIPPED": SKIPPED,
    "IGNORED": SKIPPED,
    "ABORTED": SKIPPED,
    "PENDING": UNKNOWN,
    "UNDEFINED": UNKNOWN,
    "UNKNOWN": UNKNOWN,
}
_BAD: Final = frozenset({FAILED, BROKEN})
READ: Final = frozenset(
    {"number", "description", "duration", "startTime", "exception", "result", "precondition", "level", "children"}
    | {"screenshots", "errorMessage", "reportData"}
)
"""Members of a step that are no labels."""
SHORT: Final = 1_000
"""Characters of a name that is in no way long."""
_DEEPEST: Final = 200
"""Steps inside each other; the decoder does not go much deeper."""


def status_of(recorder: Recorder, word: Any, line: int) -> int:
    """The status that a word means."""
    status = _STATUSES.get(text_of(word).upper())
    if status is None:
        recorder.note("unknown_status", text_of(word)[:100] or "no result", line)
        return UNKNOWN
    return status


def zoned(value: Any) -> Any:
    """A moment without the name of its zone, which follows the offset in brackets."""
    return value.partition("[")[0] if isinstance(value, str) else value


class StepReader:
    """Records steps."""

    def __init__(self, recorder: Recorder, seconds: Callable[[Any, float], float | None]) -> None:
        self._recorder: Final = recorder
        self._seconds: Final = seconds
        self.seen: set[int] = set()
        """Statuses of the results so far."""

    def reset(self) -> None:
        """A scenario begins."""
        self.seen = set()

    def read(self, step: dict[str, Any], line: int, depth: int = 0) -> set[int]:
        """A step with those in it; returns the statuses of its results."""
        children = dicts_of(step.get("children")) if depth < _DEEPEST else []
        title = text_of(step.get("description"))
        if not children:
            status = status_of(self._recorder, step.get("result"), line)
            self._record(step, title, status, line)
            return {status}
        self._recorder.open(title or "step", "step", line)
        statuses = set()
        for child in children:
            statuses |= self.read(child, line, depth + 1)
        word = step.get("result")
        own = status_of(self._recorder, word, line) if word is not None else PASSED
        if (own in _BAD or step.get("exception")) and not statuses & _BAD:
            # It broke behind the steps in it.
            own = own if own in _BAD else FAILED
            self._record({**step, "duration": None}, title, own, line)
            statuses.add(own)
        self._recorder.close()
        return statuses

    def draft(self, title: str, status: int, error: Any, line: int) -> Draft:
        """A result with what an exception says."""
        draft = Draft(title, "", status, line)
        found = dict_of(error)
        if found:
            draft.exception = text_of(found.get("errorType"))
            draft.message(text_of(found.get("message")))
            draft.trace("\n".join(map(_place, dicts_of(found.get("stackTrace")))))
        return draft

    def _record(self, step: dict[str, Any], title: str, status: int, line: int) -> None:
        self.seen.add(status)
        duration = self._seconds(step.get("duration"), 0.001)
        if status == PASSED and title and not title.isspace() and len(title) <= SHORT and not self._has_more(step):
            self._recorder.rows.append((title, "", PASSED, duration, line, None))
            return
        draft = self.draft(title, status, step.get("exception"), line)
        draft.duration = duration
        if not step.get("exception"):
            draft.message(text_of(step.get("errorMessage")))
        for shot in dicts_of(step.get("screenshots")):
            for key, value in shot.items():
                if key != "timeStamp" and isinstance(value, str):
                    draft.asset(value)
        reported = step.get("reportData")
        for data in dicts_of(reported if isinstance(reported, list) else [reported]):
            draft.output("\n".join(filter(None, (text_of(data.get("title")), text_of(data.get("contents"))))))
            draft.asset(text_of(data.get("path")))
        if step.get("precondition") is True:
            draft.label("precondition", "true")
        for key, value in step.items():
            if key not in READ and value not in (None, "", [], {}):
                draft.label(key, text_of(value))
        draft.record(self._recorder)

    @staticmethod
    def _has_more(step: dict[str, Any]) -> bool:
        if step.get("precondition") or step.get("exception") or step.get("screenshots") or step.get("reportData"):
            return True
        return "errorMessage" in step or any(key not in READ for key in step)


def _place(frame: dict[str, Any]) -> str:
    method = f"{text_of(frame.get('declaringClass'))}.{text_of(frame.get('methodName'))}"
    file, line = text_of(frame.get("fileName")), text_of(frame.get("lineNumber"))
    return f"\tat {method}({file or 'Unknown Source'}{f':{line}' if file and line else ''})"
