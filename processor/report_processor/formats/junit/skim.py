"""Reads runs of plain ``<testcase .../>`` elements without the XML parser.

Most of a large JUnit file is one line over and over: a test case that passed, with the same
attributes in the same order, and most of their values those of the line before. Through expat and
its callbacks such a line costs 2.9 microseconds, through a compiled regular expression 0.9 (the
figure to reach for the whole import is 4.0). So:

* The expression is made from a test case that expat has just read in this very file: its attributes
  in their order with the white space between them, each value being free of ``<``, ``&``, quotes
  and control characters. Whatever it matches, expat would read the same way: the names are known to
  be legal and unique, the values need no decoding, the parser stands between two elements.
* Values that stay the same, such as the class, are matched by reference instead of being captured
  again, eight test cases at a time. A column in which they turn out to change is captured from then on.
* Where it does not match, expat goes on. Nothing depends on it: a property test compares the events
  with and without it on generated files.
"""

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Final

from report_processor import limits
from report_processor.events import Column
from report_processor.formats.junit.status import OUTCOME_ATTRIBUTES
from report_processor.parsing.latin import of_latin

_VALUE: Final = rf'([^"<&\x00-\x1f]{{0,{limits.TITLE}}})'
_NAME_VALUE: Final = rf'([^\s"<&\x00-\x1f][^"<&\x00-\x1f]{{0,{limits.TITLE - 1}}})'
_SECONDS: Final = r"([0-9]{1,8}(?:\.[0-9]{0,18})?)"
_PLAIN: Final = re.compile(
    r'<testcase((?:\s+[A-Za-z_][\w.-]{0,63}\s*=\s*"[^"<&\t\n]*")+)\s*(?:/>|>\s*</testcase\s*>)(\s*)', re.ASCII
)
_ATTRIBUTE: Final = re.compile(r'(\s+)([A-Za-z_][\w.-]*)(\s*=\s*)"([^"]*)"', re.ASCII)
_MEANT: Final = frozenset({"name", "classname", "time"})
_MANY: Final = 8
"""Test cases that one match takes where runs are long."""
_SHORT: Final = 4
_PATIENCE: Final = 16
"""Runs shorter than ``_SHORT`` test cases, until the values that ended them are taken for changing ones."""
_MAX_SHAPES: Final = 4
_MAX_LEARNED: Final = 32
"""Compiling costs 1 ms; a file that needs more shapes than these is not worth skimming."""

Take = Callable[[list[str], Column, list[str] | None, int, int, list[str], list[Column]], None]
"""``take(titles, classifications, durations, line, lines per case, label names, label columns)``."""


class JUnitSkimmer:
    """The ``Skimmer`` of the JUnit parser."""

    opening = "<testcase"
    other = ""

    def __init__(self, ready: Callable[[], bool], plain: Callable[[str, str], bool], take: Take) -> None:
        """``plain(name, value)`` says whether an attribute leaves a test case a plain pass."""
        self.ready: Final = ready
        self._plain: Final = plain
        self._take: Final = take
        self._shapes: list[_Shape] = []
        self._learned = 0

    def learn(self, text: str, at: int, end: int) -> None:
        """See ``text[at:end]``, from one test case to the next, which the parser has just read."""
        text = text[at:end]
        if self._learned >= _MAX_LEARNED or any(shape.describes(text) for shape in self._shapes):
            return
        found = _PLAIN.fullmatch(text)
        if found is None:
            return
        attributes = _ATTRIBUTE.findall(found[1])
        names = [name for _, name, _, _ in attributes]
        if "name" in names and all(self._plain(name, value) for _, name, _, value in attributes):
            self._learned += 1
            self._shapes.insert(0, _Shape(text, attributes, text[found.end(1) : found.start(2)], found[2]))
            del self._shapes[_MAX_SHAPES:]

    def skim(self, text: str, at: int, line: int) -> int:
        """Take all plain test cases that stand at this place."""
        if not text.isascii() and ("\ufffe" in text or "\uffff" in text):
            return at  # the other characters that XML forbids are forbidden in the expressions
        begin, progress = at, True
        while progress:
            progress = False
            for shape in self._shapes:
                run = shape.run(text, at)
                if run is not None:
                    titles, classifications, durations, labels, end = run
                    here = line + text.count("\n", begin, at)
                    self._take(titles, classifications, durations, here, shape.lines, shape.label_names, labels)
                    at, progress = end, True
        return at


_Run = tuple[list[str], Column, "list[str] | None", list[Column], int]
"""Titles, classifications, durations, label columns, and where the run ends."""


