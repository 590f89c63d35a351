"""Reads runs of plain ``<testcase .../>`` elements without the XML parser.

Most of a large JUnit file is one line over and over: a test case that passed, with the same
attributes in the same order. Through expat and its callbacks such a line costs 2.9 microseconds,
through one compiled regular expression 1.4 (700,000 of them: 2.0 s and 1.0 s; the figure to reach
for the whole import was 3.0 s). So:

* The expression is made from a test case that expat has just read in this very file: its attributes
  in their order with the white space between them, each value being free of ``<``, ``&``, quotes
  and line breaks. Whatever it matches, expat would read the same way: the names are known to be
  legal and unique, the values need no decoding, the parser stands between two elements.
* Where it does not match, expat goes on. Nothing depends on it: ``tests/unit/processor`` compares
  the events with and without it on generated files, byte split by byte split.
"""

import re
from collections.abc import Callable
from typing import Final

from report_processor import limits
from report_processor.events import Column

_VALUE: Final = rf'([^"<&\x00-\x1f]{{0,{limits.TITLE}}})'
_NAME_VALUE: Final = rf'(?! *")([^"<&\x00-\x1f]{{1,{limits.TITLE}}})'
_SECONDS: Final = r"([0-9]{1,8}(?:\.[0-9]{0,18})?)"
_PLAIN: Final = re.compile(
    r'<testcase((?:\s+[A-Za-z_][\w.-]{0,63}\s*=\s*"[^"<&\t\n]*")+)\s*(?:/>|>\s*</testcase\s*>)(\s*)', re.ASCII
)
_ATTRIBUTE: Final = re.compile(r'(\s+)([A-Za-z_][\w.-]*)(\s*=\s*)"([^"]*)"', re.ASCII)
_MEANT: Final = frozenset({"name", "classname", "time"})
_MANY: Final = 8
"""Test cases that one match takes when a run is longer than that."""
_MAX_SHAPES: Final = 4
_MAX_LEARNED: Final = 32
"""Compiling costs 0.3 ms; a file that needs more shapes than these is not worth skimming."""

Take = Callable[[list[str], Column, list[float] | None, int, int, list[str], list[Column]], None]
"""``take(titles, classifications, durations, line, lines per case, label names, label columns)``."""


class _Shape:
    """One way to write a plain test case."""

    def __init__(self, names: tuple[str, ...], tag: str, space: str, lines: int) -> None:
        self._space: Final = space
        self.lines: Final = lines
        """Line breaks from the beginning of one case to the next."""
        space = re.escape(space)
        self.match: Final = re.compile(f"{tag}(?:{space}(?=<))?").match
        self.match_many: Final = re.compile(f"{tag}{space}" * _MANY + "(?=<)").match
        self.width: Final = len(names)
        self.title: Final = names.index("name")
        self.classification: Final = names.index("classname") if "classname" in names else None
        self.time: Final = names.index("time") if "time" in names else None
        self.labels: Final = [(name, index) for index, name in enumerate(names) if name not in _MEANT]

    def describes(self, text: str) -> bool:
        """Whether this is how the text, one test case and white space, is written."""
        found = self.match(text)
        return found is not None and text[found.end() :] == self._space


class JUnitSkimmer:
    """The ``Skimmer`` of the JUnit parser."""

    opening = "<testcase"

    def __init__(self, ready: Callable[[], bool], plain: Callable[[str, str], bool], take: Take) -> None:
        """``plain(name, value)`` says whether an attribute leaves a test case a plain pass; it is
        asked for attributes whose value matters to the outcome, which then must repeat exactly.
        """
        self.ready: Final = ready
        self._plain: Final = plain
        self._take: Final = take
        self._shapes: list[_Shape] = []
        self._learned = 0

    def learn(self, text: str) -> None:
        """See the text from one test case to the next, which the parser has just read."""
        if self._learned >= _MAX_LEARNED or any(shape.describes(text) for shape in self._shapes):
            return
        found = _PLAIN.fullmatch(text)
        if found is None:
            return
        tag, names = _pattern(text, found)
        attributes = _ATTRIBUTE.findall(found[1])
        if "name" not in names or not all(self._plain(name, value) for _, name, _, value in attributes):
            return
        self._learned += 1
        self._shapes.insert(0, _Shape(names, tag, found[2], text.count("\n")))
        del self._shapes[_MAX_SHAPES:]

    def skim(self, text: str, at: int, line: int) -> int:
        """Take all plain test cases that stand at this place."""
        if not text.isascii() and ("\ufffe" in text or "\uffff" in text):
            return at  # the other characters that XML forbids are forbidden in the expressions
        progress = True
        while progress:
            progress = False
            for shape in self._shapes:
                start, at = at, self._run(shape, text, at, line)
                if at > start:
                    progress = True
                    line += text.count("\n", start, at)
        return at

    def _run(self, shape: _Shape, text: str, at: int, line: int) -> int:
        match, width = shape.match, shape.width
        values: list[str] = []
        extend = values.extend
        while found := match(text, at):
            extend(found.groups())
            at = found.end()
            if len(values) == _MANY * width:  # a long run: several at a time
                many = shape.match_many
                while found := many(text, at):
                    extend(found.groups())
                    at = found.end()
        if values:
            times = values[shape.time :: width] if shape.time is not None else None
            self._take(
                values[shape.title :: width],
                _column(values[shape.classification :: width]) if shape.classification is not None else "",
                list(map(float, times)) if times is not None else None,
                line,
                shape.lines,
                [name for name, _ in shape.labels],
                [_column(values[index::width]) for _, index in shape.labels],
            )
        return at


def _column(values: list[str]) -> Column:
    first = values[0]
    return first if values.count(first) == len(values) else values


def _pattern(text: str, found: re.Match[str]) -> tuple[str, tuple[str, ...]]:
    """The expression for a test case written like this one, and the attribute of each group."""
    parts = ["<testcase"]
    names: list[str] = []
    for space, name, equals, value in _ATTRIBUTE.findall(found[1]):
        if name in VERBATIM:
            parts.append(re.escape(f'{space}{name}{equals}"{value}"'))
            continue
        group = _NAME_VALUE if name == "name" else _SECONDS if name == "time" else _VALUE
        parts.append(f'{re.escape(f"{space}{name}{equals}")}"{group}"')
        names.append(name)
    parts.append(re.escape(text[found.end(1) : found.start(2)]))
    return "".join(parts), tuple(names)


VERBATIM: Final = frozenset({"status", "result"})
"""Attributes that bear on the outcome: their value is part of the shape."""
