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

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from report_processor import limits
from report_processor.damage import Damage
from report_processor.parsing.json_cut import JsonCutter
from report_processor.parsing.json_skim import JsonSkimmer

SKIP: Final = "~"
Shape = Mapping[str, Mapping[str, str]]

_WHITE: Final = re.compile(r"[\s\ufeff]*")
_SEPARATOR: Final = re.compile(r"\s*,\s*")
_TEXT: Final = re.compile(r"""[^\s{}\[\]:,"]|\[[^\s\[{\]"]""")
"""How a line behind a document begins that is no JSON: what the build printed. Numbers and words are not documents."""
_TORN: Final = 12
"""Characters at the end of a piece that may be the torn beginning of a number, a literal or an escape."""
_MEMBER: Final = re.compile(r'"([^"\\\x00-\x1f]*)"\s*:\s*(?=\S)')
_NEXT_MEMBER: Final = re.compile(r'\s*,\s*"([^"\\\x00-\x1f]*)"\s*:\s*(?=\S)')
_GOES_ON: Final = frozenset({"", ".", "e", "E", "e+", "e-", "E+", "E-"})
"""What may stand at the end of a piece behind a number that is torn: ``0.`` is read as 0."""
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_HALF: Final = re.compile("[\ud800-\udfff]")
_UNREADABLE: Final = (ValueError, StopIteration, RecursionError)
"""What the scanner of the standard library raises."""
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


