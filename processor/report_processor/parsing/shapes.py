"""Shapes: expressions learnt from a file for the records that it repeats, for reading them without a parser.

Most of a large report is one record over and over: a test that passed, written like the one before it. A parser
and its callbacks cost ten times what a compiled expression does. So where a parser has just read such a record, a
*skimmer* (``xml_skim``, ``json_skim``) makes an expression of it. In it, names, white space and all values that
decide the outcome stand as they are; the values that a format wants are captured, those that it does not want may be
anything. What matches would be read by the parser in the same way; where nothing matches, the parser goes on.
"""

import re
from collections.abc import Callable, Iterable
from itertools import accumulate, count
from typing import Final, Generic, NamedTuple, TypeVar

_MAX_LEARNED: Final = 64
"""Compiling costs a millisecond; a file that needs more shapes than these is not worth skimming."""
_LOOK: Final = 2_000
"""Records that must be skimmed to pay for looking at one in vain."""
_PATIENCE: Final = 24 * _LOOK

_MANY: Final = 4
"""Records that one match takes where runs are long."""
_LONG: Final = 2_000
"""Characters of an expression that is not worth repeating."""
_REFERRING: Final = re.compile(r"\\[1-9]")

P = TypeVar("P")
"""What a format makes of a shape when it is learnt."""


class Rule(NamedTuple):
    """How one value of a record may be written."""

    expression: str
    """Without groups of its own."""
    captured: bool = True
    """Whether the format is given the value."""
    lines: bool = False
    """Whether there may be line breaks in it."""
    number: str = ""
    """Of JSON: the expression for a number, when not any will do."""


class Part(NamedTuple):
    """One value, or one element inside, of the record that a shape is learnt from."""

    key: str
    """Where it stands; see the skimmer."""
    value: str
    """As it is written in the file."""
    group: int
    """Its index among the captured values; -1 when it is not captured."""
    line: int = 0
    """Line breaks before it in the record."""
    depth: int = 0
    """Elements of the record that are open around it; around a text, its own is one. Only ``xml_skim`` tells them."""


def groups_of(parts: list[Part]) -> dict[str, int]:
    """The group of each captured value by its key: a plan for records in which no captured key is repeated."""
    return {part.key: part.group for part in parts if part.group >= 0}


class Run(Generic[P]):
    """Records of one shape, one behind the other."""

    __slots__ = ("_breaks", "_values", "line", "plan", "size", "step")

    def __init__(  # noqa: PLR0917
        self, plan: P, values: list[str], size: int, line: int, step: int, breaks: list[int]
    ) -> None:
        self.plan: Final = plan
        self._values: Final = values
        """Of all records, one behind the other."""
        self.size: Final = size
        """The number of records."""
        self.line: Final = line
        """Line of the first one."""
        self.step: Final = step
        """Lines from each one to the next; unless their texts have line breaks."""
        self._breaks: Final = breaks

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The captured values of each record."""
        values = iter(self._values)
        width = len(self._values) // self.size
        return list(zip(*[values] * width, strict=True)) if width else [()] * self.size

    def columns(self) -> list[list[str]]:
        """The captured values of all records, by group."""
        width = len(self._values) // self.size
        return [self._values[group::width] for group in range(width)]

    def lines(self) -> Iterable[int]:
        """The line of each record; may go on behind the last one."""
        return accumulate(self._breaks, initial=self.line) if self._breaks else count(self.line, self.step)


class Expression(NamedTuple):
    """How a record like the one at hand may be written."""

    record: str
    """With a group for each captured value."""
    between: str
    """What stands between one record and the next."""
    gap: int
    """Line breaks in that."""
    breaks: int
    """Line breaks in a record; -1 when texts in it may have more or less of them."""


class _Shape(Generic[P]):
    """One way to write a record."""

    def __init__(self, found: Expression, plan: P) -> None:
        self.first: Final = re.compile(found.record).match
        following = found.between + found.record
        self.next: Final = re.compile(following).match
        simple = found.breaks >= 0 and len(following) < _LONG and not _REFERRING.search(found.record)
        self.many: Final = re.compile(following * _MANY).match if simple else None
        """For runs that are long, several records at once."""
        self.in_long_runs = False
        self.gap: Final = found.gap
        self.step: Final = -1 if found.breaks < 0 else found.gap + found.breaks
        self.plan: Final = plan

    def run(self, text: str, at: int, values: list[str]) -> tuple[int, int]:
        """Add the values of the records that follow the first one; returns the size of the run, and its end."""
        size, match = 1, self.next
        if self.in_long_runs and (many := self.many) is not None:
            while found := many(text, at):
                values += found.groups()
                size, at = size + _MANY, found.end()
        while found := match(text, at):
            values += found.groups()
            size, at = size + 1, found.end()
        self.in_long_runs = size > 2 * _MANY
        return size, at


class Shapes(Generic[P]):
    """The shapes of a file that were of use most recently."""

    def __init__(self, take: Callable[[Run[P]], None], most: int = 4) -> None:
        """``take`` is given what was skimmed; ``most`` shapes are tried."""
        self._take: Final = take
        self._most: Final = most
        self._shapes: list[_Shape[P]] = []
        self._learned = 0
        self._patience = _PATIENCE

    def wants(self, text: str, at: int) -> bool:
        """Whether it is worth while to learn from the record here."""
        if self._learned >= _MAX_LEARNED or self._patience <= 0:
            return False
        self._patience -= _LOOK
        return not any(shape.first(text, at) for shape in self._shapes)

    def learn(self, text: str, at: int, found: Expression, plan: P) -> None:
        """Remember the expression for the record here."""
        self._learned += 1
        shape = _Shape(found, plan)
        if shape.first(text, at):  # or its values are not such as the rules describe
            self._patience = _PATIENCE
            self._shapes.insert(0, shape)
            del self._shapes[self._most :]

    def skim(self, text: str, at: int, line: int) -> int:
        """Take all records of these shapes from this place on; returns the end of the last one."""
        shapes = self._shapes
        for shape in shapes:
            if found := shape.first(text, at):
                break
        else:
            return at
        gap = 0
        while True:
            values, breaks = list(found.groups()), []
            end = found.end()
            if shape.step >= 0:
                size, end = shape.run(text, end, values)
            else:
                size, match = 1, shape.next
                breaks.append(text.count("\n", at, end) - gap + shape.gap)
                while found := match(text, end):
                    values += found.groups()
                    breaks.append(text.count("\n", end, found.end()))
                    size, end = size + 1, found.end()
            self._patience = min(self._patience + size, _PATIENCE)
            self._take(Run(shape.plan, values, size, line + gap, shape.step, breaks))
            for other in shapes:
                if other is not shape and (found := other.next(text, end)):
                    break
            else:
                return end
            line += text.count("\n", at, end)
            shape, gap, at = other, other.gap, end
