"""Reads runs of plain XML elements without the XML parser, by the shapes of ``shapes``.

The same idea as ``junit.skim``, which is faster and knows JUnit only. Where it is sure that expat would read the same:
names are the same, values have no quotes, control characters or references (but the five that XML itself
defines, where a rule allows them), and the parser stands between two elements.

A record is an element, or several one behind the other. The keys of its parts are ``attribute`` for those of its
(first) element, ``Element`` for each element inside it or behind the first, ``Element@attribute`` for its attributes,
and ``Element#`` for its text; ``#`` for the text of the first one. With a rule for ``Element<`` all that is in that
element, others included, is one part. Names are without prefix.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final, Generic

from report_processor import limits
from report_processor.parsing.latin import of_latin
from report_processor.parsing.shapes import Expression, P, Part, Rule, Run, Shapes

_SHORT: Final = rf"{{0,{limits.TITLE - 1}}}+"
_REFERENCE: Final = "&(?:lt|gt|amp|quot|apos);"
NAME: Final = Rule(rf'[^\s"<&\x00-\x1f][^"<&\x00-\x1f]{_SHORT}')
"""A value that begins with no white space. (To look ahead for what is not blank would cost as much as the rest.)"""
VALUE: Final = Rule(rf'[^"<&\x00-\x1f]{_SHORT}')
"""Any value of an attribute."""
ANY: Final = Rule(VALUE.expression, captured=False)
"""Any value of an attribute, which is not wanted."""
SECONDS: Final = Rule(r"[0-9]{1,8}(?:\.[0-9]{0,18})?")
"""A number of seconds."""
_WITH_REFERENCES: Final = rf'[^"<&\x00-\x1f]*+(?:{_REFERENCE}[^"<&\x00-\x1f]*+)*+'
ESCAPED: Final = Rule(rf'(?=[^"<]{_SHORT}"){_WITH_REFERENCES}')
"""Any value of an attribute that may have references: see ``plain``."""
SHORT: Final = Rule(rf'(?=[^"<]{{0,{limits.TITLE // 2}}}+"){_WITH_REFERENCES}')
"""The same, half as long: something can be added to it, and it is still a title."""
TEXT: Final = Rule(rf"[^<>&\x00-\x1f]{_SHORT}")
"""Any text of one line."""
ANY_TEXT: Final = Rule(rf"[^<>&\x00-\x08\x0b-\x1f]{_SHORT}", captured=False, lines=True)
"""Any text, which is not wanted."""
NAME_TEXT: Final = Rule(rf" *+[^\s<>&\x00-\x1f][^<>&\x00-\x1f]{_SHORT}")
"""A text of one line that is not blank."""
LINES: Final = Rule(
    rf"(?=[^<]{_SHORT}<)[^<>&\x00-\x08\x0b-\x1f]*+(?:{_REFERENCE}[^<>&\x00-\x08\x0b-\x1f]*+)*+",
    lines=True,
)
"""Any text, of several lines and with references: see ``plain``."""

_TAG: Final = re.compile(r"<(/?)((?:[A-Za-z_][\w.-]{0,63}:)?([A-Za-z_][\w.-]{0,63}))", re.ASCII)
_ATTRIBUTE: Final = re.compile(r'(\s+)((?:[A-Za-z_][\w.-]{0,63}:)?[A-Za-z_][\w.-]{0,63})(\s*=\s*)"([^"<]*)"', re.ASCII)
_TAG_END: Final = re.compile(r"\s*(/?)>")
_WHITE: Final = re.compile(r"[ \t\r\n]*")
_TEXT: Final = re.compile(r"[^<]*")
_COMMENT: Final = re.compile(r"<!--[^-<\n]*(?:-[^-<\n]+)*-->")
_ANY_COMMENT: Final = r"<!--[^-<\x00-\x1f]*+(?:-[^-<\x00-\x1f]++)*+-->"
_LITERAL: Final = re.compile(
    rf"[^<&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*+(?:{_REFERENCE}[^<&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*+)*+"
)
_LONGEST: Final = 8_000
"""Characters of a record that is worth learning."""


def plain(text: str) -> str:
    """A value or text with its references replaced."""
    if "&" not in text:
        return text
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    return text.replace("&amp;", "&")  # at last, or it would make references


class XmlSkimmer(Generic[P]):
    """A ``Skimmer`` for records that begin with an element of one name."""

    other = ""

    def __init__(  # noqa: PLR0917  # what a format says of its records, in one place
        self,
        elements: str | tuple[str, ...],
        rules: Mapping[str, Rule],
        ready: Callable[[], bool],
        plan: Callable[[list[Part]], P | None],
        take: Callable[[Run[P]], None],
        inside: Collection[str] = (),
        most: int = 4,
    ) -> None:
        """``elements``: the names, as they are written, of the record's element or of several in a row.

        ``rules`` are for values by their keys; a value without one must be as in the record that was learnt.
        ``ready`` says whether the document is at a place where records may stand. ``plan`` is given the parts
        of a record, and says what ``take`` shall have of such ones, or None when they are not plain. It
        decides by the values without a rule, and by the elements that are there. Records with
        elements that are not in ``inside`` are not plain.
        """
        self._elements: Final = (elements,) if isinstance(elements, str) else elements
        self.opening = f"<{self._elements[0]}"
        self.ready: Final = ready
        self._rules: Final = rules
        self._plan: Final = plan
        self._inside: Final = frozenset(inside)
        self._shapes: Final[Shapes[P]] = Shapes(take, most)

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """The rule for a value; ``parts`` are those before it."""
        del parts
        return self._rules.get(key)

    def allows(self, name: str) -> bool:
        """Whether records with an element of this name in them may be plain."""
        return name in self._inside

    def learn(self, text: str, at: int, end: int) -> None:
        """See ``text[at:end]``, from one opening to the next, which the parser has just read.

        A record may go on behind that, where the parser has not been yet.
        """
        if not self._shapes.wants(text, at):
            return
        reader = _Reader(text, at, self.rule, self.allows)
        if not reader.read(self._elements):
            return
        plan = self._plan(reader.parts)
        if plan is None:
            return
        between, end = _between(text, reader.at)
        gap = text.count("\n", reader.at, end)
        breaks = -1 if reader.varies else text.count("\n", at, reader.at)
        record = of_latin("".join(reader.expression), text[at : reader.at])
        self._shapes.learn(text, at, Expression(record, between, gap, breaks), plan)

    def skim(self, text: str, at: int, line: int) -> int:
        """Take all records that stand at this place."""
        if not text.isascii() and ("\ufffe" in text or "\uffff" in text):
            return at  # the other characters that XML forbids are forbidden in the expressions
        return self._shapes.skim(text, at, line)


class _Reader:
    """Makes an expression of a record."""

    def __init__(
        self, text: str, at: int, rule: Callable[[str, list[Part]], Rule | None], allows: Callable[[str], bool]
    ) -> None:
        self._text: Final = text
        self._start: Final = at
        self._stop: Final = min(len(text), at + _LONGEST)
        self._rule: Final = rule
        self._allows: Final = allows
        self._open: Final[list[str]] = []
        """Names of the open elements, as they are written."""
        self._first = True
        """Whether this is still the first element of the record."""
        self._leaf = False
        """Whether the latest tag was an opening one."""
        self._groups = 0
        self.at = at
        self.expression: Final[list[str]] = []
        self.parts: Final[list[Part]] = []
        self.varies = False
        """Whether records of this shape may have different numbers of lines."""

    def read(self, elements: tuple[str, ...]) -> bool:
        """Whether these elements stand here, one behind the other, and nothing in them is out of the ordinary."""
        for name in elements:
            if not self._first:
                self._literal(_WHITE)
            if not self._tag(name):
                return False
            while self._open:
                if not (self._content() and self._tag()):
                    return False
            self._first = False
        return True

    def _tag(self, expected: str = "") -> bool:
        tag = _TAG.match(self._text, self.at, self._stop)
        if tag is None or (expected and (tag[1] or tag[2] != expected)):
            return False
        closing, written, name = tag.groups()
        self._literal(_TAG)
        outermost = self._first and not self._open
        if not closing and not outermost:
            if not expected and not self._allows(name):
                return False
            self.parts.append(self._part(name))
        if not closing and not self._attributes("" if outermost else f"{name}@"):
            return False
        end = _TAG_END.match(self._text, self.at, self._stop)
        if end is None or (closing and (end[1] or self._open.pop() != written)):
            return False
        self._literal(_TAG_END)
        self._leaf = not closing and not end[1]
        if self._leaf:
            self._open.append(written)
            return self._whole(name, written)
        return True

    def _whole(self, name: str, written: str) -> bool:
        """Take all that is in the element that was opened, when there is a rule for that."""
        key = f"{name}<"
        end = self._text.find(f"</{written}>", self.at, self._stop)
        if end < 0 or self._rule(key, self.parts) is None:
            return True
        value, self.at, self._leaf = self._text[self.at : end], end, False
        return self._value(key, value)

    def _attributes(self, prefix: str) -> bool:
        seen = set()
        while found := _ATTRIBUTE.match(self._text, self.at, self._stop):
            before, name, equals, value = found.groups()
            if name in seen:
                return False
            seen.add(name)
            self.expression.append(re.escape(f'{before}{name}{equals}"'))
            if not self._value(prefix + name, value):
                return False
            self.expression.append('"')
            self.at = found.end()
        return True

    def _content(self) -> bool:
        """What stands in front of the next tag: white space, or the text of an element without others in it."""
        text, end = _matched(_TEXT, self._text, self.at)
        if self._leaf and self._text.startswith("</", end):
            first = self._first and len(self._open) == 1
            self.at = end
            return self._value("#" if first else f"{self._open[-1].rpartition(':')[2]}#", text)
        self._literal(_WHITE)
        return self.at == end

    def _value(self, key: str, value: str) -> bool:
        rule = self._rule(key, self.parts)
        if rule is None:
            if not _LITERAL.fullmatch(value) or "]]>" in value:
                return False  # the parser has not seen it yet, and it may be damaged
            self.expression.append(re.escape(value))
        else:
            self.expression.append(f"({rule.expression})" if rule.captured else f"(?:{rule.expression})")
            self.varies = self.varies or rule.lines
        captured = rule is not None and rule.captured
        self.parts.append(self._part(key, value, self._groups if captured else -1))
        self._groups += captured
        return True

    def _part(self, key: str, value: str = "", group: int = -1) -> Part:
        return Part(key, value, group, self._text.count("\n", self._start, self.at), len(self._open))

    def _literal(self, pattern: re.Pattern[str]) -> None:
        text, self.at = _matched(pattern, self._text, self.at)
        self.expression.append(re.escape(text))


def _matched(pattern: re.Pattern[str], text: str, at: int) -> tuple[str, int]:
    """What matches here, and where it ends."""
    found = pattern.match(text, at)
    return (found[0], found.end()) if found else ("", at)


def _between(text: str, at: int) -> tuple[str, int]:
    """The expression for white space and comments like these, and where they end."""
    expression = ""
    while True:
        white, at = _matched(_WHITE, text, at)
        expression += re.escape(white)
        comment, at = _matched(_COMMENT, text, at)
        if not comment:
            return expression, at
        expression += _ANY_COMMENT
