"""The JSON reader that all JSON formats share: a file of any size, one value at a time.

A format says which objects and arrays it wants to walk through (its *shape*); everything else is
decoded whole by the standard library's C scanner and handed over as a Python value, so that nearly all
of the time is spent in C. What is handed over must fit into memory: a value of more than
``limits.VALUE`` characters is cut first (long texts in it, then its end), with a note.

::

    SHAPE = {"": {"features": "feature"}, "feature": {"elements": "element"}}

names the members that are walked into, by the name of the object they stand in; ``""`` is the
document. An array on the way stands for each of its items. A name without an entry of its own
(``element``) is a value that is handed over. ``SKIP`` walks through a value and forgets it.

Several documents may follow each other, with white space or commas between them: NDJSON is that.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from report_processor import limits
from report_processor.damage import Damage
from report_processor.parsing.json_skim import JsonSkimmer
from report_processor.parsing.json_text import UNREADABLE, WHITE, JsonText, is_torn

SKIP: Final = "~"
Shape = Mapping[str, Mapping[str, str]]

_SEPARATOR: Final = re.compile(r"\s*,\s*")
_TEXT: Final = re.compile(r"""[^\s{}\[\]:,"]|\[[^\s\[{\]"]""")
"""How a line behind a document begins that is no JSON: what the build printed. Numbers and words are not documents."""
_MEMBER: Final = re.compile(r'"([^"\\\x00-\x1f]*)"\s*:\s*(?=\S)')
_NEXT_MEMBER: Final = re.compile(r'\s*,\s*"([^"\\\x00-\x1f]*)"\s*:\s*(?=\S)')
_VALUE, _FIRST, _NEXT, _KEY = range(4)


class JsonHandler(Protocol):
    """What a format does with its document."""

    def begin(self, name: str) -> None:
        """An object that is walked through begins."""

    def member(self, name: str, key: str, value: Any) -> None:
        """A member, of the object ``name``, that is not walked into."""

    def item(self, name: str, value: Any) -> None:
        """A whole value at a place where the shape has the name ``name``."""

    def end(self, name: str) -> None:
        """An object that is walked through ends."""


class _Frame:
    __slots__ = ("array", "key", "name", "state")

    def __init__(self, name: str, array: bool) -> None:
        self.name: Final = name
        self.array: Final = array
        self.state = _FIRST
        self.key = ""


class JsonReader(JsonText):
    """Text in pieces in, calls of a handler out."""

    def __init__(self, handler: JsonHandler, shape: Shape, note: Callable[[str, str, int, int], None]) -> None:
        super().__init__(note)
        self._handler: Final = handler
        self._shape: Final = shape
        self._frames: list[_Frame] = []
        self._documents = 0
        self._in_text = self._told_text = False
        """Whether a line of text that is no JSON goes on; whether one was noted."""
        self.skimmers: Final[dict[str, JsonSkimmer[Any]]] = {}
        """For the objects at places of the shape, by their names. They take what they can; the handler gets the
        rest."""

    def feed(self, text: str) -> None:
        """The next piece. Raises ``Damage``."""
        if self._in_text:
            text = text[text.index("\n") :] if "\n" in text else ""
            self._in_text = not text
        if self._add(text):
            self._walk()

    def close(self) -> None:
        """The end of the file. Raises ``Damage`` when a value does not end before it."""
        self._final = True
        if self._cutter is None:
            self._walk()
        if self._cutter is not None or self._frames or not self._documents:
            line, column = self._end_of_text()
            raise Damage("truncated_file", "the file ends inside a JSON value", line, column)

    # Walking

    def _walk(self) -> None:
        text = self._text
        white = WHITE.match
        while True:
            at = self._at
            sign = text[at : at + 1]
            if not "!" < sign < "~":
                at = self._at = white(text, at).end()  # type: ignore[union-attr]  # it always matches
                if at >= len(text):
                    return
                sign = text[at]
            frame = self._frames[-1] if self._frames else None
            if sign == "{" and self.skimmers and self._skim(frame):
                continue
            if frame is None:
                done = self._document(sign)
            elif frame.state == _VALUE:
                done = self._value(self._shape.get(frame.name, _NONE).get(frame.key, ""), sign, frame)
            elif frame.array:
                done = self._in_array(frame, sign)
            else:
                done = self._in_object(frame, sign)
            if not done:
                return

    def _document(self, sign: str) -> bool:
        """A document, or what stands behind one: a comma, or a line that is no JSON."""
        text, at = self._text, self._at
        if not self._documents or (sign != "," and not _TEXT.match(text, at)):
            waits = self._documents and sign == "[" and at + 1 == len(text) and not self._final
            return not waits and self._value("", sign, None)
        end = at + 1 if sign == "," else text.find("\n", at)
        if sign != "," and not self._told_text:
            self._told_text = True
            self._note("text_around_report", text[at:end][:100] if end > 0 else text[at : at + 100], *self.position())
        self._in_text = end < 0
        self._at = end if end > 0 else len(text)
        return True

    def _skim(self, frame: _Frame | None) -> bool:
        """Whether there were records here that a skimmer took."""
        if frame is not None and (not frame.array or frame.state == _NEXT):
            return False
        skimmer = self.skimmers.get(frame.name if frame else "")
        if skimmer is None or not skimmer.ready():
            return False
        end = skimmer.skim(self._text, self._at, self.line)
        if end == self._at:
            skimmer.learn(self._text, self._at, _SEPARATOR if frame else WHITE)
            return False
        self._at = end
        if frame is None:
            self._documents += 1
        else:
            frame.state = _NEXT
        return True

    def _in_array(self, frame: _Frame, sign: str) -> bool:
        if sign == "]":
            self._frames.pop()
            self._at += 1
            self._ended()
            return True
        if frame.state == _NEXT:
            if sign != ",":
                raise self._malformed("expected , or ] in an array")
            self._at += 1
            frame.state = _KEY
            return True
        if sign == "{" and not self._halves and frame.name not in self._shape and frame.name != SKIP:
            return self._items(frame)
        return self._value(frame.name, sign, frame)

    def _items(self, frame: _Frame) -> bool:
        """Objects that are handed over, one behind the other: where nearly all the time is spent."""
        text, scan, separator = self._text, self._scan, _SEPARATOR.match
        item, name = self._handler.item, frame.name
        at = self._at
        while True:
            try:
                value, end = scan(text, at)
            except UNREADABLE as error:
                self._at = at
                return self._unread(error)
            self._at = at
            item(name, value)
            after = separator(text, end)
            if after is None or text[after.end() : after.end() + 1] != "{" or name in self.skimmers:
                self._at = end
                frame.state = _NEXT
                return True
            at = after.end()

    def _in_object(self, frame: _Frame, sign: str) -> bool:
        if sign == "}" and frame.state != _KEY:
            self._frames.pop()
            self._at += 1
            if frame.name != SKIP:
                self._handler.end(frame.name)
            self._ended()
            return True
        following = frame.state == _NEXT
        if following and sign != ",":
            raise self._malformed("expected , or } in an object")
        if not following and sign != '"':
            raise self._malformed("expected the name of a member")
        found = (_NEXT_MEMBER if following else _MEMBER).match(self._text, self._at)
        if found is not None and not self._halves:
            return self._members(frame, found)
        if following:
            self._at += 1
            frame.state = _KEY
            return True
        return self._name(frame)

    def _name(self, frame: _Frame) -> bool:
        """The name of a member that is not plain, or torn."""
        found = self._decoded()
        if found is None:
            return False
        key, end = found
        colon = WHITE.match(self._text, end).end()  # type: ignore[union-attr]
        if colon >= len(self._text):
            return self._wait()
        if self._text[colon] != ":":
            raise self._malformed("expected : after the name of a member")
        self._at = colon + 1
        frame.key, frame.state = key, _VALUE
        return True

    def _members(self, frame: _Frame, first: re.Match[str]) -> bool:
        """Members with plain names, one behind the other, up to one that is walked into.

        What is skipped is read at once if all of it is there; only what is longer is walked through.
        """
        text, scan, name, handler = self._text, self._scan, frame.name, self._handler
        walked = self._shape.get(name, _NONE)
        found: re.Match[str] | None = first
        while found is not None:
            key = frame.key = found[1]
            frame.state = _VALUE
            at = self._at = found.end()
            into = walked.get(key)
            if into is not None and into != SKIP:
                if text[at] != "[":
                    return True
                if not text.startswith("]", at + 1):
                    self._enter(frame, _Frame(into, array=True))
                    return True
                self._at = at + 2
                frame.state = _NEXT
                found = _NEXT_MEMBER.match(text, at + 2)
                continue
            try:
                value, end = scan(text, at)
            except UNREADABLE as error:
                return (into == SKIP and text[at] == "[") or self._unread(error)
            if end > len(text) - 3 and is_torn(text, end):
                return True  # a number may go on
            if into is None:
                handler.member(name, key, value)
            self._at = end
            frame.state = _NEXT
            found = _NEXT_MEMBER.match(text, end)
        return True

    def _value(self, name: str, sign: str, frame: _Frame | None) -> bool:
        """A value at a place that the shape calls ``name``; in an object without a name it is a member."""
        of_object = frame is not None and not frame.array
        walked = (frame is None or not of_object or bool(name)) and (name in self._shape or name == SKIP)
        if name == SKIP and sign == "[":
            walked = True
        elif name == SKIP:
            walked = False
        if sign == "[" and (walked or (name and of_object) or frame is None):
            self._enter(frame, _Frame(name, array=True))
            return True
        if sign == "{" and walked:
            self._enter(frame, _Frame(name, array=False))
            self._handler.begin(name)
            return True
        found = self._decoded()
        if found is None:
            return False
        value, end = found
        if frame is not None:
            frame.state = _NEXT
        if name == SKIP:
            pass
        elif of_object and not name:
            assert frame is not None  # noqa: S101  # for the type checker
            self._handler.member(frame.name, frame.key, value)
        else:
            self._handler.item(name, value)
        self._at = end
        if frame is None:
            self._ended()
        return True

    def _enter(self, outer: _Frame | None, inner: _Frame) -> None:
        if outer is not None:
            outer.state = _NEXT
        if len(self._frames) >= limits.JSON_DEPTH:
            raise self._damage("limit_exceeded", f"more than {limits.JSON_DEPTH} values inside each other")
        self._at += 1
        self._frames.append(inner)

    def _ended(self) -> None:
        if not self._frames:
            self._documents += 1


_NONE: Final[Mapping[str, str]] = {}
