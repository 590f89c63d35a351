"""Reads an XML property list of Xcode's test results. See ``xctest`` for what is in it."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import ClassVar, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Details
from report_processor.formats.xctest.activities import Activities
from report_processor.formats.xctest.plist import (
    ACTIVITY,
    ATTACHMENT,
    DEVICE,
    FAILURE,
    METRIC,
    NODE,
    NODES,
    PLATFORM,
    TESTABLE,
    Frame,
    PropertyList,
)
from report_processor.formats.xctest.skim import INSIDE, Plan, TestSkimmer, plan
from report_processor.formats.xctest.words import kind_of_failure
from report_processor.parsing.draft import Draft
from report_processor.parsing.shapes import Run

_STATUS: Final = {
    "Success": PASSED,
    "Failure": FAILED,
    "Skipped": SKIPPED,
    "Expected Failure": UNKNOWN,
    "No Status": UNKNOWN,
}
_EXTENSION: Final = re.compile(r"[A-Za-z0-9]{2,5}")
_APPLE: Final = 978_307_200
"""2001-01-01, where Apple's seconds begin, in those of POSIX."""
_PAIRS: Final = 50
"""Values of a failure."""
_PENDING: Final = 4
"""Groups that wait for their names to tell that they failed themselves."""


class XCTestParser(PropertyList):
    """See ``xctest``."""

    ROOTS: ClassVar = frozenset({"plist"})

    def __init__(self) -> None:
        super().__init__()
        self.xml.skimmer = TestSkimmer("dict", {}, self._among_tests, plan, self._take_tests, INSIDE)

    # Values

    def scalar(self, frame: Frame, key: str, text: str, kind: str) -> None:
        """See ``PropertyList``."""
        role = frame.role
        if role in {NODE, TESTABLE}:
            if key:
                self._draft(frame).label(key, text.strip())
        elif role == ACTIVITY:
            if key == "StartTimeInterval":
                self._started(text)
        elif role == ATTACHMENT:
            if kind == "data":
                self._embed(frame, text)
        elif len(frame.fields) < _PAIRS:
            frame.fields[key] = text

    def number(self, frame: Frame, text: str) -> None:
        """See ``PropertyList``."""
        if len(frame.numbers) < limits.LABELS:
            frame.numbers.append(text.strip()[:40])

    # Containers, results and what belongs to them

    def begun(self, frame: Frame) -> None:
        """See ``PropertyList``."""
        if frame.role == NODES:
            self._open(self.frames[-2])
        elif frame.role == ACTIVITY:
            activities = self._owner_activities()
            if activities is not None:
                activities.open()

    def ended(self, frame: Frame) -> None:
        """See ``PropertyList``."""
        role = frame.role
        if role == NODE:
            self._end_node(frame)
        elif role == TESTABLE:
            self._end_testable(frame)
        elif role == FAILURE:
            self._fail(frame.fields)
        elif role == ACTIVITY:
            self._end_activity(frame.fields)
        elif role == ATTACHMENT:
            self._attach(frame)
        elif role == METRIC:
            self._measure(frame)
        elif role == PLATFORM:
            self.frames[-2].fields["Platform"] = frame.fields.get("UserDescription") or frame.fields.get("Name", "")
        elif role == DEVICE:
            self._device(frame.fields)

    def _open(self, owner: Frame) -> None:
        """A container begins, in which the tests are that follow."""
        if owner.opened:
            return
        owner.opened = True
        name = owner.fields.get("TestName")
        owner.named = name is not None
        if name is None:
            self.recorder.open_unnamed(owner.line)
        else:
            self.recorder.open(name or self._unnamed(owner), _class(owner), owner.line)
        if name is not None or sum(one.draft is not None for one in self.owners) > _PENDING:
            self._record_own(owner)

    def _close(self, frame: Frame) -> None:
        self._record_own(frame)
        fields = frame.fields
        if not frame.named:
            self.recorder.name(fields.get("TestName") or self._unnamed(frame), _class(frame))
        identifier = fields.get("TestIdentifier", "")
        described = [identifier] if identifier != fields.get("TestName") else []
        described += [f"{name}: {fields[name]}" for name in ("TargetName", "ProjectPath") if fields.get(name)]
        self.recorder.close("\n".join(text for text in described if text))

    def _record_own(self, frame: Frame) -> None:
        """What a group or target has to tell of itself is a result when it failed."""
        draft, frame.draft, frame.activities = frame.draft, None, None
        if draft is None:
            return
        if draft.exception or draft.status != PASSED:
            draft.title = frame.fields.get("TestName") or self._unnamed(frame)
            draft.status = BROKEN
            draft.record(self.recorder)
        else:
            self.recorder.note("unknown_element", "values of a group of tests were left out", frame.line)

    def _end_testable(self, frame: Frame) -> None:
        self._open(frame)
        self._close(frame)

    def _end_node(self, frame: Frame) -> None:
        fields = frame.fields
        if frame.opened:
            self._close(frame)
            return
        if self.damaged and not fields and frame.draft is None:
            return
        word = fields.get("TestStatus")
        if word is None and frame.draft is None and "TestIdentifier" not in fields and "TestName" in fields:
            self._end_testable(frame)  # a group without tests
            return
        name, identifier = fields.get("TestName", ""), fields.get("TestIdentifier", "")
        plain = frame.draft is None and frame.activities is None and word == "Success" and name.strip()
        if plain and len(name) <= limits.TITLE:
            duration = self.seconds(fields.get("Duration", ""))
            details: Details = (identifier, "", "", "", False, (), (), ())
            self.recorder.rows.append((name, "", PASSED, duration, frame.line, details if identifier else None))
            return
        draft = self._draft(frame)
        draft.title = name or identifier
        draft.describe(identifier)
        draft.duration = self.seconds(fields.get("Duration", ""))
        draft.status = self._status(draft, word, frame)
        if frame.activities is not None:
            draft.trace(frame.activities.text())
            if frame.activities.hidden:
                text = f"{frame.activities.hidden} activities of a test are not shown"
                self.recorder.note("field_cut", text, frame.line)
        draft.record(self.recorder)

    def _among_tests(self) -> bool:
        return self.at_dictionaries(NODES)

    def _take_tests(self, run: Run[Plan]) -> None:
        title, identifier, duration = run.plan
        for values, line in zip(run.rows, run.lines(), strict=False):
            details: Details | None = None
            if identifier >= 0 and values[identifier]:
                details = (values[identifier], "", "", "", False, (), (), ())
            seconds = float(values[duration]) if duration >= 0 else None
            self.recorder.rows.append((values[title], "", PASSED, seconds, line, details))

    def _status(self, draft: Draft, word: str | None, frame: Frame) -> int:
        status = _STATUS.get((word or "").strip(), UNKNOWN)
        if (word is None and not self.damaged) or (word is not None and word.strip() not in _STATUS):
            self.recorder.note("unknown_status", f"TestStatus: {(word or 'none')[:100]}", frame.line)
        return BROKEN if status == FAILED and draft.status == BROKEN else status

    def _unnamed(self, frame: Frame) -> str:
        fields = frame.fields
        return fields.get("TargetName") or fields.get("TestIdentifier") or f"group at line {frame.line}"

    # Inside a test

    def _owner(self) -> Frame | None:
        """The test or target that the frame at hand belongs to."""
        return self.owners[-1] if self.owners else None

    def _draft(self, frame: Frame) -> Draft:
        if frame.draft is None:
            frame.draft = Draft("", "", PASSED, frame.line)
        return frame.draft

    def _owner_activities(self) -> Activities | None:
        owner = self._owner()
        if owner is None:
            return None
        if owner.activities is None:
            owner.activities = Activities()
        return owner.activities

    def _fail(self, fields: dict[str, str]) -> None:
        owner = self._owner()
        if owner is None:
            return
        draft, message = self._draft(owner), fields.get("Message", "").strip()
        status = BROKEN if owner.role == TESTABLE else kind_of_failure(message)
        told = message if draft.exception or len(message) > limits.EXCEPTION_NAME or "\n" in message else ""
        pairs = [
            f"{name}: {value}"
            for name, value in fields.items()
            if value and name != "Message" and (name, value) != ("PerformanceFailure", "false")
        ]
        draft.fail(status, message, "\n".join([told, *pairs] if told else pairs))

    def _started(self, text: str) -> None:
        owner = self._owner()
        if owner is not None and not owner.dated:
            owner.dated = True
            try:
                seconds = float(text[:40])
            except ValueError:
                return
            if 0 < seconds < _APPLE:
                self.recorder.date(seconds + _APPLE)

    def _end_activity(self, fields: dict[str, str]) -> None:
        owner, activities = self._owner(), self._owner_activities()
        if owner is None or activities is None:
            return
        activities.close(fields.get("Title", "") or fields.get("ActivityType", ""))
        if fields.get("HasScreenshotData") == "true" and fields.get("UUID"):
            self._draft(owner).asset(f"Screenshot_{fields['UUID']}.png")

    def _attach(self, frame: Frame) -> None:
        owner = self._owner()
        name = frame.fields.get("Filename") or frame.fields.get("FileName") or frame.embedded
        if owner is not None and name:
            self._draft(owner).asset(name)

    def _embed(self, frame: Frame, text: str) -> None:
        if self._owner() is None:
            return
        try:
            data = b64decode(text)
        except (Base64Error, ValueError):
            self.note("field_cut", f"an embedded file of {len(text)} characters cannot be decoded")
            return
        _, _, written = frame.fields.get("Name", "").rpartition(".")
        guessed = "png" if data[:4] == b"\x89PNG" else "jpg" if data[:2] == b"\xff\xd8" else "dat"
        kind = written if _EXTENSION.fullmatch(written) else guessed
        frame.embedded = self.recorder.embed(data, f".{kind}")

    def _measure(self, frame: Frame) -> None:
        owner = self._owner()
        name = frame.fields.get("Name") or frame.fields.get("Identifier", "")
        if owner is not None and name and frame.numbers:
            unit = frame.fields.get("UnitOfMeasurement", "")
            self._draft(owner).label(name, f"{' '.join(frame.numbers)} {unit}".strip())

    def _device(self, fields: dict[str, str]) -> None:
        os = f"{fields.get('Platform', '')} {fields.get('OperatingSystemVersion', '')}".strip()
        self.recorder.system(os=os, platform=fields.get("ModelName") or fields.get("Name", ""))


def _class(frame: Frame) -> str:
    return "target" if frame.role == TESTABLE else "suite"
