"""What all parsers of JSON have in common, and how values are taken out of JSON that anybody may have written."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from report_contract.dates import read_date
from report_processor.damage import Damage
from report_processor.events import Event, Recorder
from report_processor.parsing.durations import LONGEST
from report_processor.parsing.json_reader import JsonReader, Shape

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
"""Moments before this are how tools spell "none"."""
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class JsonFormat:
    """Base of a parser: a subclass has a ``SHAPE`` and overrides what it needs of ``json_reader.JsonHandler``.

    ``self.recorder`` takes the events; ``self.line`` is the line of the value at hand.
    """

    SHAPE: ClassVar[Shape] = {}

    def __init__(self) -> None:
        self.recorder: Final = Recorder()
        self.reader: Final = JsonReader(self, self.SHAPE, self.recorder.note)

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        self.reader.feed(text)
        return self.recorder.take()

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        self.reader.close()
        self.finish()
        self.reader.tell()
        return self.recorder.take()

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        self.finish()
        self.reader.tell()
        return self.recorder.take()

    @property
    def line(self) -> int:
        """Line of the value at hand, from 1."""
        return self.reader.line

    def finish(self) -> None:
        """The end of the file, or of what can be read of it: record what is held back and close what is open."""

    def begin(self, name: str) -> None:
        """See ``JsonHandler``."""

    def member(self, name: str, key: str, value: Any) -> None:
        """See ``JsonHandler``."""

    def item(self, name: str, value: Any) -> None:
        """See ``JsonHandler``."""

    def end(self, name: str) -> None:
        """See ``JsonHandler``."""

    def date(self, value: Any) -> None:
        """A moment when tests ran: ISO 8601, or seconds or milliseconds since 1970. Noted when it cannot be read."""
        if value is None or value == "":  # not 0
            return
        found = moment(value)
        if found is None:
            self.recorder.note("invalid_date", text_of(value)[:100], *self.reader.position())
        elif found >= EARLIEST:
            self.recorder.date(found)

    def seconds(self, value: Any, unit: float = 1.0) -> float | None:
        """A duration in seconds from a number of ``unit`` seconds; None when there is none. Noted when it is absurd."""
        return seconds_of(self.recorder, value, unit, *self.reader.position())

    def malformed(self, text: str) -> Damage:
        """Damage at the value at hand."""
        return Damage("malformed", text, *self.reader.position())


def seconds_of(recorder: Recorder, value: Any, unit: float, line: int, column: int = 0) -> float | None:
    """A duration in seconds from a number of ``unit`` seconds; None when there is none. Noted when it is absurd."""
    if value is None or value == "":  # not 0
        return None
    found = number_of(value)
    if found is None or not 0 <= found * unit <= LONGEST:
        recorder.note("invalid_duration", text_of(value)[:100], line, column)
        return None
    return round(found * unit, 9)


def milliseconds(numbers: Sequence[str]) -> list[float]:
    """Durations in seconds from numbers of milliseconds, as the rule ``json_skim.DURATION`` takes them."""
    if "".join(numbers).isdecimal():
        return [int(number) / 1000 for number in numbers]
    return [round(float(number) * 0.001, 9) for number in numbers]


def milliseconds_column(numbers: Sequence[str]) -> list[float] | list[str]:
    """The same for ``events.Recorder.columns``: of whole numbers the texts of their durations."""
    return [f"{number}e-3" for number in numbers] if "".join(numbers).isdecimal() else milliseconds(numbers)


def text_of(value: Any) -> str:
    """A text from any JSON value: texts as they are, nothing for null, numbers as written, the rest as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        # The same for a whole number, for which json takes ten times as long.
        return str(value) if type(value) is int else json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""


def lines_of(value: Any) -> str:
    """A text from a text or an array of lines."""
    return "\n".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def dict_of(value: Any) -> dict[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The value when it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def dicts_of(value: Any) -> list[dict[str, Any]]:
    """The objects in the value when it is an array."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number_of(value: Any) -> float | None:
    """A finite number, also when it is written as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value[:40])
        except ValueError:
            return None
    if not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def moment(value: Any) -> float | None:
    """A moment in seconds since 1970, from ISO 8601 or a number of seconds, milliseconds, micro- or nanoseconds."""
    number = number_of(value)
    if number is None:
        found = read_date(value[:100]) if isinstance(value, str) else None
        return None if found is None else found.timestamp()
    for unit in (1.0, 1e3, 1e6, 1e9):
        if 0 <= number / unit < 1e10:
            return number / unit if number / unit <= _LATEST else None
    return None
