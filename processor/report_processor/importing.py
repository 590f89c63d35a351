"""Files to events: each file goes through unpack, decode, detect and parse, and gets its verdict.

Knows nothing of storage: it is given streams, and tells a ``Collector`` (in this process or in the
writer's) what it finds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from report_contract.formatters import FORMATTERS
from report_contract.options import ImportOptions
from report_processor import limits
from report_processor.damage import Damage
from report_processor.decode import decode
from report_processor.detect import Head, describe
from report_processor.events import COLUMNS, OPEN, ROWS, Event
from report_processor.formats import FORMATS, Format, Parser
from report_processor.unpack import CHUNK, Member, Peeked, Readable, Unpacker, UnpackLimits

_MAGIC: Final = 16


class Collecting(Protocol):
    """What ``Collector`` and ``RemoteCollector`` have in common."""

    def begin_file(self, path: str, format_key: str, evidence: str) -> None: ...  # noqa: D102
    def end_file(self, verdict: str, warn_empty: bool = True) -> None: ...  # noqa: D102
    def attachment(self, name: str, key: str) -> None: ...  # noqa: D102
    def note(self, code: str, text: str, line: int = 0, column: int = 0) -> None: ...  # noqa: D102
    def note_import(self, code: str, text: str) -> None: ...  # noqa: D102
    def feed(self, events: list[Event]) -> None: ...  # noqa: D102


Keep = Callable[[str, Readable], None]
"""``keep(path, stream)`` stores a member of an archive that is no report; may raise ``Damage``."""


@dataclass(slots=True)
class _Notes:
    """Notes that arise before it is known whether they matter."""

    kept: list[tuple[str, str, int, int]] = field(default_factory=list)
    target: Callable[[str, str, int, int], None] | None = None

    def note(self, code: str, text: str, line: int = 0, column: int = 0) -> None:
        if self.target is None:
            self.kept.append((code, text, line, column))
        else:
            self.target(code, text, line, column)

    def release(self, target: Callable[[str, str, int, int], None]) -> None:
        self.target = target
        for note in self.kept:
            target(*note)
        self.kept.clear()


class Importing:
    """Reads the files of one import."""

    def __init__(
        self,
        collector: Collecting,
        folder: Path,
        *,
        formatter: str = "",
        options: ImportOptions | None = None,
        unpack: UnpackLimits | None = None,
        keep: Keep | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """``formatter`` is a key of ``FORMATS`` or empty; ``tick`` is called between pieces and may raise."""
        self._collector: Final = collector
        self._formats: Final = [FORMATS[formatter]] if formatter else list(FORMATS.values())
        self._forced: Final = bool(formatter)
        self._options: Final = options or ImportOptions()
        self._unpacker: Final = Unpacker(unpack or UnpackLimits(), folder)
        self._keep: Final = keep
        self._tick: Final = tick
        self._seen: list[str] = []
        self._detected = False
        self.verdicts: Final[dict[str, int]] = {"parsed": 0, "partly_parsed": 0, "rejected": 0, "attachment": 0}
        """Files so far, by verdict."""

    def file(self, path: str, stream: Readable) -> None:
        """Read one uploaded file. What is wrong with it becomes its verdict and its messages."""
        source = Peeked(stream)
        try:
            if not source.peek(1):
                self._reject(path, "empty_file", "")
                return
            for member in self._unpacker.members(path, source):
                self._member(member)
            while self._formats_read() and source.read(CHUNK):
                """To the end, so that the checksum is checked."""
        except Damage as damage:
            self._reject(path, damage.code, damage.text, damage.line, damage.column)

    def missing(self, path: str, text: str) -> None:
        """A file that is not there."""
        self._reject(path, "missing_object", text)

    def finish(self) -> None:
        """After the last file: messages about the import as a whole."""
        good = self.verdicts["parsed"] + self.verdicts["partly_parsed"]
        options = self._options
        if self._detected and not options.ignore_unspecified_formatter:
            self._collector.note_import("unspecified_formatter", "")
        if not good and not options.ignore_empty_import and not self.verdicts["rejected"]:
            self._collector.note_import("zero_files_matched_formatters", "; ".join(self._seen) or "no file was sent")

    def _formats_read(self) -> bool:
        return self.verdicts["parsed"] + self.verdicts["partly_parsed"] > 0

    def _member(self, member: Member) -> None:
        stream = Peeked(member.stream)
        magic = b""
        notes = _Notes()
        try:
            magic = stream.peek(_MAGIC)
            if not magic:
                self._reject(member.path, "empty_file", "")
                return
        except Damage as damage:
            self._reject(member.path, damage.code, damage.text, damage.line, damage.column)
            return
        raw: list[bytes] = []
        keeping = [member.packed]
        texts = _Begun(decode(self._pieces(stream, raw, keeping), notes.note))
        head = texts.head(magic)
        if (early := texts.damage) is not None and not head.text.strip():
            self._reject(member.path, early.code, early.text, early.line, early.column)
        elif not head.text.strip():
            self._reject(member.path, "empty_file", "it has white space only")
        else:
            self._detect(member, head, texts, notes, _Rejoined(raw, stream, keeping))

    def _detect(self, member: Member, head: Head, texts: "_Begun", notes: _Notes, again: "_Rejoined") -> None:
        matches = [(found, evidence) for found in self._formats if (evidence := found.recognise(head))]
        if len(matches) == 1:
            again.forget()
            self._report(member.path, *matches[0], texts, notes)
        elif matches:
            keys = ", ".join(found.key for found, _ in matches)
            self._reject(member.path, "multiple_formatter_match", f"it could be {keys}")
        else:
            self._no_report(member, head, again)

    def _pieces(self, stream: Readable, raw: list[bytes], keeping: list[bool]) -> Iterator[bytes]:
        while data := stream.read(CHUNK):
            if keeping[0]:
                raw.append(data)
            yield data

    def _report(self, path: str, found: Format, evidence: str, texts: Iterable[str], notes: _Notes) -> None:
        collector = self._collector
        self._detected = self._detected or not self._forced
        collector.begin_file(path, found.key, evidence)
        notes.release(collector.note)
        parser = found.parser()
        anything = False
        try:
            for events in _events(parser, texts):
                anything = anything or _has_content(events)
                collector.feed(events)
                self._tick()
            verdict = "parsed"
        except Damage as damage:
            events = parser.salvage()
            collector.feed(events)
            collector.note(damage.code, damage.text, damage.line, damage.column)
            verdict = "partly_parsed" if anything or _has_content(events) else "rejected"
        collector.end_file(verdict, not self._options.ignore_empty_report)
        self.verdicts[verdict] += 1

    def _no_report(self, member: Member, head: Head, stream: Readable) -> None:
        kind = describe(head)
        self._saw(member.path, kind)
        if self._forced and not head.binary and not head.html:
            expects = FORMATTERS[self._formats[0].key].expects
            self._reject(member.path, "formatter_mismatch", f"it is {kind}; expected is {expects}")
            return
        collector = self._collector
        collector.begin_file(member.path, "", "")
        if not self._options.suppress_files_moved:
            collector.note("files_moved", f"it is {kind}")
        if member.packed and self._keep is not None:
            self._keep(member.path, stream)
        collector.end_file("attachment")
        self.verdicts["attachment"] += 1

    def _reject(self, path: str, code: str, text: str, line: int = 0, column: int = 0) -> None:
        self._collector.begin_file(path, "", "")
        self._collector.note(code, text, line, column)
        self._collector.end_file("rejected")
        self.verdicts["rejected"] += 1

    def _saw(self, path: str, kind: str) -> None:
        if len(self._seen) < 5:
            self._seen.append(f"{path} is {kind}")


class _Rejoined:
    """The bytes that were read already, then the rest."""

    def __init__(self, raw: list[bytes], stream: Readable, keeping: list[bool]) -> None:
        self._raw: Final = raw
        self._stream: Final = stream
        self._keeping: Final = keeping

    def forget(self) -> None:
        """Keep nothing any more: the file is a report and will be parsed."""
        self._keeping[0] = False
        self._raw.clear()

    def read(self, size: int, /) -> bytes:
        pieces: list[bytes] = []
        while size > 0:
            data = self._raw.pop(0) if self._raw else self._stream.read(size)
            if not data:
                break
            if len(data) > size:
                self._raw.insert(0, data[size:])
                data = data[:size]
            pieces.append(data)
            size -= len(data)
        return b"".join(pieces)


class _Begun:
    """The text of a file, whose beginning can be looked at. Damage there is raised behind the beginning."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts: Final = texts
        self._begun: list[str] = []
        self.damage: Damage | None = None
        """Damage in the beginning."""

    def head(self, magic: bytes) -> Head:
        """The beginning, as much as it takes to say what the file is."""
        size = 0
        while True:
            piece = self._next()
            if piece is not None:
                self._begun.append(piece)
                size += len(piece)
            head = Head("".join(self._begun)[: limits.HEAD], magic, piece is None)
            if piece is None or size >= limits.HEAD or not head.undecided:
                return head

    def __iter__(self) -> Iterator[str]:
        while self._begun:
            yield self._begun.pop(0)
        if self.damage is not None:
            raise self.damage
        yield from self._texts

    def _next(self) -> str | None:
        try:
            return next(self._texts, None)
        except Damage as damage:
            self.damage = damage
            return None


def _events(parser: Parser, texts: Iterable[str]) -> Iterator[list[Event]]:
    for text in texts:
        yield parser.feed(text)
    yield parser.close()


def _has_content(events: list[Event]) -> bool:
    return any(event[0] in {ROWS, COLUMNS, OPEN} for event in events)
