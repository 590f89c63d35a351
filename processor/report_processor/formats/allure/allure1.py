"""Allure 1: an XML file for each suite. Its elements come in any order, so names may stand behind the tests."""

from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import XmlRoot
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.formats.allure.result import BAD, exception_of
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import number_of
from report_processor.parsing.xml_format import XmlFormat

ROOT: Final = "test-suite"
_NAMESPACE: Final = "urn:model.allure.qatools.yandex.ru"
_STATUSES: Final = {
    "passed": PASSED,
    "failed": FAILED,
    "broken": BROKEN,
    "skipped": SKIPPED,
    "canceled": SKIPPED,
    "pending": SKIPPED,
}
_OWNERS: Final = frozenset({ROOT, "test-case", "step"})
"""Elements that have a name, a title and more."""


class _Named:
    """A suite, test or step that is open."""

    __slots__ = ("description", "name", "status", "title", "told")

    def __init__(self, status: str) -> None:
        self.status: Final = status
        self.name = ""
        self.title = ""
        self.description = ""
        self.told = False
        """A step's line is in the description."""

    @property
    def shown(self) -> str:
        """What people read."""
        return self.title or self.name


class Allure1Parser(XmlFormat):
    """Reads one suite."""

    ROOTS = frozenset({ROOT})
    TEXTS: ClassVar = {
        "name": limits.TITLE,
        "title": limits.TITLE,
        "description": limits.DESCRIPTION,
        "message": limits.EXCEPTION_DESCRIPTION,
        "stack-trace": limits.BACKTRACE,
    }
    KNOWN = frozenset(
        {ROOT, "test-cases", "test-case", "steps", "step", "failure", "labels", "label", "parameters", "parameter"}
        | {"attachments", "attachment"}
    )

    def __init__(self) -> None:
        super().__init__()
        self._open: list[_Named] = []
        self._draft: Draft | None = None
        self._labels: list[tuple[str, str]] = []
        self._named = False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name == ROOT and len(self.path) == 1:
            self._open.append(_Named(""))
            self.recorder.open_unnamed(self.position()[0])
            self.date(attributes.get("start", ""))
        elif name == "test-cases" and self._draft is None and self._open and self._open[0].shown:
            self._name()
        elif name == "test-case" and self._draft is None and len(self._open) == 1:
            self._test(attributes)
        elif name == "step" and self._draft is not None:
            self._tell_step()
            self._open.append(_Named(attributes.get("status", "")))
        elif name == "label":
            self._label(attributes.get("name", ""), attributes.get("value", ""))
        elif self._draft is not None and name == "attachment":
            self._tell_step()
            self._draft.asset(attributes.get("source", ""))
            if title := attributes.get("title", ""):
                self._draft.describe(f"{self._indent()}attachment {title}")
        elif self._draft is not None and name == "parameter":
            self._parameter(self._draft, attributes)

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        draft = self._draft
        if name in self.TEXTS:
            self._text(name, text)
        elif name == "step" and draft is not None and len(self._open) > 2:
            self._tell_step()
            self._open.pop()
        elif name == "test-case" and draft is not None and "test-case" not in self.path[:-1]:
            self._record(draft)

    def finish(self) -> None:
        """See ``XmlFormat``."""
        if self._draft is not None:
            self._record(self._draft)
        if self._open:
            suite = self._open.pop()
            self._name(suite)
            self.recorder.close(suite.description, self._labels)

    def _name(self, suite: _Named | None = None) -> None:
        suite = suite or self._open[0]
        if not self._named:
            self._named = True
            self.recorder.name(suite.shown or "suite without a name")

    def _test(self, attributes: dict[str, str]) -> None:
        line, column = self.position()
        word = attributes.get("status", "")
        draft = self._draft = Draft("", "", _STATUSES.get(word.lower(), UNKNOWN), line, column)
        if word.lower() not in _STATUSES:
            self.note("unknown_status", f'status="{word[:100]}"')
        start, stop = (number_of(attributes.get(name)) for name in ("start", "stop"))
        if start is not None and stop is not None:
            draft.duration = self.seconds(str(stop - start), 0.001)
        if severity := attributes.get("severity", ""):
            draft.label("severity", severity)
        self._open.append(_Named(word))

    def _record(self, draft: Draft) -> None:
        test = self._open[1]
        del self._open[1:]
        draft.title = test.shown + draft.title
        draft.record(self.recorder)
        self._draft = None

    def _text(self, name: str, text: str) -> None:
        owner = self._open[-1] if self._open and self.parent in _OWNERS else None
        if owner is not None and name == "name":
            owner.name = text.strip()
        elif owner is not None and name == "title":
            owner.title = text.strip()
        elif self._draft is not None and name == "description":
            self._draft.describe(text.strip())
        elif owner is not None and name == "description":
            owner.description = text.strip()
        elif self._draft is not None and name == "message":
            self._draft.message(text)
        elif self._draft is not None and name == "stack-trace":
            self._draft.trace(text)
            if self._draft.status in BAD:
                self._draft.exception = exception_of(text)

    def _label(self, name: str, value: str) -> None:
        if self._draft is not None:
            self._draft.label(name, value)
            if name == "testClass":
                self._draft.classification = value
        elif len(self._labels) < limits.LABELS:
            self._labels.append((name[: limits.LABEL_NAME], value[: limits.LABEL_VALUE]))

    def _parameter(self, draft: Draft, attributes: dict[str, str]) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        draft.label(name, value)
        if attributes.get("kind", "argument") == "argument" and len(draft.title) < limits.TITLE:
            draft.title = f"{draft.title[:-1]}, {name}={value}]" if draft.title else f" [{name}={value}]"

    def _tell_step(self) -> None:
        """The line of the innermost step, when something of it comes that must stand below it."""
        if self._draft is None or len(self._open) < 3 or self._open[-1].told:
            return
        step = self._open[-1]
        step.told = True
        self._draft.describe(f"{'  ' * (len(self._open) - 3)}{step.status.upper()} {step.shown}".rstrip())

    def _indent(self) -> str:
        return "  " * max(0, len(self._open) - 2)


def recognise_xml(root: XmlRoot) -> str | None:
    """The root element in Allure's namespace."""
    return f"root element <{root.qualified}> of {_NAMESPACE}" if root.namespace == _NAMESPACE else None
