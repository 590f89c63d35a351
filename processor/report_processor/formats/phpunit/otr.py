"""Open Test Reporting as PHPUnit writes it (``--log-otr``, version 12.2 and later): root ``events``.

The file is a protocol: ``started`` and ``finished`` of suites and tests, with ``reported`` between them, and what
belongs together has the same id. What has children, or is a class, is a container, all else is a result. The result
of a container (a hook that broke, a class that is skipped) is one of its own with the container's title.

Schemas: ``schemas.opentest4j.org/reporting`` (core and events 0.2.0) and ``schema.phpunit.de/otr``. PHPUnit runs one
test at a time, so events do not interleave.
"""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Label
from report_processor.formats.phpunit.otr_skim import ELEMENTS, INSIDE, RULES, OtrSkimmer, Plan, plan
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import moment
from report_processor.parsing.shapes import Run
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import plain

_STATUSES: Final = {"SUCCESSFUL": PASSED, "FAILED": FAILED, "ERRORED": BROKEN, "SKIPPED": SKIPPED, "ABORTED": UNKNOWN}
_DEEPEST: Final = 10_000
"""Suites inside each other."""
_ABSOLUTE: Final = re.compile(r"(?:/|[A-Za-z]:[\\/]).*[\\/]")
_RUN: Final = ("phpVersion", "threadModel", "branch", "commit", "randomOrderSeed")
"""What is told of the run as labels of the outermost container. Not the names of the user and the host."""


class _Node:
    """What started and did not finish."""

    __slots__ = ("began", "draft", "id", "labels", "method", "opened", "title")

    def __init__(self, attributes: dict[str, str], draft: Draft) -> None:
        self.id: Final = attributes.get("id", "")
        self.title: Final = draft.title
        self.draft = draft
        """What it is if it is a result; of a container only its own result."""
        self.began: Final = moment(attributes.get("time", ""))
        self.opened = False
        """Whether it is a container."""
        self.method = False
        """Whether it says that it is a test."""
        self.labels: list[Label] = []


