"""What a parser skims, and that it makes no difference."""

from typing import Any
from unittest import mock

from report_processor.parsing.shapes import Shapes
from report_processor.parsing.xml_format import XmlFormat
from support.reading import Read, Trickle, read


def outcome(found: Read) -> tuple[Any, ...]:
    """All that a person would see; sums of durations may be rounded in another way."""
    containers = [container | {"duration": round(container["duration"] or 0, 5)} for container in found.containers]
    return found.results, containers, found.counts, found.summary


def read_both_ways(document: str, formatter: str) -> Read:
    """Import it with and without skimming, and see that both are the same."""
    data = document.encode()
    with mock.patch.object(Shapes, "wants", return_value=False):
        without = read(("r.xml", data), formatter=formatter)
    for size in (len(data), 300):
        found = read(("r.xml", Trickle(data, size)), formatter=formatter)
        assert outcome(found) == outcome(without)
    return found


def parsed(parser: XmlFormat, element: str, document: str) -> int:
    """How many of these elements were read by the parser, not skimmed."""
    with mock.patch.object(parser, "opened", wraps=parser.opened) as opened:
        parser.feed(document)
        parser.close()
    return sum(call.args[0] == element for call in opened.call_args_list)
