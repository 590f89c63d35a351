"""Walks through an XML property list of Xcode's test results and holds nothing that is not wanted.

Every dictionary and array has a role by the key it stands under, such as FAILURE for the dictionaries in
``FailureSummaries`` of a test. What has none is passed over.
"""

from typing import ClassVar, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import Event
from report_processor.formats.xctest.activities import Activities
from report_processor.parsing.draft import Draft
from report_processor.parsing.xml_format import XmlFormat

ROOT: Final = "root"
DESTINATION: Final = "destination"
DEVICE: Final = "device"
PLATFORM: Final = "platform"
TESTABLE: Final = "testable"
NODE: Final = "node"
NODES: Final = "nodes"
FAILURE: Final = "failure"
ACTIVITY: Final = "activity"
ATTACHMENT: Final = "attachment"
METRIC: Final = "metric"
_NUMBERS: Final = "numbers"
_OTHER: Final = ""

_DICTIONARIES: Final = {
    (ROOT, "RunDestination"): DESTINATION,
    (DESTINATION, "TargetDevice"): DEVICE,
    (DEVICE, "Platform"): PLATFORM,
}
_ARRAYS: Final = {
    (ROOT, "TestableSummaries"): "testables",
    (TESTABLE, "Tests"): NODES,
    (NODE, "Subtests"): NODES,
    (TESTABLE, "FailureSummaries"): "failures",
    (NODE, "FailureSummaries"): "failures",
    (NODE, "ActivitySummaries"): "activities",
    (ACTIVITY, "SubActivities"): "activities",
    (ACTIVITY, "Attachments"): "attachments",
    (NODE, "PerformanceMetrics"): "metrics",
    (METRIC, "Measurements"): _NUMBERS,
}
_ELEMENTS: Final = {
    "testables": TESTABLE,
    NODES: NODE,
    "failures": FAILURE,
    "activities": ACTIVITY,
    "attachments": ATTACHMENT,
    "metrics": METRIC,
}
_KEPT: Final[dict[str, dict[str, bool]]] = {
    NODE: {
        **dict.fromkeys(("TestName", "TestIdentifier", "TestStatus", "Duration"), True),
        **dict.fromkeys(("TestObjectClass", "TestSummaryGUID"), False),
    },
    TESTABLE: {
        **dict.fromkeys(("TestName", "TestIdentifier", "ProjectPath", "TargetName"), True),
        **dict.fromkeys(("TestObjectClass", "DiagnosticsDirectory", "BuildableIdentifier"), False),
    },
    ACTIVITY: dict.fromkeys(("Title", "ActivityType", "UUID", "HasScreenshotData"), True),
    ATTACHMENT: dict.fromkeys(("Name", "Filename", "FileName"), True),
}
"""By role and key: what is kept and what nobody needs. ``scalar`` is asked about all other values."""
_TEXTS: Final = frozenset({"key", "string", "integer", "real", "date", "data"})
_LEAVES: Final = _TEXTS | {"true", "false"}
_OWNERS: Final = frozenset({NODE, TESTABLE})
_DEEPEST: Final = 100_000
"""Elements inside each other."""
_DEEP: Final = 250
"""Dictionaries and arrays inside each other, past which texts are cut short: no test lies so deep."""
_SHORT: Final = 100


class Frame:
    """A dictionary or array that is open."""

    __slots__ = (
        "activities",
        "dated",
        "draft",
        "embedded",
        "fields",
        "kept",
        "key",
        "limit",
        "line",
        "named",
        "numbers",
        "opened",
        "role",
    )

    def __init__(self, role: str, line: int, limit: int) -> None:
        self.role: Final = role
        self.line: Final = line
        self.limit: Final = limit
        """Characters of a text in it."""
        self.kept: Final = _KEPT.get(role, {})
        self.key = ""
        """The last one that was read."""
        self.fields: dict[str, str] = {}
        self.numbers: list[str] = []
        self.draft: Draft | None = None
        self.activities: Activities | None = None
        self.dated = False
        self.embedded = ""
        self.opened = False
        """Its container has begun."""
        self.named = False
        """The container had a name from the beginning."""


