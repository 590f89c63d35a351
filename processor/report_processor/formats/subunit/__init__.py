"""Subunit, version 2: the binary stream of Python's testtools, stestr and others.

Its parser is fed text in which each character is a byte: see ``BINARY`` in ``base``.
"""

import codecs
import re
from typing import Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.detect import Head, is_binary_report
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Event, Recorder
from report_processor.formats.subunit.packets import Packet, PacketReader
from report_processor.parsing.base import BINARY, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import LONGEST
from report_processor.parsing.texts import Budget, LongText

_EXISTS: Final = 1
_RUNS: Final = 2
_STATUSES: Final = {3: PASSED, 4: FAILED, 5: SKIPPED, 6: FAILED, 7: UNKNOWN}
_UNEXPECTED: Final = 4
_EXPECTED: Final = 7
_TESTS: Final = 10_000
"""Tests that run at a time; of more, nothing is known but how they end."""
_FILES: Final = 20
_FILE: Final = 128_000
_EMBEDDED: Final = 4_000_000
_TEXTS: Final = 16_000_000
_RAISED: Final = re.compile(r"([A-Za-z_][\w.]{0,300})(?:: (.*))?$", re.DOTALL)


class _File:
    """An attached file while it is read: as text, or as bytes to be stored."""

    def __init__(self, mime: str, budget: Budget) -> None:
        self._text: LongText | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.data = bytearray()
        self.cut = 0
        self.is_text = not mime or mime.startswith(("text/", "application/json"))
        self.mime: Final = mime
        self._budget: Final = budget

    def add(self, content: bytes) -> None:
        if not self.is_text:
            room = _EMBEDDED - len(self.data)
            self.data += content[:room]
            self.cut += max(0, len(content) - room)
        elif content:
            if self._text is None:
                self._text = LongText(_FILE, self._budget)
            self._text.add(self._decoder.decode(content))

    def end(self) -> str:
        if self._text is None:
            return ""
        self._text.add(self._decoder.decode(b"", True))
        text = self._text.text()
        self.cut += self._text.cut
        self._text.drop()
        return text


class _Test:
    def __init__(self, offset: int) -> None:
        self.offset: Final = offset
        self.began: float | None = None
        self.files: dict[str, _File] = {}
        self.tags: list[str] = []
        self.runs = False


