"""The report as Parquet: ``tests.parquet`` and ``containers.parquet``.

Their columns are described in ``report_contract.report``; a test holds the two against each other.
(The schemas are written down here once more because this module runs in the writer process, which
has no room for the contract's models.) Arrow arrays are made from buffers where Python lists would
have to be walked: at 700,000 rows every 0.1 microsecond a row and column is 0.07 seconds.
"""

from array import array
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from report_processor.batch import Batch, ContainerRow
from report_processor.events import BROKEN, FAILED, PASSED, STATUSES
from report_processor.parquet import TwoPartFile

_ROWS: Final = 8_192
_BYTES: Final = 1 << 20

_NAMES: Final = pa.dictionary(pa.int32(), pa.string())
_LABEL: Final = pa.struct([("name", _NAMES), ("value", _NAMES)])
_PLAIN_LABEL: Final = pa.struct([("name", pa.string()), ("value", pa.string())])
_ASSET: Final = pa.struct([("name", pa.string()), ("key", pa.string())])
_ATTEMPT: Final = pa.struct(
    [
        ("status", pa.string()),
        ("duration", pa.float64()),
        ("exception_name", pa.string()),
        ("exception_description", pa.string()),
        ("exception_backtrace", pa.string()),
    ]
)


def _field(name: str, kind: pa.DataType, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable)


TESTS: Final = pa.schema(
    [
        _field("id", pa.int64()),
        _field("file", _NAMES),
        _field("line", pa.int64(), nullable=True),
        _field("container_id", pa.int64()),
        _field("container_path", _NAMES),
        _field("title", pa.string()),
        _field("classification", _NAMES),
        _field("description", pa.string()),
        _field("status", _NAMES),
        _field("duration", pa.float64(), nullable=True),
        _field("exception_name", pa.string()),
        _field("exception_description", pa.string()),
        _field("exception_backtrace", pa.string()),
        _field("flaky", pa.bool_()),
        _field("attempts", pa.list_(_ATTEMPT)),
        _field("labels", pa.list_(_LABEL)),
        _field("assets", pa.list_(_ASSET)),
        _field("history_hash", pa.string()),
    ]
)
CONTAINERS: Final = pa.schema(
    [
        _field("id", pa.int64()),
        _field("parent_id", pa.int64(), nullable=True),
        _field("file", pa.string()),
        _field("line", pa.int64(), nullable=True),
        _field("title", pa.string()),
        _field("classification", pa.string()),
        _field("description", pa.string()),
        _field("labels", pa.list_(_PLAIN_LABEL)),
        _field("total", pa.int64()),
        *(_field(status, pa.int64()) for status in STATUSES),
        _field("duration", pa.float64(), nullable=True),
    ]
)
_STATUS_NAMES: Final = pa.array(STATUSES)


class Tables:
    """A ``collect.Sink`` that writes both files into a folder."""

    def __init__(self, folder: Path) -> None:
        self.tests: Final = folder / "tests.parquet"
        self.containers_path: Final = folder / "containers.parquet"
        self._tests: Final = TwoPartFile(
            self.tests,
            TESTS,
            dictionary=["file", "container_path", "classification", "status", "exception_name"],
            rows=_ROWS,
            size=_BYTES,
        )
        self._containers: Final = TwoPartFile(
            self.containers_path, CONTAINERS, dictionary=["file", "classification"], rows=_ROWS, size=_BYTES
        )

    def results(self, batch: Batch) -> None:
        """See ``collect.Sink``."""
        bad = batch.statuses.get(0, PASSED) in {FAILED, BROKEN}
        (self._tests.first if bad else self._tests.second).add(_results(batch))

    def containers(self, rows: list[ContainerRow]) -> None:
        """See ``collect.Sink``. Sorted by id within what is written at once."""
        self._containers.second.add(_containers(sorted(rows, key=lambda row: row[0])))

    def close(self) -> None:
        """See ``collect.Sink``."""
        self._tests.close()
        self._containers.close()

    def titles_of(self, history_hashes: set[str]) -> dict[str, tuple[str, int]]:
        """See ``collect.Sink``."""
        from pyarrow import parquet as pq  # noqa: PLC0415  # large, and few reports have duplicates

        found: dict[str, tuple[str, int]] = {}
        with pq.ParquetFile(self.tests) as file:
            for batch in file.iter_batches(8192, columns=["line", "title", "history_hash"]):
                lines, titles, hashes = (batch.column(name) for name in ("line", "title", "history_hash"))
                for row, value in enumerate(hashes.to_pylist()):
                    if value in history_hashes and value not in found:
                        found[value] = (titles[row].as_py(), lines[row].as_py() or 0)
                if len(found) == len(history_hashes):
                    break
        return found


