"""What a parser skims, and that it makes no difference."""

from typing import Any
from unittest import mock

import pytest

from report_processor.parsing.shapes import Run, Shapes
from report_processor.parsing.xml_format import XmlFormat
from support.reading import Read, Trickle, read


def unskimmed(document: str | bytes, formatter: str) -> Read:
    """What is read when nothing is skimmed."""
    data = document.encode() if isinstance(document, str) else document
    with mock.patch.object(Shapes, "wants", return_value=False):
        return read((f"r.{formatter}", data), formatter=formatter)


def assert_same(one: Read, other: Read) -> None:
    """All that a person would see; sums of durations may be rounded in another way."""
    assert one.results == other.results
    assert (one.counts, one.codes, one.summary["date"]) == (other.counts, other.codes, other.summary["date"])
    assert len(one.containers) == len(other.containers)
    for container, same in zip(one.containers, other.containers, strict=True):
        assert container | {"duration": 0} == same | {"duration": 0}
        assert container["duration"] == pytest.approx(same["duration"], abs=2e-6)


def read_both_ways(document: str | bytes, formatter: str) -> Read:
    """What is read, at once and in pieces, after it was compared with what is read without skimming."""
    data = document.encode() if isinstance(document, str) else document
    without = unskimmed(data, formatter)
    for size in (300, len(data)):
        found = read((f"r.{formatter}", Trickle(data, size)), formatter=formatter)
        assert_same(found, without)
    return found


def skimmed(document: str | bytes, formatter: str) -> int:
    """How many records are skimmed when it is read in large pieces, after ``read_both_ways``."""
    read_both_ways(document, formatter)
    sizes: list[int] = []
    usual = Run.__init__

    def counting(run: Run[Any], plan: Any, values: list[str], size: int, *others: Any) -> None:
        sizes.append(size)
        usual(run, plan, values, size, *others)

    data = document.encode() if isinstance(document, str) else document
    with mock.patch.object(Run, "__init__", counting):
        read((f"r.{formatter}", Trickle(data, 20_000)), formatter=formatter)
    return sum(sizes)


def parsed(parser: XmlFormat, element: str, document: str) -> int:
    """How many of these elements were read by the parser, not skimmed."""
    with mock.patch.object(parser, "opened", wraps=parser.opened) as opened:
        parser.feed(document)
        parser.close()
    return sum(call.args[0] == element for call in opened.call_args_list)