class JsonReader:
    """Text in pieces in, calls of a handler out."""

    def __init__(self, handler: JsonHandler, shape: Shape, note: Callable[[str, str, int, int], None]) -> None:
        self._handler: Final = handler
        self._shape: Final = shape
        self._note: Final = note
        self._scan: Final = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]  # not in the stubs
        self._frames: list[_Frame] = []
        self._text = ""
        self._at = 0
        self._try_at = 0
        """Characters that must be there before it is worth trying again."""
        self._placed = 0
        self._line, self._column = 1, 1
        self._cutter: JsonCutter | None = None
        self._documents = 0
        self._final = False
        self._in_text = self._told_text = False
        """Whether a line of text that is no JSON goes on; whether one was noted."""
        self._replaced = 0
        self._halves = False
        """Whether there may be halves of surrogate pairs in the text."""
        self.skimmers: Final[dict[str, JsonSkimmer[Any]]] = {}
        """For the objects at places of the shape, by their names. They take what they can; the handler gets the
        rest."""

    @property
    def line(self) -> int:
        """Line of the value that was read last, from 1."""
        return self.position()[0]

    def position(self) -> tuple[int, int]:
        """Line and column of the value that was read last, from 1."""
        start, stop = self._placed, self._at
        if start < stop:
            breaks = self._text.count("\n", start, stop)
            if breaks:
                self._line += breaks
                self._column = stop - self._text.rfind("\n", start, stop)
            else:
                self._column += stop - start
            self._placed = stop
        return self._line, self._column

    def feed(self, text: str) -> None:
        """The next piece. Raises ``Damage``."""
        if self._cutter is not None:
            text = self._cut(self._cutter, text)
            if self._cutter is not None:
                return
        if self._in_text:
            text = text[text.index("\n") :] if "\n" in text else ""
            self._in_text = not text
        self.position()
        self._text = self._text[self._at :] + text if self._at < len(self._text) else text
        self._at = self._placed = 0
        self._halves = _SURROGATE.search(self._text) is not None
        if len(self._text) >= self._try_at:
            self._try_at = 0
            self._walk()

    def close(self) -> None:
        """The end of the file. Raises ``Damage`` when a value does not end before it."""
        self._final = True
        if self._cutter is None:
            self._walk()
        if self._cutter is not None or self._frames or not self._documents:
            line, column = self._end_of_text()
            raise Damage("truncated_file", "the file ends inside a JSON value", line, column)

    def tell(self) -> None:
        """Note what was replaced; at the end, or after damage."""
        if self._replaced:
            self._note("replaced_characters", f"{self._replaced} halves of surrogate pairs became U+FFFD", 0, 0)
            self._replaced = 0

    # Walking

    def _walk(self) -> None:
        text = self._text
        white = _WHITE.match
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
            skimmer.learn(self._text, self._at, _SEPARATOR if frame else _WHITE)
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
            except _UNREADABLE as error:
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
        colon = _WHITE.match(self._text, end).end()  # type: ignore[union-attr]
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
            except _UNREADABLE as error:
                return (into == SKIP and text[at] == "[") or self._unread(error)
            if end > len(text) - 3 and _torn(text, end):
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

    # Values

    def _decoded(self) -> tuple[Any, int] | None:
        """The value at ``_at`` and where it ends; None when it is not there as a whole yet."""
        text, at = self._text, self._at
        try:
            value, end = self._scan(text, at)
        except _UNREADABLE as error:
            self._unread(error)
            return None
        if end > len(text) - 3 and not self._final and _torn(text, end):
            self._wait()
            return None  # a number may go on
        if self._halves and _SURROGATE.search(text, at, end):
            value = self._whole_characters(value)
        return value, end

    def _unread(self, error: Exception) -> bool:
        """The value at ``_at`` cannot be read: it is not there as a whole yet (False), or wrong (raises)."""
        if isinstance(error, StopIteration):
            self._not_yet(int(error.value), "expected a value")
        elif isinstance(error, json.JSONDecodeError):
            place = len(self._text) if error.msg.startswith("Unterminated") else error.pos
            self._not_yet(place, error.msg)
        elif isinstance(error, RecursionError):
            raise self._damage("limit_exceeded", "values are nested too deep") from None
        else:
            raise self._malformed(str(error)) from error
        return False

    def _not_yet(self, at: int, what: str) -> None:
        if at < len(self._text) - _TORN or (self._final and at < len(self._text)):
            self._at = max(self._at, at)
            raise self._malformed(what)
        if self._final:
            raise self._damage("truncated_file", "the file ends inside a JSON value")
        self._wait()

    def _wait(self) -> bool:
        """There is not enough text. A value that grows too long is cut from here on."""
        size = len(self._text) - self._at
        if size > limits.VALUE and self._text[self._at] in '{["':
            cutter = self._cutter = JsonCutter(limits.VALUE)
            cutter.feed(self._text[self._at :])
            self.position()
            self._text = ""
            self._at = self._placed = 0
        else:
            self._try_at = 2 * size
        return False

    def _cut(self, cutter: JsonCutter, text: str) -> str:
        """Follow an over-long value; returns the text to go on with when it has ended."""
        end = cutter.feed(text)
        if not cutter.done:
            return ""
        self._cutter = None
        if cutter.dropped:
            self._note("field_cut", f"{cutter.dropped} characters of one value were cut", self._line, self._column)
        return cutter.value() + text[end:]

    def _whole_characters(self, value: Any) -> Any:
        if isinstance(value, str):
            text, count = _HALF.subn("\ufffd", value)
            self._replaced += count
            return text
        if isinstance(value, list):
            return [self._whole_characters(one) for one in value]
        if isinstance(value, dict):
            return {self._whole_characters(key): self._whole_characters(one) for key, one in value.items()}
        return value

    # Damage

    def _malformed(self, what: str) -> Damage:
        return self._damage("malformed", f"no well-formed JSON: {what}")

    def _damage(self, code: str, text: str) -> Damage:
        return Damage(code, text, *self.position())

    def _end_of_text(self) -> tuple[int, int]:
        self._at = len(self._text)
        return self.position()


_NONE: Final[Mapping[str, str]] = {}


def _torn(text: str, end: int) -> bool:
    """Whether what was read up to here is a number or a word that may go on in the next piece."""
    return text[end - 1] not in '"}]' and text[end:] in _GOES_ON
