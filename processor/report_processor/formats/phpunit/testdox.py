"""PHPUnit's TestDox XML (``--testdox-xml``, up to version 9): root ``tests`` with one ``test`` for each test.

Tests of one class that follow each other are in a container with the name of the class. The title is the name of the
method with the data set; what TestDox made of it is the description. ``status`` is a number of PHPUnit's
``BaseTestRunner``, or a word before version 10 gave the file up. -1 is a test that never began: one that a hook of its
class kept from it has the exception, those after it have nothing.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.parsing.draft import Draft
from report_processor.parsing.xml_format import XmlFormat

_STATUSES: Final[Mapping[str, tuple[int, str]]] = {
    "0": (PASSED, ""),
    "1": (SKIPPED, ""),
    "2": (UNKNOWN, "incomplete"),
    "3": (FAILED, ""),
    "4": (BROKEN, ""),
    "5": (UNKNOWN, "risky"),
    "6": (UNKNOWN, "warning"),
    "-1": (SKIPPED, "not run"),
}
_WORDS: Final[Mapping[str, str]] = {
    "success": "0",
    "skipped": "1",
    "incomplete": "2",
    "failure": "3",
    "error": "4",
    "risky": "5",
    "warning": "6",
    "unknown": "-1",
}
_LABELS: Final = {"group": "name", "covers": "target", "uses": "target", "testDouble": "type"}
"""Elements in a test, and the attribute that says something."""


class TestDoxParser(XmlFormat):
    """Reads such files."""

    ROOTS: ClassVar[frozenset[str]] = frozenset({"tests"})
    KNOWN: ClassVar[frozenset[str]] = ROOTS | {"test", *_LABELS}

    def __init__(self) -> None:
        super().__init__()
        self._class: str | None = None
        self._draft: Draft | None = None
        self._groups = ""
        """Of the test at hand, when it has no ``<group>``, as in version 6."""

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name == "test":
            self._record()
            self._open(attributes)
            self._groups = attributes.get("groups", "")
        elif name in _LABELS and self._draft is not None:
            self._groups = ""
            value = attributes.get(_LABELS[name], "")
            if (name, value) != ("group", "default"):
                self._draft.label(name, value)

    def closed(self, name: str, text: str) -> None:  # noqa: ARG002
        """See ``XmlFormat``."""
        if name == "test":
            self._record()
        elif name == "tests":
            self._leave_class()

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._record()
        self._leave_class()

    def _open(self, attributes: dict[str, str]) -> None:
        line, column = self.position()
        name = attributes.get("className", "")
        if name != self._class:
            self._leave_class()
            self._class = name
            self.recorder.open(name, "class", line, attributes.get("prettifiedClassName", ""))
        draft = self._draft = Draft(attributes.get("methodName", ""), "", PASSED, line, column)
        draft.duration = self.seconds(attributes.get("time", ""))
        draft.describe(attributes.get("prettifiedMethodName", ""))
        for step in ("given", "when", "then"):
            if step in attributes:
                draft.describe(f"{step} {attributes[step]}")
        word = attributes.get("status", "")
        draft.status, told = _STATUSES.get(_WORDS.get(word, word), (UNKNOWN, ""))
        if told == "not run" and "exceptionMessage" in attributes:
            draft.status = BROKEN
        if _WORDS.get(word, word) not in _STATUSES:
            self.note("unknown_status", word[:100])
        if told:
            draft.label("status", told)
        draft.message(attributes.get("exceptionMessage", ""))
        if "exceptionLine" in attributes:
            draft.trace(f"{name}, line {attributes['exceptionLine']}")

    def _record(self) -> None:
        draft, self._draft = self._draft, None
        if draft is not None:
            for group in filter(None, map(str.strip, self._groups.split(","))):
                if group != "default":
                    draft.label("group", group)
            draft.record(self.recorder)

    def _leave_class(self) -> None:
        if self._class is not None:
            self._class = None
            self.recorder.close()