def _results(batch: Batch) -> pa.RecordBatch:
    count = len(batch)
    files, containers, paths = batch.places()
    names = pa.array(batch.names, pa.string())

    def coded(codes: "array[int]") -> pa.Array:
        return pa.DictionaryArray.from_arrays(_numbers(codes, pa.int32()), names)

    statuses = array("i", bytes(4 * count))
    for row, status in batch.statuses.items():
        statuses[row] = status
    assets = [
        pa.array([name for name, _ in batch.assets], pa.string()),
        pa.array([key for _, key in batch.assets], pa.string()),
    ]
    columns = [
        _numbers(batch.ids, pa.int64()),
        coded(files),
        _lines(batch.lines),
        _numbers(containers, pa.int64()),
        coded(paths),
        pa.array(batch.titles, pa.string()),
        coded(batch.classifications),
        _texts(batch, 0, count),
        pa.DictionaryArray.from_arrays(_numbers(statuses, pa.int32()), _STATUS_NAMES),
        pa.array(batch.durations, pa.float64()),
        _texts(batch, 1, count),
        _texts(batch, 2, count),
        _texts(batch, 3, count),
        _flags([row for row, details in batch.details.items() if details[4]], count),
        _list(_offsets(batch.attempt_counts, count), _ATTEMPT, _attempts(batch.attempts)),
        _list(batch.label_offsets, _LABEL, [coded(batch.label_names), coded(batch.label_values)]),
        _list(_offsets(batch.asset_counts, count), _ASSET, assets),
        _hexadecimal(batch.digests),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=TESTS)


def _containers(rows: list[ContainerRow]) -> pa.RecordBatch:
    numbers, parents, files, lines, titles, kinds, descriptions, labels, counts, durations = zip(*rows, strict=True)
    flat = [label for owned in labels for label in owned]
    columns = [
        pa.array(numbers, pa.int64()),
        pa.array([parent or None for parent in parents], pa.int64()),
        pa.array(files, pa.string()),
        pa.array([line or None for line in lines], pa.int64()),
        pa.array(titles, pa.string()),
        pa.array(kinds, pa.string()),
        pa.array(descriptions, pa.string()),
        _list(
            array("i", accumulate(map(len, labels), initial=0)),
            _PLAIN_LABEL,
            [pa.array([name for name, _ in flat], pa.string()), pa.array([value for _, value in flat], pa.string())],
        ),
        pa.array([sum(found) for found in counts], pa.int64()),
        *(pa.array([found[status] for found in counts], pa.int64()) for status in range(len(STATUSES))),
        pa.array(durations, pa.float64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=CONTAINERS)


def _numbers(values: "array[int]", kind: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _lines(values: "array[int]") -> pa.Array:
    return pa.array([line or None for line in values], pa.int64()) if 0 in values else _numbers(values, pa.int64())


def _texts(batch: Batch, index: int, count: int) -> pa.Array:
    """Description, exception name, exception description or backtrace: mostly empty."""
    found = {row: details[index] for row, details in batch.details.items() if details[index]}
    data = [str(text).encode() for text in found.values()]
    offsets = _offsets(dict(zip(found, map(len, data), strict=True)), count)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(b"".join(data)))


def _flags(rows: list[int], count: int) -> pa.Array:
    """A column that is true in these rows."""
    bits = bytearray(count // 8 + 1)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return pa.BooleanArray.from_buffers(pa.bool_(), count, [None, pa.py_buffer(bits)])


def _attempts(flat: list[tuple[Any, ...]]) -> list[pa.Array]:
    return [
        pa.array([STATUSES[attempt[0]] for attempt in flat], pa.string()),
        pa.array([attempt[1] for attempt in flat], pa.float64()),
        *(pa.array([attempt[index] for attempt in flat], pa.string()) for index in (2, 3, 4)),
    ]


def _offsets(sizes: dict[int, int], count: int) -> "array[int]":
    """Where the values of each row begin and those of the last one end, from the sizes of some rows, ascending."""
    offsets = array("i")
    at = last = 0
    for row, size in sizes.items():
        offsets.extend(array("i", [at]) * (row + 1 - last))
        at += size
        last = row + 1
    offsets.extend(array("i", [at]) * (count + 1 - last))
    return offsets


def _list(offsets: "array[int]", kind: pa.StructType, fields: Sequence[Any]) -> pa.Array:
    """A list column from where each list begins and the flat values of all."""
    values = pa.StructArray.from_arrays(fields, fields=list(kind))
    return pa.ListArray.from_buffers(pa.list_(kind), len(offsets) - 1, [None, pa.py_buffer(offsets)], children=[values])


def _hexadecimal(digests: list[bytes]) -> pa.Array:
    """Digests of 20 bytes as 40 digits each, without a Python object for each."""
    digits = b"".join(digests).hex().encode()
    offsets = array("i", range(0, len(digits) + 1, 40))
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(offsets), pa.py_buffer(digits))
