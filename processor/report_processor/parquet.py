"""A Parquet file of two parts, written in one pass, in which the first part comes first.

Failures shall come first in ``tests.parquet``, but they are known last. Sorting would mean to hold
or to write everything twice. Parquet finds its row groups through the footer, so their order there
need not be their order in the file. Two writers share the file: each believes to write a file of
its own, of which the other's row groups are a gap. Before a row group, the writer's stream is moved
to the end of the real file (with bytes that go nowhere, so that its offsets are right); in the end
both footers are discarded, and one is written that lists the row groups of the first part and then
those of the second. A Parquet writer holds 20 KB for each row group that it has written; so every
``_ROTATE`` row groups a part takes a fresh one and keeps the footer of the old one as bytes, a tenth of that.
"""

from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa

# The class under pyarrow.parquet.ParquetWriter: importing that package brings file systems and 10 MB
# of memory, of the 128 MB that an import may take. pyarrow is pinned, and tests write and read files.
from pyarrow._parquet import ParquetWriter

from report_processor.footers import join

_MAGIC: Final = b"PAR1"
_GAP: Final = bytes(1 << 20)
_ROTATE: Final = 16
"""Row groups of one Parquet writer."""


class TwoPartFile:
    """Writes the file. ``first`` and ``second`` take tables in any order."""

    def __init__(self, path: Path, schema: pa.Schema, *, dictionary: list[str], rows: int, size: int) -> None:
        """Row groups end at ``rows`` rows or ``size`` bytes in memory; the columns of ``dictionary`` repeat."""
        self._file = path.open("wb")
        self._file.write(_MAGIC)
        self.first: Final = _Part(self._file, schema, dictionary, rows, size)
        self.second: Final = _Part(self._file, schema, dictionary, rows, size)

    def close(self) -> None:
        """Write what is left, and the footer."""
        size = sum(self._file.write(piece) for piece in join([*self.first.close(), *self.second.close()]))
        self._file.write(size.to_bytes(4, "little") + _MAGIC)
        self._file.close()


class _Part:
    """The row groups of one part."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, dictionary: list[str], rows: int, size: int) -> None:
        self._file: Final = file
        self._schema: Final = schema
        self._dictionary: Final = dictionary
        self._max_rows: Final = rows
        self._max_size: Final = size
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0
        self._size = 0
        self._footers: Final[list[bytes]] = []
        self._open()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows; they are written when a row group is full."""
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._size += batch.nbytes
        if self._rows >= self._max_rows or self._size >= self._max_size:
            self._write()

    def close(self) -> list[bytes]:
        """Write what is left; returns the footers of this part."""
        self._write()
        self._rotate()
        return self._footers

    def _open(self) -> None:
        self._gate = _Gate(self._file)
        self._stream = pa.PythonFile(self._gate, mode="w")
        self._groups = 0
        self._writer = ParquetWriter(
            self._stream,
            self._schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=self._dictionary,
            write_statistics=["id", "container_id", "status", "duration"],
            store_schema=False,  # else readers would get dictionary types instead of strings
            data_page_size=1 << 18,
            version="2.6",
            writer_engine_version="V2",
        )

    def _rotate(self) -> None:
        self._writer.close()
        self._footers.append(_footer(self._writer.metadata))

    def _write(self) -> None:
        if not self._batches:
            return
        if self._groups >= _ROTATE:
            self._rotate()
            self._open()
        self._groups += 1
        table = pa.Table.from_batches(self._batches, self._schema).unify_dictionaries()
        self._batches = []
        self._rows = self._size = 0
        gap = self._gate.position() - self._stream.tell()
        while gap > 0:
            gap -= self._stream.write(_GAP[:gap])
        self._gate.open = True
        self._writer.write_table(table, row_group_size=table.num_rows)
        self._gate.open = False


def _footer(metadata: Any) -> bytes:
    """The bytes of a footer, without its length and the marks around it."""
    stream = pa.BufferOutputStream()
    metadata.write_metadata_file(stream)
    data: bytes = stream.getvalue().to_pybytes()
    return data[len(_MAGIC) : -4 - len(_MAGIC)]


class _Gate:
    """The file as one writer sees it: lets row groups through, and nothing else."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file: Final = file
        self.open = False

    def position(self) -> int:
        return self._file.tell()

    def write(self, data: bytes) -> int:
        if self.open:
            self._file.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    def close(self) -> None:
        self.closed = True
