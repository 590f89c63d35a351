"""What the formats of .NET's test tools have in common: open containers, paths as titles, types of exceptions."""

import re
from collections.abc import Sequence
from typing import Final

from report_processor import limits
from report_processor.events import Label, Recorder
from report_processor.formats.junit.kept import Kept
from report_processor.parsing.texts import Budget, LongText

_ABSOLUTE: Final = re.compile(r"/|[A-Za-z]:[\\/]|\\\\")
_FILE: Final = re.compile(r"\S[^\n]*\.\w{1,12}")
_SEPARATORS: Final = re.compile(r"[\\/]")
_ID: Final = re.compile(r" \(id: [0-9A-Fa-f-]{16,}\)$")
_EXCEPTION: Final = re.compile(
    r"(?:(?:SetUp|TearDown|OneTimeSetUp|OneTimeTearDown) ?: |Test method \S{1,500} threw exception:\s{1,4})?"
    r"([A-Za-z_][\w.+]{0,300}(?:Exception|Error))(?:`\d+)? ?: ?"
)


def exception_of(message: str) -> str:
    """The type at the beginning of a message: ``System.X : text`` (NUnit, xUnit.net), ``X: text`` (MSTest)."""
    found = _EXCEPTION.match(message, 0, 1_000)
    return found[1] if found else ""


def is_absolute(name: str) -> bool:
    """Whether a name is the path of a file on some machine, of whatever system."""
    return _ABSOLUTE.match(name) is not None and _FILE.fullmatch(name) is not None


def file_title(name: str, root: str = "") -> str:
    """The path of a file as a title: without the root folder, or, when it is absolute all the same, its last part."""
    if not is_absolute(name):
        return name
    if root and len(root) < len(name) and name.startswith(root):
        rest = name[len(root) :].lstrip("\\/") if name[len(root)] in "\\/" or root[-1] in "\\/" else ""
        if rest:
            return rest
    return _SEPARATORS.split(name.rstrip("\\/"))[-1] or name


def without_id(name: str) -> str:
    """The name of a collection of xUnit.net 3 without its id, which depends on the folder of the assembly."""
    return _ID.sub("", name)


class Holder:
    """A container that is open: what is found in it, and its texts and labels within the limits."""

    __slots__ = ("_budget", "_kept", "_room", "_texts", "bad", "column", "line", "not_run", "tests", "title")

    def __init__(self, title: str, line: int, column: int, room: Budget) -> None:
        """``room`` is for all that is open."""
        self.title: Final = title
        self.line: Final = line
        self.column: Final = column
        self.tests = 0
        """Results in it, at any depth."""
        self.not_run = 0
        """Those among them that did not run."""
        self.bad = 0
        """Results that failed or broke, problems of containers included."""
        self._room: Final = room
        self._budget: Budget | None = None
        self._kept: Kept | None = None
        self._texts: dict[str, LongText] | None = None

    def add(self, kind: str, text: str, limit: int = limits.DESCRIPTION) -> None:
        """Add a line to one of its texts; ``description`` becomes its description."""
        if not text or text.isspace():
            return
        if self._texts is None:
            self._texts = {}
        kept = self._texts.get(kind)
        if kept is None:
            kept = self._texts[kind] = LongText(limit, self._own_budget())
        else:
            kept.add("\n")
        kept.add(text)

    def text(self, kind: str) -> str:
        """One of its texts."""
        kept = self._texts.get(kind) if self._texts is not None else None
        return kept.text() if kept is not None else ""

    def label(self, name: str, value: str) -> None:
        """Keep a name and its value."""
        if self._kept is None:
            self._kept = Kept(self._own_budget())
        self._kept.label(name, value)

    @property
    def labels(self) -> Sequence[Label]:
        """Those that were kept."""
        return self._kept.labels if self._kept is not None else ()

    def include(self, other: "Holder") -> None:
        """Count what is in a container straight below it that has ended."""
        self.tests += other.tests
        self.not_run += other.not_run
        self.bad += other.bad

    def check_total(self, total: str, title: str, recorder: Recorder) -> None:
        """Note a ``total`` that is not the number of its tests, with or without those that did not run."""
        if not (total.isdecimal() and total.isascii() and len(total) < 16):
            return
        if not self.tests - self.not_run <= int(total) <= self.tests:
            text = f'total="{total}", but there are {self.tests} of {title[:100]}'
            recorder.note("suite_count_differs", text, self.line, self.column)

    def close(self, recorder: Recorder) -> None:
        """It ends."""
        cut = sum(text.cut for text in self._texts.values()) if self._texts is not None else 0
        if cut:
            recorder.note("field_cut", f"{cut} characters of a container were cut", self.line, self.column)
        if self._kept is not None and self._kept.cut:
            recorder.note("field_cut", f"{self._kept.cut} labels were cut or left out", self.line, self.column)
        recorder.close(self.text("description"), self.labels)
        self.drop()

    def drop(self) -> None:
        """Give back its room."""
        if self._budget is not None:
            self._budget.close()
            self._budget = None

    def _own_budget(self) -> Budget:
        if self._budget is None:
            self._budget = Budget(limits.SUITE_TEXT, self._room, limits.LEAST_TEXT)
        return self._budget
