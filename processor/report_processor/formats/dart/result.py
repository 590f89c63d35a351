"""One test of Dart or Flutter, from its start until it is written."""

import re
from typing import Any, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Recorder
from report_processor.formats.dart.places import Path
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import text_of

_RESULTS: Final = {"success": PASSED, "failure": FAILED, "error": BROKEN}
_BAD: Final = frozenset({FAILED, BROKEN})
_TYPE: Final = re.compile(
    r"([\w$.]{0,200}(?:Error|Exception|Failure))(?: after [\d:.]{1,30})?(?: \([^)\n]{0,100}\))?: "
)
_CAUGHT: Final = re.compile(
    r"EXCEPTION CAUGHT BY FLUTTER TEST FRAMEWORK.{0,100}\nThe following ([\w$<>. ]{1,200}?) was thrown[^\n]*\n"
)
_SEE_ABOVE: Final = "Test failed. See exception logs above."
_STACK: Final = "\nWhen the exception was thrown, this was the stack:\n"

Problem = tuple[int, str, str, str]
"""Status, type, message and backtrace of an error."""


Outcome = tuple[str, bool, bool]
"""Word of the result, whether it was skipped, and whether it is not to be shown."""


class DartTest:
    """A test with all that is said of it."""

    __slots__ = (
        "_attempts",
        "_began",
        "_caught",
        "_draft",
        "_duration",
        "_name",
        "_printed",
        "_problems",
        "_skip",
        "_skipped",
        "_word",
        "ended",
        "hidden",
        "line",
        "path",
        "size",
        "title",
    )

    def __init__(  # noqa: PLR0917  # what its start says of it
        self, path: Path, title: str, name: str, skip: str, began: float | None, line: int
    ) -> None:
        """``name`` is as written; ``skip`` is why it is skipped."""
        self.path: Final = path
        self.title: Final = title
        self.line: Final = line
        self.size = 0
        """Characters that it takes."""
        self.ended = False
        self.hidden = False
        """It loads a file, sets up or tears down, and all was well: no test at all."""
        self._name: Final = name
        self._began: Final = began
        self._duration: float | None = None
        self._word = ""
        self._skipped = False
        self._skip = skip
        self._draft: Draft | None = None
        self._attempts = 0
        self._problems: list[Problem] = []
        """Of the current attempt, or after the end."""
        self._caught: Problem | None = None
        """What Flutter printed about an exception; the error that follows only points to it."""
        self._printed = ""

    def failed(self, error: str, trace: str, *, assertion: bool) -> None:
        """An error, perhaps after the end."""
        self.hidden = False
        if self._caught is not None and error.startswith(_SEE_ABOVE):
            problem, self._caught, self._printed = self._caught, None, ""
        elif assertion:
            problem = (FAILED, "TestFailure", error.rstrip("\n"), trace)
        else:
            kind = _TYPE.match(error)
            problem = (BROKEN, kind[1], error[kind.end() :], trace) if kind else (BROKEN, "", error, trace)
        if len(self._problems) < limits.ATTEMPTS:
            self._problems.append(problem)

    def printed(self, message: str, *, skip: bool) -> None:
        """Output, the reason why it is skipped, or that it is tried again."""
        if skip:
            self._skip = message.removeprefix("Skip: ")
        elif self._problems and message == f"Retry: {self._name}":
            self._attempt()
        elif found := _CAUGHT.search(message):
            if self._printed:
                self._drafted().output(self._printed)
            text, _, trace = message[found.end() :].partition(_STACK)
            status = FAILED if found[1] == "TestFailure" else BROKEN
            self._caught, self._printed = (status, found[1], text.strip("\n"), trace.rstrip("\n═")), message
        else:
            self._drafted().output(message)

    def end(self, event: dict[str, Any], time: float | None) -> None:
        """It is done."""
        if not self.ended:
            self.end_with(outcome_of(event), time)

    def end_with(self, outcome: Outcome, time: float | None) -> None:
        """It is done, for the first time."""
        self.ended = True
        self._word, self._skipped, hidden = outcome
        self.hidden = hidden and self._word == "success" and not self._problems
        if time is not None and self._began is not None and time >= self._began:
            self._duration = round(time - self._began, 9)

    def record(self, recorder: Recorder) -> None:
        """Write it."""
        status = self._status(recorder)
        if status == PASSED and self._draft is None and not self._printed and 0 < len(self.title) <= limits.TITLE:
            recorder.rows.append((self.title, "", PASSED, self._duration, self.line, None))
            return
        draft = self._drafted()
        draft.duration = self._duration
        if self._attempts:
            draft.attempt(status, None, *_joined(self._problems))
        for problem in self._problems:
            draft.fail(*problem)
        draft.output(self._printed)
        draft.status = status
        if status == SKIPPED:
            draft.message(self._skip)
        if not self.ended:
            draft.message("The report says nothing about the end of this test.")
        draft.record(recorder)

    def _status(self, recorder: Recorder) -> int:
        worst = max(problem[0] for problem in self._problems) if self._problems else PASSED  # broken is the worst
        if not self.ended:
            return BROKEN
        status = _RESULTS.get(self._word)
        if status is None:
            recorder.note("unknown_status", self._word[:100], self.line)
            return worst if worst in _BAD else UNKNOWN
        if worst in _BAD:
            return worst
        return SKIPPED if self._skipped and status == PASSED else status

    def _attempt(self) -> None:
        status = max(problem[0] for problem in self._problems)
        self._drafted().attempt(status, None, *_joined(self._problems))
        self._attempts += 1
        self._problems.clear()

    def _drafted(self) -> Draft:
        if self._draft is None:
            self._draft = Draft(self.title, "", PASSED, self.line)
        return self._draft


def outcome_of(event: dict[str, Any]) -> Outcome:
    """What the event says with which a test is done."""
    return text_of(event.get("result")), event.get("skipped") is True, event.get("hidden") is True


def _joined(problems: list[Problem]) -> tuple[str, str, str]:
    if not problems:
        return "", "", ""
    return problems[0][1], "\n".join(problem[2] for problem in problems), "\n".join(problem[3] for problem in problems)