class OtrParser(XmlFormat):
    """Reads such files."""

    ROOTS: ClassVar[frozenset[str]] = frozenset({"events"})
    KNOWN: ClassVar[frozenset[str]] = ROOTS | {
        *("infrastructure", "started", "reported", "finished", "metadata", "tags", "sources", "attachments", "result"),
        *("fileSource", "filePosition", "classSource", "methodSource", "testDox", "repository"),
        *("issue", "resourceUsage", "assertions", "file", "data"),
        *("comparisonFailure", "expected", "actual", "diff"),  # the throwable's text has the difference
    }
    TEXTS: ClassVar[Mapping[str, int]] = {
        **dict.fromkeys(("hostName", "userName", "operatingSystem", *_RUN), limits.LABEL_VALUE),
        "reason": limits.EXCEPTION_DESCRIPTION,
        **dict.fromkeys(("throwable", "output"), limits.BACKTRACE),
        **dict.fromkeys(("tag", "entry"), limits.LABEL_VALUE),
        "status": limits.TITLE,
    }

    def __init__(self) -> None:
        super().__init__()
        self._stack: Final[list[_Node]] = []
        self._run: list[Label] = []
        self._at: _Node | None = None
        """What the event at hand is about."""
        self._status: int | None = None
        self._reason = ""
        self._duration: float | None = None
        self._attributes: dict[str, str] = {}
        """Of the element at hand that has a text."""
        self._commit = ""
        self.xml.skimmer = OtrSkimmer(ELEMENTS, RULES, self._between_events, plan, self._take, INSIDE)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name in self.TEXTS:
            self._attributes = attributes
        elif name == "started":
            self._started(attributes)
        elif name in {"finished", "reported"}:
            self._event(name, attributes)
        elif self._at is not None:
            self._inside(self._at, name, attributes)

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name == "infrastructure":
            self.recorder.system(build=self._commit)
        elif name == "operatingSystem":
            self.recorder.system(os=text)
        elif name in _RUN:
            self._run.append((name, text))
            if name == "commit":
                self._commit = text
        elif name == "finished":
            self._finished()
        elif name in {"started", "reported"}:
            self._at = None
        elif self._at is not None and name in self.TEXTS:
            self._text(self._at, name, text)

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._at = None
        while self._stack:
            self._leave(self._stack.pop(), None)

    # Events

    def _started(self, attributes: dict[str, str]) -> None:
        self._go_to(attributes.get("parentId", ""), attributes.get("time", ""))
        if len(self._stack) >= _DEEPEST:
            raise Damage("limit_exceeded", f"more than {_DEEPEST} suites inside each other", *self.position())
        title = _title(attributes.get("name", ""))
        self._at = _Node(attributes, Draft(title, "", UNKNOWN, *self.position()))
        self._stack.append(self._at)

    def _go_to(self, parent: str, time: str) -> None:
        """What follows is in this suite and starts at this time."""
        while self._stack and self._stack[-1].id != parent:
            self._leave(self._stack.pop(), None)
        if self._stack:
            self._as_container(self._stack[-1])
        else:
            self.date(time)

    def _event(self, name: str, attributes: dict[str, str]) -> None:
        known = attributes.get("id", "")
        self._at = next((node for node in reversed(self._stack) if node.id == known), None)
        self._status, self._reason, self._duration = None, "", None
        if self._at is None:
            self.note("unknown_element", f"<{name}> of something that did not start: {known[:100]}")
            return
        if name == "finished":
            while self._stack[-1] is not self._at:
                self._leave(self._stack.pop(), None)
            ended = moment(attributes.get("time", ""))
            if ended is not None and self._at.began is not None:
                self._duration = self.seconds(f"{ended - self._at.began:.6f}")

    def _finished(self) -> None:
        node, self._at = self._at, None
        if node is not None and self._stack and self._stack[-1] is node:
            node.draft.duration = None if node.opened else self._duration
            self._leave(self._stack.pop(), self._status)

    def _leave(self, node: _Node, status: int | None) -> None:
        """It is complete, or the file ends in it and there is no status."""
        draft = node.draft
        if not node.opened and not node.method and status is None:
            self._as_container(node)
        if node.opened:
            if status is not None and status != PASSED:
                draft.status = status
                draft.classification = "suite"
                draft.record(self.recorder)
            self.recorder.close("", node.labels if self._stack else [*self._run, *node.labels])
            return
        draft.status = UNKNOWN if status is None else status
        for label, value in node.labels:
            draft.label(label, value)
        draft.record(self.recorder)

    def _as_container(self, node: _Node) -> None:
        if not node.opened:
            node.opened = True
            self.recorder.open(node.title, "suite", node.draft.line)

    def _between_events(self) -> bool:
        return self._at is None and len(self.path) == 1 and len(self._stack) < _DEEPEST

    def _take(self, run: Run[Plan]) -> None:
        groups, stack = run.plan, self._stack
        self._status, self._reason = PASSED, ""
        for row, line in zip(run.rows, run.lines(), strict=False):
            parent = row[groups.parent]
            if not stack or stack[-1].id != parent or not stack[-1].opened:
                self._go_to(parent, "" if groups.time < 0 else row[groups.time])
            about = "" if groups.description < 0 else plain(row[groups.description])
            labels = [(label, row[group]) for label, group in groups.labels]
            details = (about, "", "", "", False, (), labels, ()) if about or labels else None
            title, duration = _title(plain(row[groups.title])), float(row[groups.duration])
            self.recorder.rows.append((title, row[groups.classification], PASSED, duration, line, details))

    # What stands in an event

    def _inside(self, node: _Node, name: str, attributes: dict[str, str]) -> None:
        draft = node.draft
        if name == "result":
            self._result(attributes.get("status", ""))
        elif name == "methodSource":
            node.method = True
            draft.classification = attributes.get("className", "")
        elif name == "classSource":
            self._as_container(node)
        elif name == "resourceUsage":
            self._duration = self.seconds(attributes.get("time", ""))
        elif name == "issue":
            draft.output(_issue(attributes))
        elif name == "file":
            draft.asset(attributes.get("path", ""))
        elif name == "testDox":
            draft.describe(attributes.get("prettifiedMethodName", ""))
        else:
            self._label(node, name, attributes)

    def _label(self, node: _Node, name: str, attributes: dict[str, str]) -> None:
        known = {
            "fileSource": ("file", "path"),
            "filePosition": ("line", "line"),
            "assertions": ("assertions", "count"),
        }
        if name in known:
            label, attribute = known[name]
            if len(node.labels) < limits.LABELS:
                node.labels.append((label, attributes.get(attribute, "")[: limits.LABEL_VALUE]))

    def _result(self, word: str) -> None:
        self._status = _STATUSES.get(word, UNKNOWN)
        if word not in _STATUSES:
            self.note("unknown_status", word[:100])

    def _text(self, node: _Node, name: str, text: str) -> None:
        draft = node.draft
        if name == "reason":
            self._reason = text
            draft.message(text)
        elif name == "throwable":
            draft.exception = self._attributes.get("type", "")
            draft.trace(text.removeprefix(self._reason).strip("\n"))
            if self._status == FAILED and self._attributes.get("assertionError") == "false":
                self._status = BROKEN
        elif name == "output":
            draft.output(text)
        elif name == "tag":
            draft.label("tag", text)
        elif name == "entry":
            draft.label(self._attributes.get("key", ""), text)


def _title(name: str) -> str:
    """A suite that is named after its configuration file has the path of a machine in its name."""
    return _ABSOLUTE.sub("", name)


def _issue(attributes: dict[str, str]) -> str:
    """An issue that a test triggered, such as a deprecation, in one line."""
    text = f"{attributes.get('type', 'issue')}: {attributes.get('message', '')}"
    if "file" in attributes:
        text += f" at {attributes['file']}:{attributes.get('line', '')}"
    return text
