"""Small builders: read text or bytes the way an import does, and see what came out."""

import io
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from report_contract.options import ImportOptions
from report_processor import outcome
from report_processor.batch import Batch, ContainerRow
from report_processor.batch_rows import rows_of
from report_processor.collect import Collector
from report_processor.events import STATUSES
from report_processor.importing import Importing
from report_processor.retries import Held
from report_processor.streams import Readable
from report_processor.unpack import UnpackLimits


class Rows:
    """A sink that keeps every result and container as a dictionary."""

    def __init__(self) -> None:
        self.results_seen: list[dict[str, Any]] = []
        self.containers_seen: dict[int, dict[str, Any]] = {}

    def results(self, batch: Batch) -> None:
        for row in rows_of(batch):
            attempts = [(STATUSES.index(attempt["status"]), *list(attempt.values())[1:]) for attempt in row["attempts"]]
            pairs = {name: [tuple(pair.values()) for pair in row[name]] for name in ("labels", "assets")}
            self.results_seen.append({**row, **pairs, "line": row["line"] or 0, "attempts": attempts})

    def containers(self, rows: list[ContainerRow]) -> None:
        names = [
            "id",
            "parent",
            "file",
            "line",
            "title",
            "classification",
            "description",
            "labels",
            "counts",
            "duration",
        ]
        self.containers_seen.update((row[0], dict(zip(names, row, strict=True))) for row in rows)

    def close(self) -> None:
        pass

    def titles_of(self, history_hashes: set[str]) -> dict[str, tuple[str, int]]:
        return {
            row["history_hash"]: (row["title"], row["line"])
            for row in self.results_seen
            if row["history_hash"] in history_hashes
        }


class Read:
    """What an import of some files gives."""

    def __init__(self, summary: dict[str, Any], verdicts: dict[str, int], rows: Rows, options: ImportOptions) -> None:
        self.summary = summary
        self.results = sorted(rows.results_seen, key=lambda row: row["id"])
        self.containers = [rows.containers_seen[number] for number in sorted(rows.containers_seen)]
        self.files = summary["files"]
        self.counts = summary["counts"]
        self.phase, self.reason = outcome.judge(verdicts, self.counts, options)

    @property
    def file(self) -> dict[str, Any]:
        """The only file."""
        (found,) = self.files
        return found

    @property
    def codes(self) -> list[str]:
        """Codes of the only file's messages, sorted."""
        return sorted(message["code"] for message in self.file["messages"])

    def message(self, code: str) -> dict[str, Any]:
        """The message with this code."""
        (found,) = (message for message in self.summary["messages"] if message["code"] == code)
        return found

    def path(self, result: dict[str, Any]) -> list[str]:
        """Titles of the containers around a result."""
        by_id = {container["id"]: container for container in self.containers}
        titles = []
        number = result["container_id"]
        while number:
            titles.append(by_id[number]["title"])
            number = by_id[number]["parent"]
        return titles[::-1]


class Trickle:
    """A stream that gives at most ``size`` bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream = io.BytesIO(data)
        self._size = size

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._size))


def read(
    *files: bytes | str | tuple[str, Readable | bytes],
    formatter: str = "",
    unpack: UnpackLimits | None = None,
    attachments: dict[str, str] | None = None,
    keep: Any = None,
    **options: Any,
) -> Read:
    """Import files: contents, or pairs of name and content or stream."""
    rows = Rows()
    chosen = ImportOptions(**options)
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(rows, Path(folder), bad_apart=False)
        for name, key in (attachments or {}).items():
            collector.attachment(name, key)
        importing = Importing(collector, Path(folder), formatter=formatter, options=chosen, unpack=unpack, keep=keep)
        for number, file in enumerate(files, 1):
            name, content = file if isinstance(file, tuple) else (f"{number}.xml", file)
            data = content.encode() if isinstance(content, str) else content
            importing.file(name, io.BytesIO(data) if isinstance(data, bytes) else data)
        importing.finish()
        return Read(outcome.in_words(collector.finish()), importing.verdicts, rows, chosen)


def read_apart(*files: bytes | str | tuple[str, Readable | bytes], **options: Any) -> Read:
    """The same, but repeated tests stay apart: what a parser says, before a pass is joined with failures before it."""
    with mock.patch.object(Held, "take", return_value=[]):
        return read(*files, **options)
