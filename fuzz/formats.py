"""Fuzzing of one parser: ``formats.py KEY [libFuzzer options] [CORPUS...]``; ``scripts/fuzz`` runs all of them.

Mutated reports go through detection and the parser of one format, in two pieces. A finding is any
exception but ``Damage``, an event that breaks the promises of ``report_processor.events``, or one input
that takes more than 20 seconds or 2 GB. What was found becomes a fixture or a test.
"""

import sys

import atheris

with atheris.instrument_imports(include=["report_processor"]):
    from report_processor.damage import Damage
    from report_processor.detect import Head, describe
    from report_processor.events import CLOSE, COLUMNS, DATE, EMBED, LATE, NAME, NOTE, OPEN, ROWS, STATUSES, SYSTEM
    from report_processor.formats import load

    FORMAT = load(sys.argv[1])

KINDS = {OPEN, CLOSE, ROWS, COLUMNS, NOTE, DATE, NAME, SYSTEM, EMBED, LATE}


def one_input(data: bytes) -> None:
    """Feed one report. Its first byte says where it is split."""
    if not data:
        return
    text = data[1:].decode("utf-8", errors="replace")
    head = Head(text, data[1:17])
    FORMAT.recognise(head)
    describe(head)
    split = data[0] * len(text) // 256
    depth = 0
    parser = FORMAT.parser()
    try:
        for piece in (text[:split], text[split:]):
            depth = check(parser.feed(piece), depth)
        depth = check(parser.close(), depth)
    except Damage:
        depth = check(parser.salvage(), depth)
    assert depth == 0, "containers stay open"


def check(events: list[tuple], depth: int) -> int:
    """Every event is what ``report_processor.events`` says; returns how many containers are open."""
    for event in events:
        kind = event[0]
        assert kind in KINDS, event
        if kind == OPEN:
            depth += 1
            assert event[1] is None or isinstance(event[1], str), event
            assert isinstance(event[2], str), event
            assert isinstance(event[3], int), event
        elif kind == CLOSE:
            depth -= 1
            assert depth >= 0, "more containers end than began"
            assert isinstance(event[1], str), event
            assert all(isinstance(part, str) for label in event[2] for part in label), event
        elif kind == ROWS:
            for row in event[1]:
                check_row(row)
        elif kind == LATE:
            check_row(event[4])
            assert isinstance(event[3], (int, float)), event
    return depth


def check_row(row: tuple) -> None:
    """A result is what ``report_processor.events`` says."""
    title, classification, status, duration, line, details = row
    assert isinstance(title, str), row
    assert title, row
    assert isinstance(classification, str), row
    assert 0 <= status < len(STATUSES), row
    assert duration is None or 0 <= duration < 1e10, row
    assert isinstance(line, int), row
    if details is not None:
        description, name, message, trace, flaky, attempts, labels, assets = details
        assert all(isinstance(text, str) for text in (description, name, message, trace, *assets)), row
        assert isinstance(flaky, bool), row
        assert all(isinstance(part, str) for label in labels for part in label), row
        for status, duration, name, message, trace in attempts:
            assert 0 <= status < len(STATUSES), row
            assert duration is None or duration >= 0, row
            assert all(isinstance(text, str) for text in (name, message, trace)), row


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *sys.argv[2:]], one_input)
    atheris.Fuzz()
