"""Reads runs of plain JSON objects without decoding them, by the shapes of ``shapes``.

Where it is sure that ``json`` would read the same: members stand in the same order, white space is the same, and
texts have no control characters, and no escapes (but simple ones in those that are not wanted).

A record is an object, or several one behind the other. The keys of its parts are ``member`` for values of the
(first) object, ``member.member`` for those of an object inside it, ``member[]`` for the items of an array, and
``+member`` for the second object, ``++member`` for the third. An empty object or array is a part, too.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic

from report_processor import limits
from report_processor.parsing.latin import of_latin
from report_processor.parsing.shapes import Expression, P, Part, Rule, Run, Shapes

_SHORT: Final = rf"{{0,{limits.TITLE - 1}}}+"
_ESCAPE: Final = r'\\["\\/bfnrt]'
NAME: Final = Rule(rf'[^\s"\\\x00-\x1f][^"\\\x00-\x1f]{_SHORT}')
"""A text that begins with no white space, or a number."""
TEXT: Final = Rule(rf'[^"\\\x00-\x1f]{_SHORT}')
"""Any text without escapes, or a number."""
ANY: Final = Rule(rf'[^"\\\x00-\x1f]*+(?:{_ESCAPE}[^"\\\x00-\x1f]*+)*+', captured=False)
"""Any text or number, which is not wanted."""
ID: Final = Rule(ANY.expression, captured=False, number="[1-9][0-9]{0,17}+")
"""The same, but of numbers only whole ones from 1, which are matched faster."""
LABEL: Final = Rule(rf'[^"\\\x00-\x1f]{{0,{limits.LABEL_NAME}}}+')
"""A text that fits into any label, or a number."""
_ASCII: Final = r"[ !#-\[\]-~]"
ASCII_NAME: Final = Rule(rf"[!#-\[\]-~]{_ASCII}{{0,{limits.TITLE // 2}}}+")
"""A text of ASCII that begins with no blank, half as long as a title may be."""
ASCII: Final = Rule(rf"{_ASCII}{{0,{limits.LABEL_NAME // 2}}}+", number="(?:0|-?[1-9][0-9]{0,17}+)")
"""A short text of ASCII, or a whole number."""
_SECONDS: Final = r"(?:0|[1-9][0-9]{0,7}+)(?:\.[0-9]{1,18}+)?+(?:[eE]-[0-9]{1,2}+)?+"
DURATION: Final = Rule(_SECONDS, number=_SECONDS)
"""A number that is a duration in any unit but nanoseconds."""

_NUMBER: Final = r"-?(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]{1,18}+)?+(?:[eE][-+]?[0-9]{1,2}+)?+"
_WHITE: Final = re.compile(r"[ \t\r\n]*")
_SEPARATOR: Final = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_STRING: Final = re.compile(r'"((?:[^"\\\x00-\x1f]|\\.)*)"')
_SCALAR: Final = re.compile(rf"(?:{_NUMBER}|true|false|null)(?![-+.\w])")
_MEMBER: Final = re.compile(r"[\w $@/-]+")
"""A name that cannot be taken for a place inside something."""
_LONGEST: Final = 8_000
"""Characters of a record that is worth learning."""
_DEEPEST: Final = 20


class JsonSkimmer(Generic[P]):
    """Skims the objects at one place of a document, or those of NDJSON."""

    def __init__(  # noqa: PLR0917  # what a format says of its records, in one place
        self,
        rules: Mapping[str, Rule],
        ready: Callable[[], bool],
        plan: Callable[[list[Part], list[dict[str, Any]]], P | None],
        take: Callable[[Run[P]], None],
        objects: int = 1,
        most: int = 4,
    ) -> None:
        """``rules`` are for texts and numbers by their keys; a value without one must be as in the record that was
        learnt. ``ready`` says whether the format can take records now. ``plan`` is given the parts of a
        record and its objects, and says what ``take`` shall have of such ones, or None when they are not plain. It
        decides by the values without a rule, and by the members that are there.
        """
        self._rules: Final = rules
        self.ready: Final = ready
        self._plan: Final = plan
        self._objects: Final = objects
        self._shapes: Final[Shapes[P]] = Shapes(take, most)
        self.unlike = ""
        """What stands in the first line of no plain record: those with it are not looked at, which takes time."""

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """The rule for a value; ``parts`` are those before it."""
        del parts
        return self._rules.get(key)

    def learn(self, text: str, at: int, separator: re.Pattern[str], behind: str = "") -> None:
        """See the text of an object, if it is there as a whole, with the beginning of the next one.

        ``behind``: of NDJSON, an expression for what must follow each record, whose objects must be on a line each.
        """
        stop = text.find("\n", at, at + _LONGEST) if self.unlike else -1
        if stop >= 0 and text.find(self.unlike, at, stop) >= 0:
            return
        if not self._shapes.wants(text, at):
            return
        reader = _Reader(text, at, self.rule, lines=bool(behind))
        if not reader.read(self._objects):
            return
        between = separator.match(text, reader.at)
        if between is None or not text.startswith("{", between.end()):
            return
        plan = self._plan(reader.parts, reader.objects)
        if plan is not None:
            literal, breaks = between[0], text.count("\n", at, reader.at)
            record = of_latin("".join(reader.expression) + behind, text[at : reader.at])
            found = Expression(record, re.escape(literal), literal.count("\n"), breaks)
            self._shapes.learn(text, at, found, plan)

    def skim(self, text: str, at: int, line: int) -> int:
        """Take all records from this place on; returns the end of the last one."""
        return self._shapes.skim(text, at, line)


class _Reader:
    """Makes an expression of a record."""

    def __init__(self, text: str, at: int, rule: Callable[[str, list[Part]], Rule | None], *, lines: bool) -> None:
        self._text: Final = text
        self._lines: Final = lines
        self._start: Final = at
        self._stop: Final = min(len(text), at + _LONGEST)
        self._rule: Final = rule
        self._groups = 0
        self.at = at
        self.expression: Final[list[str]] = []
        self.parts: Final[list[Part]] = []
        self.objects: Final[list[dict[str, Any]]] = []

    def read(self, objects: int) -> bool:
        """Whether so many objects stand here, one behind the other."""
        for number in range(objects):
            start = self.at
            if number:
                self._white()
                if self._lines and self._text.count("\n", start, self.at) != 1:
                    return False
            start = self.at
            if self._text[start : start + 1] != "{" or not self._value("+" * number, 0):
                return False
            if self._lines and "\n" in self._text[start : self.at]:
                return False
            try:
                self.objects.append(json.loads(self._text[start : self.at]))
            except ValueError:  # an escape that there is not
                return False
        return True

    def _value(self, key: str, depth: int) -> bool:
        sign = self._text[self.at : self.at + 1]
        if sign in {"{", "["}:
            return depth < _DEEPEST and self._many(key, depth + 1, sign)
        return self._scalar(key)

    def _many(self, key: str, depth: int, sign: str) -> bool:
        """An object or an array."""
        self._literal(1)
        self._white()
        end = "}" if sign == "{" else "]"
        inside = f"{key}." if key.strip("+") else key
        seen: set[str] = set()
        while not self._text.startswith(end, self.at, self._stop):
            name = f"{key}[]"
            if sign == "{":
                member = self._name()
                if member is None or member in seen:
                    return False
                seen.add(member)
                name = inside + member
            if not self._value(name, depth):
                return False
            self._white()
            if self._text.startswith(",", self.at, self._stop):
                self._literal(1)
                self._white()
                if self._text.startswith(end, self.at):
                    return False
            elif not self._text.startswith(end, self.at, self._stop):
                return False
        if self._text[self.at - 1] == sign:
            self.parts.append(Part(key, sign + end, -1, self._line()))
        self._literal(1)
        return True

    def _name(self) -> str | None:
        found = _STRING.match(self._text, self.at, self._stop)
        if found is None or not _MEMBER.fullmatch(found[1]):
            return None
        self._literal(found.end() - self.at)
        self._white()
        if not self._text.startswith(":", self.at, self._stop):
            return None
        self._literal(1)
        self._white()
        return found[1]

    def _scalar(self, key: str) -> bool:
        rule = self._rule(key, self.parts)
        if found := _STRING.match(self._text, self.at, self._stop):
            value, quote, expression = found[1], '"', rule and rule.expression
        elif found := _SCALAR.match(self._text, self.at, self._stop):
            value, quote, expression = found[0], "", rule and (rule.number or _NUMBER)
            if value[0] in "tfn":
                rule = expression = None
        else:
            return False
        captured = rule is not None and rule.captured
        written = re.escape(value) if expression is None else f"({expression})" if captured else f"(?:{expression})"
        self.expression.append(quote + written + quote)
        self.parts.append(Part(key, value, self._groups if captured else -1, self._line()))
        self._groups += captured
        self.at = found.end()
        return True

    def _line(self) -> int:
        return self._text.count("\n", self._start, self.at)

    def _white(self) -> None:
        found = _WHITE.match(self._text, self.at, self._stop)
        if found:
            self._literal(found.end() - self.at)

    def _literal(self, size: int) -> None:
        self.expression.append(re.escape(self._text[self.at : self.at + size]))
        self.at += size
