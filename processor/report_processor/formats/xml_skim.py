"""Reads runs of plain elements without the XML parser, for formats whose tests have many attributes.

The same idea as ``junit_skim``, which is faster and knows JUnit only: the usual test is one empty
element, or always the same few, written like the one before it, and few of its attributes matter. An expression made
from an element that expat has just read matches such elements only: names and white space are the same,
values have no quotes, references or control characters, and those that decide the outcome are equal. Where
it does not match, expat goes on.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

_VALUE: Final = r'[^"<&\x00-\x1f]{0,2000}'
NAME: Final = r'(?! *")[^"<&\x00-\x1f]{1,2000}'
"""An expression for a value that is not blank."""
ANY: Final = _VALUE
"""An expression for any value."""
SECONDS: Final = r"[0-9]{1,8}(?:\.[0-9]{0,18})?"
"""An expression for a number of seconds."""
_ATTRIBUTE: Final = re.compile(r'(\s+)([A-Za-z_][\w.-]{0,63})(\s*=\s*)"([^"<&\x00-\x1f]*)"', re.ASCII)
_TAG: Final = re.compile(r"\s*<(/?)([A-Za-z_][\w.-]{0,63})", re.ASCII)
_TAG_END: Final = re.compile(r"\s*(/?)>")
_MAX_SHAPES: Final = 4
_MAX_LEARNED: Final = 32
"""Compiling costs 1 ms; a file that needs more shapes than these is not worth skimming."""

Take = Callable[[list[tuple[str, ...]], dict[str, int], int, int], None]
"""``take(values of each element, index of each name in them, line of the first, lines per element)``."""


class PlainSkimmer:
    """A ``Skimmer`` for one kind of element."""

    def __init__(  # noqa: PLR0917  # what a format says of its element, in one place
        self,
        element: str,
        captured: Mapping[str, str],
        ignored: Mapping[str, str],
        ready: Callable[[], bool],
        plain: Callable[[dict[str, str]], bool],
        take: Take,
    ) -> None:
        """Expressions for the values of attributes that are captured, and of those that may be anything; the
        others are part of the shape. Those of elements inside are called ``Element@attribute``.
        ``plain(attributes)`` says whether an element is one that can be skimmed.
        """
        self.opening = f"<{element} "
        self.ready: Final = ready
        self._captured: Final = captured
        self._ignored: Final = ignored
        self._plain: Final = plain
        self._take: Final = take
        self._nested: Final = any("@" in name for name in captured)
        """Whether such an element has others in it. Where it need not, one that has says more than its attributes."""
        self._shapes: list[tuple[re.Pattern[str], re.Pattern[str], dict[str, int], int]] = []
        self._learned = 0

    def learn(self, text: str) -> None:
        """See the text from one such element to the next, which the parser has just read."""
        if self._learned >= _MAX_LEARNED or any(shape.match(f"{text}<") for shape, _, _, _ in self._shapes):
            return
        body = text.rstrip()
        space = text[len(body) :]
        index: dict[str, int] = {}
        attributes: dict[str, str] = {}
        expression = self._expression(body, index, attributes)
        if expression is None or not self._plain(attributes):
            return
        self._learned += 1
        shape = re.compile(f"{expression}{re.escape(space)}(?=<)")  # or the lines would not be right
        if shape.match(f"{text}<"):
            self._shapes.insert(0, (shape, re.compile(expression), index, text.count("\n")))
            del self._shapes[_MAX_SHAPES:]

    def _expression(self, body: str, index: dict[str, int], attributes: dict[str, str]) -> str | None:
        """The expression for elements like this; None when it is not one element, with nothing but elements in it."""
        parts, at, depth = [], 0, 0
        while at < len(body):
            tag = _TAG.match(body, at)
            if tag is None or (at and not depth) or (at and not tag[1] and not self._nested):
                return None
            parts.append(re.escape(tag[0]))
            prefix = "" if not at else f"{tag[2]}@"
            at = tag.end()
            while found := _ATTRIBUTE.match(body, at):
                before, name, equals, value = found.groups()
                parts.append(re.escape(f'{before}{name}{equals}"'))
                parts.append(self._value(prefix + name, value, index, attributes) + '"')
                at = found.end()
            end = _TAG_END.match(body, at)
            if end is None:
                return None
            parts.append(re.escape(end[0]))
            at = end.end()
            depth += -1 if tag[1] else not end[1]
        return None if depth else "".join(parts)

    def _value(self, name: str, value: str, index: dict[str, int], attributes: dict[str, str]) -> str:
        attributes[name] = value
        if name in self._captured and name not in index:
            index[name] = len(index)
            return f"({self._captured[name]})"
        return self._ignored.get(name) or re.escape(value)

    def skim(self, text: str, at: int, line: int) -> int:
        """Take all elements of these shapes that stand at this place."""
        if not text.isascii() and ("\ufffe" in text or "\uffff" in text):
            return at  # the other characters that XML forbids are forbidden in the expressions
        progress = True
        while progress:
            progress = False
            for shape, last, index, lines in self._shapes:
                match, rows, begin = shape.match, [], at
                while found := match(text, at):
                    rows.append(found.groups())
                    at = found.end()
                if found := last.match(text, at):  # other white space follows
                    rows.append(found.groups())
                    at = found.end()
                if rows:
                    self._take(rows, index, line, lines)
                    line += text.count("\n", begin, at)
                    progress = True
        return at
