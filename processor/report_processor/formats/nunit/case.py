"""One ``<test-case>`` of NUnit while it is read."""

from collections.abc import Mapping
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, Recorder
from report_processor.formats.nunit.status import EXPECTED_LABELS, status_of
from report_processor.parsing.dotnet import exception_of
from report_processor.parsing.draft import Draft

_PLAIN: Final = frozenset({"Passed", "Success"})
_RUNNABLE: Final = "Runnable"
_NO_TRACE: Final = "None"
"""The backtrace that pytest-nunit writes for tests that passed."""


def is_plain(attributes: Mapping[str, str]) -> bool:
    """Whether it passed, and its attributes have nothing to add to that."""
    get = attributes.get
    return (
        get("result") in _PLAIN
        and get("runstate", _RUNNABLE) == _RUNNABLE
        and get("executed", "True") == "True"
        and not get("label")
        and "description" not in attributes
        and "site" not in attributes
    )


class Case:
    """Its attributes, and a draft once there is more to say than they do."""

    __slots__ = ("_draft", "_said", "attributes", "kind", "place", "status", "title", "unknown_status")

    def __init__(self, attributes: dict[str, str], place: tuple[int, int]) -> None:
        self.attributes: Final = attributes
        self.place: Final = place
        self.kind: Final = attributes.get("classname", "")
        self.title: Final = _title(attributes, self.kind)
        self.status, self.unknown_status = status_of(attributes)
        self._draft: Draft | None = None
        self._said = ""
        """The first of its messages."""
        if self.status != PASSED or "description" in attributes or "runstate" in attributes or "label" in attributes:
            self._tell_attributes()

    @property
    def ran(self) -> bool:
        """Whether it did, as far as ``executed`` of version 2 says."""
        return self.attributes.get("executed", "").lower() != "false"

    @property
    def draft(self) -> Draft:
        """What will be recorded."""
        if self._draft is None:
            self._draft = Draft(self.title, self.kind, self.status, *self.place)
        return self._draft

    def message(self, text: str) -> None:
        """What its failure says, or the reason for skipping it."""
        indented = text[:1] in {"\r", "\n"}  # by TestCafe's reporters
        self.draft.message(text.strip() if indented else text.strip("\r\n"))
        self._said = self._said or text
        if self.status in {FAILED, BROKEN}:
            self.draft.exception = self.draft.exception or exception_of(text.lstrip())

    def trace(self, text: str) -> None:
        """Where it failed."""
        if text.strip() != _NO_TRACE:
            self.draft.trace(text)

    def assertion(self, element: str, text: str) -> None:
        """One of several that failed or warned. The test's message has it, too, but of warnings not the backtrace."""
        if element == "stack-trace":
            if not self._said or self.status not in {FAILED, BROKEN}:
                self.draft.trace(text)
        elif text.strip() not in self._said:
            self.draft.message(text.strip("\r\n"))

    def record(self, recorder: Recorder, duration: float | None) -> None:
        """It is complete."""
        title, kind = self.title, self.kind
        plain = self._draft is None and len(title) <= limits.TITLE and len(kind) <= limits.CLASSIFICATION
        if plain and title and not title.isspace():
            recorder.rows.append((title, kind, self.status, duration, self.place[0], None))
        else:
            self.draft.duration = duration
            self.draft.record(recorder)

    def _tell_attributes(self) -> None:
        attributes = self.attributes
        if description := attributes.get("description"):
            self.draft.describe(description)
        if (runstate := attributes.get("runstate", _RUNNABLE)) != _RUNNABLE:
            self.draft.label("runstate", runstate)
        label = attributes.get("label", "")
        if label.lower() not in EXPECTED_LABELS:
            self.draft.label("label", label)
        if site := attributes.get("site"):
            self.draft.label("site", site)


def _title(attributes: dict[str, str], kind: str) -> str:
    """The name. xUnit.net 3 writes it without the parameters, which are in ``fullname`` only."""
    title, fullname = attributes.get("name", ""), attributes.get("fullname", "")
    if not title:
        return fullname
    if kind and fullname.endswith(")") and fullname.startswith(f"{kind}.{title}("):
        return fullname[len(kind) + 1 :]
    return title