class PropertyList(XmlFormat):
    """A subclass overrides ``scalar``, ``number``, ``begun`` and ``ended``."""

    KNOWN: ClassVar = _LEAVES | {"plist", "dict", "array"}

    def __init__(self) -> None:
        super().__init__()
        self.frames: Final[list[Frame]] = []
        """Dictionaries and arrays that are open, from the outermost."""
        self.owners: Final[list[Frame]] = []
        """Of these the tests, groups and targets."""
        self.damaged = False
        """The file ended too early."""
        self._other: Final = Frame(_OTHER, 0, 0)
        self._leaf = False
        """A text, number or truth value is open."""
        self._pieces: Final[list[str]] = []
        """Of the text that is open, or of the white space since. Taken all the time: to stop and go costs more."""
        self._append: Final = self._pieces.append
        self._dropped = 0

    def scalar(self, frame: Frame, key: str, text: str, kind: str) -> None:
        """A text, number or truth value in a dictionary that has a role."""

    def number(self, frame: Frame, text: str) -> None:
        """A number in an array of numbers; ``frame`` is the dictionary around it."""

    def begun(self, frame: Frame) -> None:
        """A dictionary or array that has a role begins."""

    def ended(self, frame: Frame) -> None:
        """A dictionary or array that has a role ends; it is still the last of ``frames``."""

    def at_dictionaries(self, role: str) -> bool:
        """Whether an array of this role is open, in which texts are not cut short, and nothing in it."""
        return not self._leaf and 0 < len(self.frames) < _DEEP and self.frames[-1].role == role

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        events = super().feed(text)
        if len(self._pieces) > 1:
            self._shorten()
        return events

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self.damaged = True
        while self.frames:
            self._pop_frame()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _LEAVES:
            if self._leaf:
                raise Damage("malformed", f"<{name}> inside of a text or a number", *self.position())
            self._leaf = True
            self._pieces.clear()
        elif name in {"dict", "array"}:
            self.path.append(name)
            if len(self.path) > _DEEPEST:
                text = f"more than {_DEEPEST} elements inside each other"
                raise Damage("limit_exceeded", text, *self.position())
            self._push_frame(name)
        else:
            super()._start(name, attributes)

    def _end(self, name: str) -> None:
        if name in _LEAVES:
            self._leaf = False
            if self.frames and (frame := self.frames[-1]).role:
                pieces = self._pieces
                self._take(frame, name, pieces[0] if len(pieces) == 1 else "".join(pieces))
        elif name in {"dict", "array"}:
            if self.frames:
                self._pop_frame()
            self.path.pop()
        else:
            super()._end(name)

    def _shorten(self) -> None:
        """Keep a text that arrives in pieces within its limit."""
        limit = self.frames[-1].limit if self.frames else 0
        text = "".join(self._pieces) if self._leaf else ""
        self._dropped += max(0, len(text) - limit - 1)
        self._pieces[:] = [text[: limit + 1]]

    def _take(self, frame: Frame, kind: str, text: str) -> None:
        if len(text) > frame.limit:
            self.note("field_cut", f"{len(text) - frame.limit + self._dropped} characters of <{kind}> were cut")
            text = text[: frame.limit]
        self._dropped = 0
        if kind == "key":
            frame.key = text
        elif frame.role == _NUMBERS:
            self.number(self.frames[-2], text)
        elif frame.role not in _ELEMENTS:
            key, frame.key = frame.key, ""
            if kind not in _TEXTS:
                text = kind
            kept = frame.kept.get(key)
            if kept:
                frame.fields[key] = text
            elif kept is None:
                self.scalar(frame, key, text, kind)

    def _push_frame(self, name: str) -> None:
        above = self.frames[-1] if self.frames else None
        if above is None:
            role = ROOT if name == "dict" else _OTHER
        elif name == "dict":
            role = _ELEMENTS.get(above.role) or _DICTIONARIES.get((above.role, above.key), _OTHER)
        else:
            role = _ARRAYS.get((above.role, above.key), _OTHER)
        if not role:
            self.frames.append(self._other)
            return
        self.xml.collect(self._append)
        frame = Frame(role, self.position()[0], self._limit(role))
        self.frames.append(frame)
        if role in _OWNERS:
            self.owners.append(frame)
        self.begun(frame)

    def _limit(self, role: str) -> int:
        if len(self.frames) > _DEEP:
            return _SHORT
        if role == ATTACHMENT:
            return limits.VALUE
        return limits.EXCEPTION_DESCRIPTION if role == FAILURE else limits.LABEL_VALUE

    def _pop_frame(self) -> None:
        frame = self.frames[-1]
        if frame.role:
            self.ended(frame)
            if frame.role in _OWNERS:
                self.owners.pop()
        self.frames.pop()
