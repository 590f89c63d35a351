"""What runs keywords while it is open: a test, or the setup or teardown of a suite."""

import re
from typing import Final

from report_processor import limits
from report_processor.events import UNKNOWN, Recorder
from report_processor.formats.robotframework.keywords import Keywords
from report_processor.formats.robotframework.merged import STATUS, Outcome, outcomes
from report_processor.formats.robotframework.skim import KEPT
from report_processor.parsing.draft import Draft
from report_processor.parsing.html_links import HTML, Embeds, plain

_EXCEPTION: Final = re.compile(r"((?:[A-Za-z_]\w{0,100}\.){0,8}[A-Z]\w{0,100}(?:Error|Exception)): ")
_HTML: Final = "*HTML*"


class Execution:
    """Its keywords, its outcome and the result that it becomes."""

    __slots__ = (
        "_embeds",
        "_html",
        "_level",
        "_outcomes",
        "depth",
        "draft",
        "failing",
        "fixture",
        "keywords",
        "status",
    )

    def __init__(self, draft: Draft, depth: int, embeds: Embeds, fixture: str | None = None) -> None:
        self.draft: Final = draft
        self.depth: Final = depth
        """How deep its element lies."""
        self.fixture: Final = fixture
        """Of a suite's setup or teardown its type, None for a test."""
        self.keywords: Final = Keywords()
        self.status: dict[str, str] = {}
        """Attributes of its ``<status>``."""
        self.failing = False
        """The message before was a failure, so that its backtrace may follow."""
        self._embeds: Final = embeds
        self._level = ""
        self._html = False
        self._outcomes: list[Outcome] = []
        """Of a test that ran again."""

    def open_message(self, attributes: dict[str, str]) -> int:
        """A message of a keyword begins: how many characters of it are wanted, 0 for none."""
        self._level = level = attributes.get("level", "")
        self._html = attributes.get("html") in {"true", "yes"}
        if self._html:
            return HTML
        if level in KEPT or (self.failing and level == "DEBUG"):
            return limits.BACKTRACE
        self.failing = False
        return 0

    def text(self, element: str, name: str, text: str) -> None:
        """What an element in it says; ``name`` is that of metadata."""
        if element == "msg":
            self._message(text)
        elif element == "status":
            if text:
                self._outcome(text)
        elif element == "doc":
            self.draft.describe(text)
        else:
            self.draft.label("tag" if element == "tag" else name, text)

    def judge(self, recorder: Recorder, *, complete: bool) -> None:
        """A test ends: its status, which may be missing only when the test is not complete."""
        draft, word = self.draft, self.status.get("status", "")
        draft.status = STATUS.get(word, UNKNOWN)
        if word not in STATUS and (complete or word):
            recorder.note("unknown_status", f'status="{word[:100]}"', draft.line, draft.column)

    def record(self, recorder: Recorder) -> None:
        """It is a result."""
        draft, keywords = self.draft, self.keywords
        for status, message in self._outcomes[:-1]:
            draft.attempt(status, message=message)
        if self._outcomes:
            draft.attempt(draft.status, draft.duration, draft.exception, self._outcomes[-1][1])
        if self.status.get("critical") == "no":
            draft.label("critical", "no")
        draft.describe(keywords.text())
        if keywords.hidden:
            text = f"{keywords.hidden} keywords of a test are not shown"
            recorder.note("field_cut", text, draft.line, draft.column)
        draft.record(recorder)

    def _message(self, text: str) -> None:
        level, draft = self._level, self.draft
        if self._html:
            self._embeds.attach(draft, text)
            text = plain(text)
        if level == "FAIL":
            trail = self.keywords.trail()
            draft.trace(f"{trail}\n{text}" if trail else text)
            if self.fixture is not None:
                draft.message(text)
        elif level in KEPT:
            draft.output(f"{level}: {text}")
        elif self.failing and level == "DEBUG":
            draft.trace(text)
        self.failing = level == "FAIL"

    def _outcome(self, text: str) -> None:
        if text.startswith(_HTML):
            self._embeds.attach(self.draft, text)
        text, self._outcomes = outcome_of(text)
        if found := _EXCEPTION.match(text):
            self.draft.exception = found[1]
        self.draft.message(text)


def outcome_of(text: str) -> tuple[str, list[Outcome]]:
    """What a ``<status>`` says of the last run, and the outcomes of all when there were several."""
    html = text.startswith(_HTML)
    text = text.removeprefix(_HTML)
    if merged := outcomes(text):
        return merged[-1][1], merged
    return plain(text) if html else text, []
