"""Subunit, version 2, as python-subunit writes it: two packets for each test; characters stand for one byte each."""

from collections.abc import Iterator
from struct import pack
from zlib import crc32

_RUNS, _PASSED, _FAILED = 2, 3, 6


def pieces(tests: int) -> Iterator[str]:
    """A file with that many tests, one of fifty failed."""
    for number in range(1, tests + 1):
        test = f"tests.module_{number % 17}.Cases.test_does_what_test_{number}_says"
        yield _packet(number, test, _RUNS)
        if number % 50:
            yield _packet(number, test, _PASSED)
            continue
        trace = (
            "Traceback (most recent call last):\n"
            f'  File "/project/tests/module_{number % 17}.py", line {number}, in test_does_what_test_{number}_says\n'
            f"    self.assertEqual({number}, 0)\nAssertionError: {number} != 0\n"
        )
        yield _packet(number, test, 0, trace)
        yield _packet(number, test, _FAILED)


def _packet(number: int, test: str, status: int, trace: str = "") -> str:
    flags = 0x2B00 | status | (0x0060 if trace else 0)
    body = pack(">I", 1_769_860_800 + number) + _number(number * 1000) + _text(test)
    if trace:
        body += _text('text/x-traceback; charset="utf8"; language="python"') + _text("traceback") + _text(trace)
    length = next(size for size in range(1, 5) if 7 + len(body) + size < 1 << (8 * size - 2))
    packet = b"\xb3" + pack(">H", flags) + _number(7 + len(body) + length, length) + body
    return (packet + pack(">I", crc32(packet))).decode("latin-1")


def _text(text: str) -> bytes:
    data = text.encode()
    return _number(len(data)) + data


def _number(value: int, size: int = 0) -> bytes:
    size = size or next(size for size in range(1, 5) if value < 1 << (8 * size - 2))
    return (value | (size - 1) << (8 * size - 2)).to_bytes(size, "big")