class SubunitParser:
    """Reads one file."""

    def __init__(self) -> None:
        self.recorder: Final = Recorder()
        self._packets: Final = PacketReader()
        self._budget: Final = Budget(_TEXTS)
        self._running: dict[str, _Test] = {}
        self._dated = False

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        for packet in self._packets.feed(text.encode("latin-1", "replace")):
            self._take(packet)
        return self.recorder.take()

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        torn, offset, strange = self._packets.torn, self._packets.offset, self._packets.strange
        for packet in self._packets.rest():
            torn = False
            self._take(packet)
        if torn:
            self._packets.strange = strange
        self._finish()
        if torn:
            raise Damage("truncated_file", f"the file ends inside a packet that begins at byte {offset}")
        return self.recorder.take()

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        self._finish()
        return self.recorder.take()

    def _take(self, packet: Packet) -> None:
        if packet.time is not None and not self._dated:
            self._dated = True
            self.recorder.date(packet.time)
        if not packet.test:
            return  # output of no test
        test = self._running.get(packet.test)
        if test is None:
            test = _Test(packet.offset)
            if len(self._running) < _TESTS:
                self._running[packet.test] = test
        if packet.content is not None and (packet.file in test.files or len(test.files) < _FILES):
            test.files.setdefault(packet.file, _File(packet.mime, self._budget)).add(packet.content)
        test.tags += [tag for tag in packet.tags if tag not in test.tags][: limits.LABELS - len(test.tags)]
        if packet.status == _RUNS:
            test.runs = True
            test.began = packet.time if test.began is None else test.began
        elif packet.status == _EXISTS:
            self._running.pop(packet.test, None)
        elif packet.status in _STATUSES:
            self._running.pop(packet.test, None)
            self._end(packet, test)

    def _end(self, packet: Packet, test: _Test) -> None:
        draft = Draft(packet.test, "", _STATUSES[packet.status])
        if packet.time is not None and test.began is not None and 0 <= packet.time - test.began < LONGEST:
            draft.duration = round(packet.time - test.began, 9)
        if packet.status == _UNEXPECTED:
            draft.message("it passed, though it was expected to fail")
        elif packet.status == _EXPECTED:
            draft.label("expected_failure", "fails")
        self._tell(draft, test)
        draft.record(self.recorder)

    def _tell(self, draft: Draft, test: _Test) -> None:
        for tag in test.tags:
            draft.label("tag", tag)
        for name, file in test.files.items():
            if not file.is_text:
                self._embed(draft, name, file)
                continue
            text = file.end()
            if name == "reason":
                draft.message(text)
            elif name == "traceback" or file.mime.startswith("text/x-traceback"):
                self._raised(draft, text)
            elif text:
                draft.output(f"{name}:\n{text}" if name else text)
            if file.cut:
                self.recorder.note("field_cut", f"{file.cut} characters of {name[:100]} were cut")

    def _raised(self, draft: Draft, text: str) -> None:
        """A traceback of Python ends in the exception, and what it says may have several lines."""
        draft.trace(text)
        lines = text.rstrip("\n").split("\n")
        last = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].startswith("  ")), -1) + 1
        found = _RAISED.match("\n".join(lines[last:]))
        if found is not None and draft.status == FAILED:
            draft.exception = draft.exception or found[1]
            draft.message(found[2] or "")

    def _embed(self, draft: Draft, name: str, file: _File) -> None:
        if file.cut:
            self.recorder.note("field_cut", f"{len(file.data) + file.cut} bytes of {name[:100]} were left out")
            return
        ending = re.sub(r"[^a-z0-9]", "", file.mime.partition(";")[0].rpartition("/")[2].lower())[:10] or "bin"
        stored = self.recorder.embed(bytes(file.data), f".{ending}")
        draft.asset(stored)
        draft.label("file", f"{stored}: {name[: limits.LABEL_NAME]}")

    def _finish(self) -> None:
        for name, test in self._running.items():
            draft = Draft(name, "", BROKEN if test.runs else UNKNOWN)
            draft.message("it began and did not end" if test.runs else "it has no outcome")
            self._tell(draft, test)
            draft.record(self.recorder)
        self._running.clear()
        packets = self._packets
        for offset in packets.broken:
            self.recorder.note("unknown_element", f"what begins as a packet at byte {offset} is none")
        if packets.strange:
            self.recorder.note("unknown_element", f"{packets.strange} bytes between packets: output of tests")
        packets.broken, packets.strange = [], 0


def recognise(head: Head) -> str | None:
    """The signature and the version of the first packet."""
    return "a packet of subunit, version 2" if is_binary_report(head.data) else None


FORMAT: Final = Format(
    key="subunit",
    origin="subunit",
    title="Subunit 2",
    expects="The binary stream of subunit, version 2, as python -m subunit.run, stestr last --subunit, testtools and "
    "subunit-output write it. It begins with a packet.",
    example="\xb3)\x03\x16\x0dlogin.SignsIn\x15H\xd7\xf5",
    mapping="Each test is a result with its id as title; there are no containers. success is passed, fail failed, skip "
    "skipped; uxsuccess is failed, as unittest counts it, and xfail unknown with a label. A test that began and did "
    "not end is broken. A traceback gives the exception; other texts follow as output; other files are stored.",
    kinds=(BINARY,),
    recognise=recognise,
    parser=SubunitParser,
    limits="Version 1, which is text and which stestr stores, is not read. Output between packets is left out.",
)
