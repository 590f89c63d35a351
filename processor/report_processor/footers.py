"""Joins the footers of Parquet files that share one file, without taking them apart.

A footer is a Thrift structure in the compact protocol: format version, schema, number of rows, row
groups, and a few words about the writer. The row groups are a list of structures that refer to
nothing outside of themselves, so their bytes can be put behind each other. Arrow can join footers
too, but keeps 20 KB for each row group meanwhile, ten times its bytes.

The protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
The structure ``FileMetaData``: https://github.com/apache/parquet-format
"""

from collections.abc import Iterator, Sequence
from typing import Final

_ROWS: Final = 3
_GROUPS: Final = 4
_STOP, _TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(13)
_SAME: Final = {_TRUE: 0, _FALSE: 0, _BYTE: 1, _DOUBLE: 8}
"""Bytes of the values whose size does not depend on them."""


def join(footers: Sequence[bytes]) -> Iterator[bytes | memoryview]:
    """One footer for the row groups of all, in this order, in pieces. The schemas must be the same."""
    first, rest = footers[0], footers[1:]
    fields = _fields(first)
    # What stands behind the row groups says the same in all, so only one list must be walked through.
    behind = first[fields[_GROUPS][2] :]
    parts = [(_zigzag(first, fields[_ROWS][1]), *_elements(first, *fields[_GROUPS][1:]))]
    for footer in rest:
        if not footer.endswith(behind):
            raise ValueError("the footers are not of one writer")
        own = _fields(footer, until=_GROUPS)
        groups = _elements(footer, own[_GROUPS][1], len(footer) - len(behind))
        parts.append((_zigzag(footer, own[_ROWS][1]), *groups))
    last = 0
    for field, (kind, start, end) in fields.items():
        yield bytes([(field - last) << 4 | kind])
        last = field
        if field == _ROWS:
            yield _varint(sum(rows for rows, _, _ in parts) << 1)
        elif field == _GROUPS:
            count = sum(number for _, number, _ in parts)
            yield bytes([count << 4 | _STRUCT]) if count < 15 else bytes([0xF0 | _STRUCT]) + _varint(count)
            for _, _, elements in parts:
                yield elements
        else:
            yield first[start:end]
    yield bytes([_STOP])


def _fields(data: bytes, until: int = 0) -> dict[int, tuple[int, int, int]]:
    """The fields of the structure: type, and where the value begins and ends.

    With ``until`` only those up to that one, whose end is not looked for.
    """
    found: dict[int, tuple[int, int, int]] = {}
    at = field = 0
    while (kind := data[at] & 15) != _STOP:
        field, at = _field(data, at, field)
        if field == until:
            found[field] = (kind, at, len(data))
            break
        start, at = at, _skip(data, at, kind)
        found[field] = (kind, start, at)
    return found


def _field(data: bytes, at: int, last: int) -> tuple[int, int]:
    """The number of the field whose header is here, and where its value begins."""
    if delta := data[at] >> 4:
        return last + delta, at + 1
    number, at = _number(data, at + 1)
    return (number >> 1) ^ -(number & 1), at


def _elements(data: bytes, start: int, end: int) -> tuple[int, memoryview]:
    """How many elements a list has, and their bytes, which are not copied: of a large file they are megabytes."""
    count, _, at = _list(data, start)
    return count, memoryview(data)[at:end]


def _list(data: bytes, at: int) -> tuple[int, int, int]:
    """Size of the list that begins here, type of its elements, and where they begin."""
    count, kind = data[at] >> 4, data[at] & 15
    at += 1
    if count == 15:
        count, at = _number(data, at)
    return count, kind, at


def _skip(data: bytes, at: int, kind: int) -> int:
    """Where the value of this type that begins here ends."""
    if kind in _SAME:
        return at + _SAME[kind]
    if kind in {_I16, _I32, _I64}:
        return _number(data, at)[1]
    if kind == _BINARY:
        size, at = _number(data, at)
        return at + size
    if kind in {_LIST, _SET}:
        count, element, at = _list(data, at)
        for _ in range(count):
            at = at + 1 if element in {_TRUE, _FALSE} else _skip(data, at, element)
        return at
    if kind == _STRUCT:
        field = 0
        while (inner := data[at] & 15) != _STOP:
            field, at = _field(data, at, field)
            at = _skip(data, at, inner)
        return at + 1
    raise ValueError(f"a Parquet footer has no values of Thrift type {kind}")  # maps, for one


def _zigzag(data: bytes, at: int) -> int:
    number, _ = _number(data, at)
    return (number >> 1) ^ -(number & 1)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """The variable-length number that begins here, and where it ends."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7


def _varint(number: int) -> bytes:
    result = bytearray()
    while number > 127:
        result.append(number & 127 | 128)
        number >>= 7
    result.append(number)
    return bytes(result)
