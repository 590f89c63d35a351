"""Files to events: each file goes through unpack, decode, detect and parse, and gets its verdict.

Whatever goes wrong while a file is read is that file's verdict and ends neither the import nor its
neighbours; only what another attempt may mend goes up.

Knows nothing of storage: it is given streams, and tells a ``Collector`` (in this process or in the
writer's) what it finds.
"""

import contextlib
import io
import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from report_contract.formatters import FORMATTERS
from report_contract.options import ImportOptions
from report_processor import limits
from report_processor.damage import Damage
from report_processor.decode import characters, decode
from report_processor.detect import Head, describe, is_binary_report, places_of_reports
from report_processor.events import COLUMNS, EMBED, LATE, ROWS, Event
from report_processor.formats import load, matches, nearest
from report_processor.parsing.base import LINES, Format, Parser
from report_processor.streams import CHUNK, Peeked, Readable
from report_processor.unpack import Member, Unpacker, UnpackLimits

_MAGIC: Final = 16
_REPORTS: Final = frozenset({".xml", ".json", ".jsonl", ".ndjson", ".trx", ".tap", ".nessus", ".plist", ".subunit"})
"""What names of reports end in."""

log = logging.getLogger(__name__)


class Collecting(Protocol):
    """What ``Collector`` and ``RemoteCollector`` have in common."""

    def begin_file(  # noqa: D102
        self, path: str, format_key: str, evidence: str, merge: bool = False, rows_alike: bool = False
    ) -> None: ...
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


