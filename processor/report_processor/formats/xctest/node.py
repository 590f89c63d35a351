"""A node of xcresulttool's tree while it is read, and the draft of the result that it turns out to be.

Keys stand by alphabet, so what a node is (``nodeType``) and its ``name`` come behind its ``children``. What the
children tell waits here until then. All that waits is charged to one budget, however deep the tree is.
"""

import re
from typing import Any, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Attempt
from report_processor.formats.xctest.words import kind_of_failure
from report_processor.parsing.draft import Draft
from report_processor.parsing.texts import Budget

STATUS: Final = {
    "Passed": PASSED,
    "Failed": FAILED,
    "Skipped": SKIPPED,
    "Expected Failure": UNKNOWN,
    "unknown": UNKNOWN,
}
DESCRIPTION, FAILURE, LABEL, LINE, MESSAGE, OUTPUT = range(6)
"""Kinds of parts: what is told of a test, by where it goes."""

RUNS: Final = frozenset({"Repetition", "Test Case Run"})
"""What a run of a test is called, when it had several."""
LAYERS: Final = frozenset({"Device", "Test Plan Configuration"})
"""Where a test ran, when it ran at several."""
BAD: Final = frozenset({FAILED, BROKEN})

_PLACE: Final = re.compile(r"([^\s:/\\][^:/\\\n]{0,300}\.(?:swift|mm?|c|cc|cpp|h):\d+): ")
"""Where it failed; Xcode 16 and 26 write it in front of the message."""
_PART: Final = 100
"""Characters that a part costs though it has none."""
FREE: Final = 300
"""Characters of a name and the like that cost nothing."""

Part = tuple[int, str, str]
"""Its kind, a name and a text."""


class Node:
    """Fields, and what its children tell of it."""

    __slots__ = ("bad", "fields", "held", "line", "lost", "named", "parts", "runs", "seconds")

    def __init__(self, line: int) -> None:
        self.line: Final = line
        self.fields: Final[dict[str, str]] = {}
        self.seconds: Any = None
        self.parts: Final[list[Part]] = []
        self.runs: Final[list[Attempt]] = []
        self.named = False
        """As a container it was opened with its name."""
        self.bad = False
        """A test inside it failed."""
        self.held = 0
        """Characters that it took from the budget."""
        self.lost = 0
        """Characters, or parts, for which there was no room."""

    def __bool__(self) -> bool:
        """Whether there is more to tell than fields."""
        return bool(self.parts or self.runs or self.lost)

    @property
    def kind(self) -> str:
        """What it is; empty when that is not known (yet)."""
        return self.fields.get("nodeType", "")

    @property
    def name(self) -> str:
        """Its name."""
        return self.fields.get("name", "")

    @property
    def identifier(self) -> str:
        """That of a test or a group; those of devices and the like are numbers that nobody knows."""
        return "" if self.kind in RUNS or self.kind in LAYERS else self.fields.get("nodeIdentifier", "")

    @property
    def told(self) -> str:
        """Name and details in one line, the details only when they say more."""
        name, details = self.name, self.fields.get("details", "")
        return f"{name}: {details}" if name and details and details not in name else name or details

    # Collecting, within the budget

    def field(self, key: str, text: str, limit: int, room: Budget) -> None:
        """One of its own values."""
        if len(text) > FREE:
            text = text[: self._granted(room, min(len(text), limit), len(text), limits.LEAST_TEXT)]
        self.fields[key] = text

    def part(self, kind: int, name: str, text: str, room: Budget) -> None:
        """Something that is told of it."""
        size = len(name) + len(text) + _PART
        if _taken(room, size):
            self.held += size
            self.parts.append((kind, name, text))
        else:
            self.lost += size

    def run(self, attempt: Attempt, room: Budget) -> None:
        """One of several runs, in order."""
        if len(self.runs) >= limits.ATTEMPTS:
            self.runs.pop()
            self.lost += 1
        status, seconds, exception, *texts = attempt
        exception = exception[: limits.EXCEPTION_NAME]
        exception, message, trace = (
            text[: self._granted(room, min(len(text), limits.ATTEMPT_TEXT), len(text))] for text in (exception, *texts)
        )
        self.runs.append((status, seconds, exception, message, trace))

    def _granted(self, room: Budget, wanted: int, size: int, least: int = 0) -> int:
        granted = room.take(wanted, least)
        self.held += granted
        self.lost += size - granted
        return granted

    # What it turns out to be

    def draft(self) -> Draft:
        """As a test, or a run of one. Its status is UNKNOWN when nothing tells it."""
        fields = self.fields
        draft = Draft(self.name, "", PASSED, self.line)
        draft.describe(self.identifier)
        draft.describe(fields.get("details", ""))
        word = fields.get("result", "").strip()
        status = STATUS.get(word)
        for part in self.parts:
            _tell(draft, part, fatal=status in {None, FAILED})
        for run in self.runs:
            draft.attempt(*run)
        if self.runs:
            self._conclude_runs(draft, status)
        if status is None:
            told = draft.status if draft.status in BAD else self.runs[-1][0] if self.runs else UNKNOWN
            status = UNKNOWN if word else told
        elif status == FAILED and draft.status == BROKEN:
            status = BROKEN
        draft.status = status
        draft.flaky = status == PASSED and any(run[0] in BAD for run in self.runs)
        return draft

    def _conclude_runs(self, draft: Draft, status: int | None) -> None:
        """A test that ran several times says what its last run says, or the last that failed when it failed itself."""
        last = self.runs[-1]
        failed = [run for run in self.runs if run[0] in BAD]
        shown = [last]
        if self.kind in RUNS:
            shown = failed or shown  # they are its failures, each as a run
        elif status == FAILED:
            shown = failed[-1:] or shown
        for outcome, _, exception, message, trace in shown:
            if outcome in BAD and status in {None, FAILED}:
                draft.fail(outcome, exception, exception if draft.exception else "")
            draft.message(message)
            draft.trace(trace)
        draft.duration = last[1]

    def failure(self) -> tuple[str, str]:
        """As the message of a failure: what it says, and where."""
        name = self.name
        found = _PLACE.match(name)
        message, place = (name[found.end() :], found[1]) if found else (name, self.fields.get("sourceLocation", ""))
        details = self.fields.get("details", "")
        return message.strip(), "\n".join(filter(None, (place, "" if details in name else details)))


def _taken(room: Budget, size: int) -> bool:
    granted = room.take(size)
    if granted == size:
        return True
    room.give(granted)
    return False


def _tell(draft: Draft, part: Part, *, fatal: bool) -> None:
    """Into the draft what a part says; ``fatal``: whether failures are the test's own."""
    kind, name, text = part
    if kind == FAILURE and fatal:
        told = name if draft.exception or len(name) > limits.EXCEPTION_NAME or "\n" in name else ""
        draft.fail(kind_of_failure(name), name, "\n".join(filter(None, (told, text))))
    elif kind == FAILURE:
        draft.message("\n".join(filter(None, (name, text))))
    elif kind == DESCRIPTION:
        draft.describe(text)
    elif kind == LABEL:
        draft.label(name, text)
    elif kind == LINE:
        draft.trace(text)
    elif kind == MESSAGE:
        draft.message(text)
    else:
        draft.output(text)
