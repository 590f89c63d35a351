"""Reading ahead: the same bytes in the same order, errors included, and no thread left behind."""

import hashlib
import io
import threading

import pytest

from report_processor.damage import Damage
from report_processor.sources import Ahead, Source
from report_processor.streams import CHUNK

DATA = bytes(range(256)) * 5000


def whole(stream, size):
    pieces = []
    while piece := stream.read(size):
        assert len(piece) <= size
        pieces.append(piece)
    return b"".join(pieces)


@pytest.mark.parametrize("size", [1000, CHUNK, 3 * CHUNK])
def test_the_bytes_are_the_same(size):
    with Ahead(io.BytesIO(DATA)) as ahead:
        assert whole(ahead, size) == DATA
        assert ahead.read(1) == b""


def test_an_error_is_raised_where_it_stands():
    source = Source(io.BytesIO(DATA), "0" * 64, lambda _: None)
    with Ahead(source) as ahead:
        pieces = [ahead.read(CHUNK) for _ in range(len(DATA) // CHUNK + 1)]
        with pytest.raises(Damage, match="expected 0000"):
            ahead.read(1)
    assert b"".join(pieces) == DATA


def test_the_right_checksum_is_no_error_and_bytes_are_counted():
    counted = []
    with Ahead(Source(io.BytesIO(DATA), hashlib.sha256(DATA).hexdigest(), counted.append)) as ahead:
        assert whole(ahead, CHUNK) == DATA
    assert sum(counted) == len(DATA)


def test_who_stops_early_leaves_no_thread_behind():
    class Endless:
        def read(self, size):
            return bytes(size)

    before = threading.active_count()
    with Ahead(Endless()) as ahead:
        ahead.read(1)
    assert threading.active_count() == before