class _Shape:
    """One way to write a plain test case."""

    def __init__(self, example: str, attributes: list[tuple[str, str, str, str]], end: str, space: str) -> None:
        self._example: Final = example
        self._literals: Final = ["<testcase"]
        """What stands before, between and behind the captured values, as expressions."""
        self._names: list[str] = []
        """The attribute of each captured value."""
        for before, name, equals, value in attributes:
            self._literals[-1] += re.escape(f"{before}{name}{equals}")
            if name in OUTCOME_ATTRIBUTES:  # then the value is part of the shape
                self._literals[-1] += re.escape(f'"{value}"')
            else:
                self._literals[-1] += '"'
                self._literals.append('"')
                self._names.append(name)
        self._literals[-1] += re.escape(end)
        self._space: Final = re.escape(space)
        self._behind: Final = space
        self.lines: Final = example.count("\n")
        """Line breaks from the beginning of one case to the next."""
        self._one: Final = self._matcher(f"{self._tag()}(?:{self._space}(?=<))?")
        self._long = False
        """Whether the latest run was a long one."""
        places = {name: index for index, name in enumerate(self._names)}
        self._title: Final = places["name"]
        self._classification: Final = places.get("classname")
        self._time: Final = places.get("time")
        self.label_names: Final = [name for name in self._names if name not in _MEANT]
        self._labels: Final = [places[name] for name in self.label_names]
        self._let_change([places[name] for name in ("name", "time") if name in places])

    def describes(self, text: str) -> bool:
        """Whether this is how the text, one test case and white space, is written."""
        found = self._one(text)
        return found is not None and text[found.end() :] == self._behind

    def run(self, text: str, at: int) -> _Run | None:
        """The test cases that stand here, are written like this, and differ in nothing but what may change."""
        one, steady_of, changing_of = self._one, self._steady_of, self._changing_of
        found = one(text, at)
        if found is None:
            return None
        groups = found.groups()
        steady, changing = steady_of(groups), list(changing_of(groups))
        at = found.end()
        if self._long:
            at = self._take_many(text, at, steady, changing)
        while (found := one(text, at)) and steady_of(groups := found.groups()) == steady:
            changing += changing_of(groups)
            at = found.end()
        run = self._columns(steady, changing, at)
        count = len(run[0])
        self._long = count >= 2 * _MANY
        if found is not None and count < _SHORT:
            self._ended_early(steady, steady_of(groups))
        return run

    def _take_many(self, text: str, at: int, steady: tuple[str, ...], changing: list[str]) -> int:
        width = len(self._names)
        steady_of, changing_of = self._steady_of, self._changing_of
        while (found := self._many(text, at)) and steady_of(groups := found.groups()) == steady:
            changing += changing_of(groups)
            changing += groups[width:]
            at = found.end()
        return at

    def _columns(self, steady: tuple[str, ...], changing: list[str], end: int) -> _Run:
        width = len(self._changing)

        def column(index: int) -> Column:
            if index in self._steady:
                return steady[self._steady.index(index)]
            return changing[self._changing.index(index) :: width]

        titles = changing[self._changing.index(self._title) :: width]
        kinds = column(self._classification) if self._classification is not None else ""
        durations = changing[self._changing.index(self._time) :: width] if self._time is not None else None
        return titles, kinds, durations, [column(index) for index in self._labels], end

    def _ended_early(self, steady: tuple[str, ...], other: tuple[str, ...]) -> None:
        """A run was short because a value changed: after some of these, expect it to."""
        self._short_runs += 1
        if self._short_runs >= _PATIENCE:
            differing = [index for index, one, two in zip(self._steady, steady, other, strict=True) if one != two]
            self._let_change([*self._changing, *differing])

    def _let_change(self, changing: list[int]) -> None:
        """Capture these values in every test case, and compare the others."""
        self._short_runs = 0
        self._changing = sorted(changing)
        self._steady = [index for index in range(len(self._names)) if index not in changing]
        self._changing_of = _getter(self._changing)
        self._steady_of = _getter(self._steady)
        following = f"{self._space}{self._tag(self._steady)}"
        self._many = self._matcher(f"{self._tag()}{following * (_MANY - 1)}{self._space}(?=<)")

    def _matcher(self, expression: str) -> Callable[..., re.Match[str] | None]:
        return re.compile(of_latin(expression, self._example)).match

    def _tag(self, known: list[int] | None = None) -> str:
        """The expression for one test case; values that are known are those of the first one."""
        parts = [self._literals[0]]
        for index, name in enumerate(self._names):
            if known is not None and index in known:
                parts.append(f"(?:\\{index + 1})")
            else:
                parts.append(_NAME_VALUE if name == "name" else _SECONDS if name == "time" else _VALUE)
            parts.append(self._literals[index + 1])
        return "".join(parts)


def _getter(indexes: list[int]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """A function that takes some of the captured values; ``itemgetter`` gives a tuple only for several."""
    if not indexes:
        return lambda _: ()
    if len(indexes) == 1:
        (only,) = indexes
        return lambda groups: (groups[only],)
    return itemgetter(*indexes)
