"""Dates as tools write them into reports, and as people write them in the option ``date``.

The compatible API reads the option with Ruby's ``String#to_datetime``, which finds a date in nearly anything.
``written_date`` leaves that to dateutil, but a text without a year, a month and a day is no date. Where numbers
alone leave the order open, the day comes before the month, as in Ruby.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_DATE_FORMATS: Final = (
    "%a, %d %b %Y %H:%M:%S%z",
    "%a %b %d %H:%M:%S %Y",
    "%a, %d %b %Y %H:%M:%S GMT",
    "%a, %d %b %Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y-%m-%dT%H:%M:%S",
    "%a %b %d %Y %H:%M:%S GMT%z",
    "%a %b %d %H:%M:%S UTC %Y",
    "%a %b %d %H:%M:%S GMT %Y",
    "%m/%d/%Y %I:%M:%S %p",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y, %I:%M:%S %p",
)
_ZONE_AGAIN: Final = re.compile(
    r" ?\([^()]*\)$|\[[\w/+-]+\]$|(?:(?<= [+-]\d{4}) [A-Z]{3,5}|(?<=\d) UTC)(?: m=[+-][\d.]+)?$"
)
"""What JavaScript, Java and Go add behind the offset: the name of the zone, and Go's monotonic clock."""
_APART: Final = re.compile(r"(?<=\d) (?=[+-]\d\d:?\d\d$)")
_HOURS: Final = (
    ("pst", -8),
    ("pdt mst", -7),
    ("mdt cst", -6),
    ("cdt est", -5),
    ("edt", -4),
    ("z utc gmt wet", 0),
    ("west bst cet", 1),
    ("cest eet", 2),
    ("eest msk", 3),
    ("ist", 5.5),
    ("jst kst", 9),
    ("aest", 10),
    ("aedt", 11),
    ("nzst", 12),
    ("nzdt", 13),
)
_ZONES: Final = {name: hours for names, hours in _HOURS for name in names.split()}
_UNIVERSAL: Final = re.compile(r"(?:GMT|UTC)(?=[+-]\d)")
"""In front of an offset. Without it dateutil does not take the sign for the other one, as POSIX does."""
_YEAR: Final = re.compile(r"\d{4}")
"""One of two digits may be anything."""
_YEAR_FIRST: Final = re.compile(r"\b\d{4}[-/.]\d")
_ANY_DAYS: Final = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 2, 2, tzinfo=UTC))
"""What is missing in a text comes from them: if they lead to different moments, it is no date."""


def read_date(text: str) -> datetime | None:
    """A date and time from text: ISO 8601 first, then the forms that tools write into reports. Without a zone
    it is UTC. None when it cannot be read.
    """
    parsed = _parsed(text.strip())
    if parsed is None:
        return None
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def written_date(text: str) -> datetime | None:
    """The moment that a text names; without a time midnight, without a zone UTC. None when it is no date."""
    found = read_date(text)
    if found is not None or _YEAR.search(text) is None:
        return found
    from dateutil import parser  # noqa: PLC0415  # few imports have the option, and it takes memory

    written = _UNIVERSAL.sub("", text.upper())
    day_first = _YEAR_FIRST.search(written) is None
    try:
        found, other = (parser.parse(written, default=day, dayfirst=day_first, tzinfos=_zone) for day in _ANY_DAYS)
        return found.astimezone(UTC) if found == other else None
    except (ValueError, OverflowError):
        return None


def _zone(name: str | None, offset: int | None) -> timezone:
    """For dateutil: UTC where none is named. It ignores a zone that it does not know: ValueError."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is None:
        return UTC
    if name.lower() not in _ZONES:
        raise ValueError(name)
    return timezone(timedelta(hours=_ZONES[name.lower()]))


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        text = _APART.sub("", _ZONE_AGAIN.sub("", text)).replace("\u202f", " ")
    for form in (datetime.fromisoformat, *_DATE_FORMATS):
        try:
            return form(text) if callable(form) else datetime.strptime(text, form)  # noqa: DTZ007  # see read_date
        except ValueError:
            continue
    return None
