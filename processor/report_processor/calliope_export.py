"""A report as Calliope JSON, which ``formats.calliope`` reads back without a loss.

``CalliopeExport`` is a sink. Results and containers come when they are settled, containers after what is in
them, so their texts wait in a file and an index of it in memory: about 200 bytes for each container and each
run of results that follow each other, nothing for a result. When everything has come, ``pieces`` writes the
tree: in each container first its results, then the containers in it.

The asset's object key, the file and the line are left out: they are this server's and this import's.
"""

import codecs
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from report_contract.formatters import origin_of
from report_processor.batch import Batch, ContainerRow
from report_processor.batch_rows import rows_of
from report_processor.events import STATUSES

_ALWAYS: Final = ("id", "title", "classification", "status", "duration", "history_hash")
_IF_ANY: Final = (
    "description",
    "exception_name",
    "exception_description",
    "exception_backtrace",
    "flaky",
    "labels",
    "attempts",
)

_PIECE: Final = 1 << 20
_DECODER: Final = codecs.getincrementaldecoder("utf-8")

_Place = tuple[int, int]
"""Offset and size of a text in the file."""


class _Run:
    """Results of one container whose numbers follow each other."""

    __slots__ = ("first", "last", "offset", "size")

    def __init__(self, first: int, offset: int) -> None:
        self.first: Final = first
        self.last: int = first - 1
        self.offset: Final = offset
        self.size = 0


class CalliopeExport:
    """A ``collect.Sink`` that writes one JSON document at the end."""

    def __init__(self, folder: Path) -> None:
        """``folder`` takes the file."""
        self._spill: Final = (folder / "calliope").open("w+b")
        self._end = 0
        self._heads: dict[int, _Place] = {}
        """By container."""
        self._inside: dict[int, list[int]] = {}
        """Containers in each container; 0 is the report."""
        self._runs: dict[int, list[_Run]] = {}
        """Results in each container."""

    def results(self, batch: Batch) -> None:
        """See ``collect.Sink``."""
        texts: list[bytes] = []
        for row in rows_of(batch):
            runs = self._runs.setdefault(row["container_id"], [])
            text = _json(_result(row)).encode()
            run = runs[-1] if runs else None
            if run is None or run.last + 1 != row["id"] or run.offset + run.size != self._end:
                run = _Run(row["id"], self._end)
                runs.append(run)
            else:
                text = b",\n" + text
            run.last = row["id"]
            run.size += len(text)
            self._end += len(text)
            texts.append(text)
        self._spill.write(b"".join(texts))

    def containers(self, rows: list[ContainerRow]) -> None:
        """See ``collect.Sink``."""
        for row in rows:
            text = _json(_container(row)).encode()
            self._heads[row[0]] = (self._end, len(text))
            self._inside.setdefault(row[1], []).append(row[0])
            self._spill.write(text)
            self._end += len(text)

    def close(self) -> None:
        """See ``collect.Sink``."""
        self._spill.flush()

    def titles_of(self, _history_hashes: set[str]) -> dict[str, tuple[str, int]]:
        """See ``collect.Sink``. The messages that would name them are not written."""
        return {}

    def pieces(self, summary: Mapping[str, Any]) -> Iterator[str]:
        """After ``close``: the document, in pieces. ``summary`` is the collector's. Call it once."""
        yield from self._tree(0, _json(_report(summary)))
        yield "\n"
        self._spill.close()

    def _tree(self, number: int, head: str) -> Iterator[str]:
        yield f"{head[:-1]}, "
        yield '"results": ['
        for index, run in enumerate(sorted(self._runs.get(number, ()), key=lambda run: run.first)):
            yield ",\n" if index else "\n"
            yield from self._read(run.offset, run.size)
        yield '], "containers": ['
        for index, inner in enumerate(sorted(self._inside.get(number, ()))):
            yield ",\n" if index else "\n"
            yield from self._tree(inner, "".join(self._read(*self._heads[inner])))
        yield "]}"

    def _read(self, offset: int, size: int) -> Iterator[str]:
        """A text of the file, in pieces."""
        decoder = _DECODER()
        end = offset + size
        while offset < end:
            self._spill.seek(offset)
            data = self._spill.read(min(end - offset, _PIECE))
            offset += len(data)
            yield decoder.decode(data)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _report(summary: Mapping[str, Any]) -> dict[str, Any]:
    read = summary["verdicts"].get("parsed", 0) + summary["verdicts"].get("partly_parsed", 0)
    moment = summary["date"]
    return {
        "origin": origin_of(summary["formats"]),
        "import_status": 0 if read else 1,
        "date": None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z"),
        **{name: summary["system"].get(name, "") for name in ("os", "platform", "build")},
        "status_hash": summary["status_hash"],
        "duration": summary["duration"],
        **{f"count_{name}": count for name, count in summary["counts"].items()},
    }


def _container(row: ContainerRow) -> dict[str, Any]:
    number, _, _, _, title, classification, description, labels, counts, duration = row
    head = {"id": number, "title": title, "classification": classification, "description": description}
    told = {"labels": [{"name": name, "value": value} for name, value in labels]} if labels else {}
    stated = {f"count_{name}": count for name, count in zip(STATUSES, counts, strict=True)}
    return {**head, **told, "duration": duration, "count_total": sum(counts), **stated}


def _result(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: row[name] for name in _ALWAYS}
    found.update((name, row[name]) for name in _IF_ANY if row[name])
    if row["assets"]:
        found["assets"] = [{"name": asset["name"]} for asset in row["assets"]]
    return found