@dataclass(slots=True)
class _Reading:
    """The report that is being read."""

    parser: Parser
    texts: "_Begun"
    results: bool = False
    """Whether there were any so far."""


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
        ends: tuple[type[Exception], ...] = (),
    ) -> None:
        """``formatter`` is a key of ``FORMATTERS`` or empty; ``tick`` is called between pieces and may raise.

        ``ends`` are the exceptions that are no fault of a file: they end the import, as ``MemoryError`` does.
        """
        self._collector: Final = collector
        self._named: Final = formatter
        self._options: Final = options or ImportOptions()
        self._unpacker: Final = Unpacker(unpack or UnpackLimits(), folder, self._skipped)
        self._keep: Final = keep
        self._tick: Final = tick
        self._ends: Final[tuple[type[Exception], ...]] = (MemoryError, *ends)
        self._reading: _Reading | None = None
        self._seen: list[str] = []
        self._detected = False
        self.verdicts: Final[dict[str, int]] = {"parsed": 0, "partly_parsed": 0, "rejected": 0, "attachment": 0}
        """Files so far, by verdict."""

    def file(self, path: str, stream: Readable) -> None:
        """Read one uploaded file. What is wrong with it becomes its verdict and its messages."""
        with self._contained(path):
            source = Peeked(stream)
            if not source.peek(1):
                raise Damage("empty_file", "")
            for member in self._unpacker.members(path, source):
                with self._contained(member.path):
                    self._member(member)
            while self._formats_read() and source.read(CHUNK):
                """To the end, so that the checksum is checked."""

    def missing(self, path: str, text: str) -> None:
        """A file that is not there."""
        self._give_up(path, Damage("missing_object", text))

    def finish(self) -> None:
        """After the last file: messages about the import as a whole."""
        good = self.verdicts["parsed"] + self.verdicts["partly_parsed"]
        options = self._options
        if self._detected and not options.ignore_unspecified_formatter:
            self._collector.note_import("unspecified_formatter", "")
        if not good and not options.ignore_empty_import and not self.verdicts["rejected"]:
            self._collector.note_import("zero_files_matched_formatters", "; ".join(self._seen) or "no file was sent")

    def _skipped(self, path: str) -> None:
        self._collector.note_import("link_skipped", path)

    def _formats_read(self) -> bool:
        return self.verdicts["parsed"] + self.verdicts["partly_parsed"] > 0

    @contextlib.contextmanager
    def _contained(self, path: str) -> Iterator[None]:
        """The boundary around one file: what is wrong with it, or with us who read it, is its verdict."""
        try:
            yield
        except Damage as damage:
            self._give_up(path, damage)
        except self._ends:
            raise
        except Exception as error:
            log.exception("Reading %s went wrong.", path)
            self._give_up(path, Damage("internal_error", f"{type(error).__name__} while {path} was read"))

    def _give_up(self, path: str, damage: Damage) -> None:
        """End the file that is being read with what was read of it; reject it when that is nothing."""
        reading, self._reading = self._reading, None
        collector = self._collector
        if reading is None:
            collector.begin_file(path, "", "")
        else:
            reading.texts.close()
            events = self._salvage(reading.parser, path)
            reading.results = reading.results or _has_results(events)
            collector.feed(self._without_files(path, events))
        collector.note(damage.code, damage.text, damage.line, damage.column)
        self._end_file("partly_parsed" if reading is not None and reading.results else "rejected")

    def _salvage(self, parser: Parser, path: str) -> list[Event]:
        try:
            return parser.salvage()
        except self._ends:
            raise
        except Exception:  # a parser that failed before may fail again
            log.exception("The last results of %s are lost.", path)
            return []

    def _member(self, member: Member) -> None:
        stream = Peeked(member.stream)
        notes = _Notes()
        magic = stream.peek(_MAGIC)
        if not magic and _lies_beside(member):
            self._attach(member, "empty", stream)
            return
        if not magic:
            raise Damage("empty_file", "")
        raw: list[bytes] = []
        keeping = [member.packed]
        pieces = self._pieces(stream, raw, keeping)
        texts = _Begun(characters(pieces) if is_binary_report(magic) else decode(pieces, notes.note))
        head = texts.head(magic)
        if not head.text.strip():
            raise texts.damage or Damage("empty_file", "it has white space only")
        self._detect(member, head, texts, notes, _Rejoined(raw, stream, keeping))

    def _detect(self, member: Member, head: Head, texts: "_Begun", notes: _Notes, again: "_Rejoined") -> None:
        found = matches(head, self._named)
        if not found:
            for start in places_of_reports(head):
                if found := matches(Head(head.text[start:], whole=head.whole), self._named):
                    notes.note("text_around_report", head.text.strip().partition("\n")[0].strip()[:100], 1, 1)
                    texts.skip(start)
                    break
        if len(found) == 1:
            again.forget()
            self._report(member.path, *found[0], texts, notes)
        elif found:
            keys = ", ".join(one.key for one, _ in found)
            raise Damage("multiple_formatter_match", f"it could be {keys}")
        else:
            self._no_report(member, head, again)

    def _pieces(self, stream: Readable, raw: list[bytes], keeping: list[bool]) -> Iterator[bytes]:
        while data := stream.read(CHUNK):
            if keeping[0]:
                raw.append(data)
            yield data

    def _report(self, path: str, found: Format, evidence: str, texts: "_Begun", notes: _Notes) -> None:
        collector = self._collector
        self._detected = self._detected or not self._named
        asked = self._options.merge_containers
        merge = (found.merges and self._options.smart) if asked is None else asked
        collector.begin_file(path, found.key, evidence, merge, found.rows_alike)
        reading = self._reading = _Reading(self._parser(found), texts)
        notes.release(collector.note)
        for events in _events(reading.parser, texts):
            reading.results = reading.results or _has_results(events)
            collector.feed(self._without_files(path, events))
            self._tick()
        self._reading = None
        self._end_file("parsed", found.may_be_empty)

    def _parser(self, found: Format) -> Parser:
        return found.plain() if found.plain is not None and not self._options.smart else found.parser()

    def _without_files(self, path: str, events: list[Event]) -> list[Event]:
        """Store the files that stand inside the report; the other events are for the collector."""
        if not any(event[0] == EMBED for event in events):
            return events
        for event in events:
            if event[0] == EMBED and self._keep is not None:
                self._keep(f"{path}!{event[1]}", io.BytesIO(event[2]))
        return [event for event in events if event[0] != EMBED]

    def _no_report(self, member: Member, head: Head, stream: Readable) -> None:
        kind = describe(head)
        if guess := nearest(head):
            kind += f", nearest to {FORMATTERS[guess].title}"
        self._saw(member.path, kind)
        if self._named and not head.binary and not head.html and not self._belongs(member, head):
            expects = FORMATTERS[self._named].expects
            raise Damage("formatter_mismatch", f"it is {kind}; expected is {expects}")
        self._attach(member, kind, stream)

    def _belongs(self, member: Member, head: Head) -> bool:
        """Whether a file may lie beside reports of the format that is named: what results name, logs, a project's own.

        A report of another format does not, nor one that looks as if it was meant to be a report.
        """
        named = load(self._named)
        if named.may_be_empty or not member.packed:
            return named.may_be_empty
        if head.xml_root is None and not head.looks_like_json:
            return LINES not in named.kinds
        return not nearest(head) and not matches(head, "")

    def _attach(self, member: Member, kind: str, stream: Readable) -> None:
        if member.packed and self._keep is not None:
            self._keep(member.path, stream)
        self._collector.begin_file(member.path, "", "")
        if not self._options.suppress_files_moved:
            self._collector.note("files_moved", f"it is {kind}")
        self._end_file("attachment")

    def _end_file(self, verdict: str, may_be_empty: bool = False) -> None:
        self._collector.end_file(verdict, not (may_be_empty or self._options.ignore_empty_report))
        self.verdicts[verdict] += 1

    def _saw(self, path: str, kind: str) -> None:
        if len(self._seen) < 5:
            self._seen.append(f"{path} is {kind}")


def _lies_beside(member: Member) -> bool:
    """Whether an empty file is surely no report whose tool died: the only thing that its name tells."""
    return member.packed and PurePosixPath(member.path).suffix.lower() not in _REPORTS


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

    def __init__(self, texts: Generator[str, None, None]) -> None:
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
                if size < limits.HEAD_LEAST:
                    continue
            head = Head("".join(self._begun)[: limits.HEAD], magic, piece is None)
            if piece is None or size >= limits.HEAD or not head.undecided:
                return head

    def skip(self, count: int) -> None:
        """Leave out so many characters at the beginning, but for the ends of their lines, so that these count."""
        begun = "".join(self._begun)
        self._begun = ["\n" * begun.count("\n", 0, count) + begun[count:]]

    def close(self) -> None:
        """Read no further. What was replaced so far is noted."""
        self._texts.close()

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


def _has_results(events: list[Event]) -> bool:
    return any(event[0] in {ROWS, COLUMNS, LATE} for event in events)
