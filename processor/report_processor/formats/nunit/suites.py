"""The suites of NUnit that are open, and the run around them: what their containers will say when they end."""

import re
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, Recorder
from report_processor.formats.nunit.status import status_of
from report_processor.parsing.dotnet import Holder, exception_of, file_title, without_id
from report_processor.parsing.draft import Draft
from report_processor.parsing.texts import Budget

_CHILD: Final = re.compile(r"(?i)\s*(?:one or more child tests|child test)")
"""What a suite says whose tests failed."""
_OUTSIDE: Final = frozenset({"child", "parent"})
"""Sites of a suite's failure that are other elements of the file."""


class Suites:
    """Those of one file, from the outermost."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._run = Holder("", 0, 0, self._room)
        self._run_attributes: dict[str, str] = {}
        self._open: list[tuple[Holder, dict[str, str]]] = []
        self.innermost = self._run
        """The last suite that is open, or else the run."""
        self.folder = ""
        """Where the tests ran: it is cut from titles."""

    # The run

    def open_run(self, attributes: dict[str, str], line: int, column: int) -> None:
        """Another root element begins."""
        self._run.drop()
        self._run = self.innermost = Holder("", line, column, self._room)
        self._run_attributes = attributes
        self.folder = ""

    def label_run(self, name: str, value: str) -> None:
        """What the run as a whole has; the outermost suite says it."""
        self._run.label(name, value)

    def close_run(self, element: str) -> None:
        """The root element ends."""
        self._run.check_total(self._run_attributes.get("total", ""), element, self._recorder)

    # Suites

    def open(self, attributes: dict[str, str], line: int, column: int) -> None:
        """A suite begins."""
        kind = attributes.get("type") or attributes.get("classname") or ""
        fullname = attributes.get("fullname", "")
        title = without_id(file_title(attributes.get("name") or fullname or kind, self.folder))
        self._recorder.open(title, kind, line)
        suite = Holder(title, line, column, self._room)
        if not self._open:
            for label in self._run.labels:
                suite.label(*label)
        if fullname and fullname != title:
            suite.add("description", fullname)
        if number := attributes.get("id", ""):
            suite.add("description", f"id {number}")
        suite.add("description", attributes.get("description", ""))
        if attributes.get("runstate", "Runnable") != "Runnable":
            suite.label("runstate", attributes["runstate"])
        if word := attributes.get("label", ""):
            suite.label("label", word)
        self._open.append((suite, attributes))
        self.innermost = suite

    def text(self, element: str, parent: str, text: str) -> None:
        """What an element of the innermost suite says."""
        if not self._open:
            return
        suite, attributes = self._open[-1]
        if "failure" in {element, parent}:
            if attributes.get("site", "").lower() not in _OUTSIDE and not _CHILD.match(text):
                suite.add("trace" if element == "stack-trace" else "message", text)
        else:
            suite.add("description", text)
            if "reason" in {element, parent}:
                suite.add("reason", text)

    def close(self) -> None:
        """The innermost suite ends."""
        if not self._open:
            return
        suite, attributes = self._pop()
        suite.check_total(attributes.get("total", ""), suite.title, self._recorder)
        message, trace = suite.text("message"), suite.text("trace")
        if not suite.bad and status_of(attributes)[0] in {FAILED, BROKEN}:
            message = message or suite.text("reason")
            draft = Draft(suite.title, attributes.get("type", ""), BROKEN, suite.line, suite.column)
            draft.fail(BROKEN, exception_of(message), message, trace)
            draft.record(self._recorder)
            suite.bad += 1
        else:
            suite.add("description", message)
            suite.add("description", trace)
        self.innermost.include(suite)
        suite.close(self._recorder)

    def finish(self) -> None:
        """The file ends: close what is open, as it is."""
        while self._open:
            suite, _ = self._pop()
            suite.close(self._recorder)

    def _pop(self) -> tuple[Holder, dict[str, str]]:
        last = self._open.pop()
        self.innermost = self._open[-1][0] if self._open else self._run
        return last
