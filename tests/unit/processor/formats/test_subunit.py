"""Subunit: what the fixtures do not show."""

import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.damage import Damage
from report_processor.formats.subunit import FORMAT, SubunitParser
from report_processor.formats.subunit import packets as subunit_packets
from report_processor.formats.subunit.packets import PacketReader

RUNS, PASSED, UNEXPECTED, SKIPPED, FAILED, EXPECTED = range(2, 8)


def number(value, size=0):
    size = size or next(size for size in range(1, 5) if value < 1 << (8 * size - 2))
    return (value | (size - 1) << (8 * size - 2)).to_bytes(size, "big")


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return number(len(data)) + data


def packet(test, status, *, time=None, tags=(), file=None, mime="", content=b"", route=""):
    flags, body = 0x2000 | status, b""
    if time is not None:
        flags |= 0x0200
        seconds, nanoseconds = divmod(round(time * 10**9), 10**9)
        body += seconds.to_bytes(4, "big") + number(nanoseconds)
    if test:
        flags |= 0x0800
        body += text(test)
    if tags:
        flags |= 0x0080
        body += number(len(tags)) + b"".join(map(text, tags))
    if mime:
        flags |= 0x0020
        body += text(mime)
    if file is not None:
        flags |= 0x0040
        body += text(file) + text(content)
    if route:
        flags |= 0x0400
        body += text(route)
    length = next(size for size in range(1, 5) if 7 + size + len(body) < 1 << (8 * size - 2))
    data = b"\xb3" + flags.to_bytes(2, "big") + number(7 + length + len(body), length) + body
    return data + zlib.crc32(data).to_bytes(4, "big")


def test_the_example_is_recognised():
    assert read(FORMAT.example.encode("latin-1")).counts["passed"] == 1


@pytest.mark.parametrize("data", [b"\xb3\x10\x00", b"\xb3", b"\xb3 is a cube\n", b"test: a\nsuccess: a\n"])
def test_other_files_are_no_reports(data):
    assert read(data).file["format"] in {"", "subunit"}
    assert not read(data).counts["total"]


def test_parts_of_all_kinds_are_read():
    data = packet("a", RUNS, time=10.5) + packet("a", 0, file="log", mime="text/plain", content=b"one ", tags=["x"])
    data += packet("a", 0, file="log", content="zw\u00f6lf".encode()[:3]) + packet(
        "a", 0, file="log", content=b"\xb6lf"
    )
    data += packet("a", FAILED, time=12.25, tags=["x", "y"], route="0/1")
    (found,) = read(data).results

    assert found["duration"] == 1.75
    assert found["labels"] == [("tag", "x"), ("tag", "y")]
    assert "log:\none zw" in found["exception_backtrace"]


def test_an_exception_with_several_lines_is_found_in_the_traceback():
    trace = b'Traceback (most recent call last):\n  File "a.py", line 1, in a\n    x()\na.Error: one\ntwo\n'
    (found,) = read(packet("a", RUNS) + packet("a", FAILED, file="traceback", content=trace)).results

    assert (found["exception_name"], found["exception_description"]) == ("a.Error", "one\ntwo")


def test_tests_that_run_at_a_time_are_kept_apart():
    data = packet("a", RUNS) + packet("b", RUNS) + packet("a", 0, file="reason", content=b"of a")
    found = read(data + packet("b", PASSED) + packet("a", SKIPPED))

    assert [(row["title"], row["status"], row["exception_description"]) for row in found.results] == [
        ("b", "passed", ""),
        ("a", "skipped", "of a"),
    ]


def test_other_files_are_stored():
    kept = []
    data = packet("a", RUNS) + packet("a", 0, file="s", mime="image/png", content=b"\x00\xb3") + packet("a", FAILED)
    found = read(data, keep=lambda path, stream: kept.append((path, stream.read(100))))

    assert [name for name, _ in found.results[0]["assets"]] == ["embedding-1.png"]
    assert [content for _, content in kept] == [b"\x00\xb3"]


def test_output_between_packets_is_told_and_a_packet_that_is_none_is_passed_over():
    broken = bytearray(packet("broken", PASSED))
    broken[-1] ^= 1
    found = read(packet("a", PASSED) + b"printed \xc3\xb3 text" + bytes(broken) + packet("b", PASSED))

    assert [row["title"] for row in found.results] == ["a", "b"]
    assert found.codes == ["unknown_element"]


def test_a_file_that_ends_inside_a_packet_is_cut():
    found = read(packet("a", PASSED) + packet("b", PASSED)[:-2])

    assert [row["title"] for row in found.results] == ["a"]
    assert found.codes == ["truncated_file"]


def test_bytes_that_look_like_packets_for_ever_end_the_reading(monkeypatch):
    monkeypatch.setattr(subunit_packets, "_WASTE", 10_000)
    reader = PacketReader()

    with pytest.raises(Damage, match="no packet"):
        list(reader.feed(b"\xb3\x20\x00\x50\x00" * 10_000))


def test_memory_is_bounded_by_a_packet():
    reader = PacketReader()
    for _ in range(100):
        list(reader.feed(b"\xb3\x20\x00\xbf\xff\xff" + b"x" * 60_000))

    assert len(reader._data) < subunit_packets.LONGEST + 100_000


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)
outcome = st.sampled_from([PASSED, UNEXPECTED, SKIPPED, FAILED, EXPECTED])
one = st.tuples(
    names, outcome, st.integers(0, 10**7).map(lambda value: value / 1000), st.lists(names, max_size=2, unique=True)
)
STATUS = {PASSED: "passed", UNEXPECTED: "failed", SKIPPED: "skipped", FAILED: "failed", EXPECTED: "unknown"}


@given(st.lists(one, max_size=8, unique_by=lambda found: found[0]), st.integers(1, 200))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_stream_written_and_read_back_is_equal(tests, size):
    data = b"".join(
        packet(name, RUNS, time=1e9) + packet(name, status, time=1e9 + seconds, tags=tags)
        for name, status, seconds, tags in tests
    )
    found = read(("r", Trickle(data or packet("", 0), size)))

    seen = [
        (row["title"], row["status"], [value for name, value in row["labels"] if name == "tag"])
        for row in found.results
    ]
    assert seen == [(name, STATUS[status], tags) for name, status, _, tags in tests]
    assert [row["duration"] for row in found.results] == pytest.approx(
        [seconds for _, _, seconds, _ in tests], abs=1e-6
    )


def test_the_parser_takes_any_characters():
    parser = SubunitParser()
    parser.feed("\u4eac\xb3)" * 10)
    parser.salvage()
