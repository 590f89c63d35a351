"""Dates as tools write them into reports, and as people write them in the option ``date``.

The compatible API reads the option with Ruby's ``String#to_datetime``, which looks for a time, a zone and a date
anywhere in the text. So does ``written_date``, but a text in which anything else is left over is no date. Where
numbers alone leave the order open, the day comes before the month, as in Ruby.
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
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
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
_TIME: Final = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?|(?=\s*[ap]m))"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    rf"(?:\s*(?P<zone>{'|'.join(_ZONES)})\b)?(?:\s*(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?(?![\d-]))?"
)
_FILLING: Final = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b|\b(?:at|of|on|the)\b|,"
)
_MONTH: Final = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES: Final = tuple(
    re.compile(form)
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2}) ?t?",
        r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})",
        rf"{_DAY}[ .-]*{_MONTH}[ -]*(?P<year>\d{{4}})",
        rf"{_MONTH}[ -]*{_DAY}[ -]+(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[ -]*{_MONTH}[ -]*{_DAY}",
    )
)
_DIGITS: Final = re.compile(r"(\d{8})(\d\d)(\d\d)(\d\d)?")


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
    if found is not None:
        return found
    low = text.strip().lower()
    if digits := _DIGITS.fullmatch(low):
        return read_date(f"{digits[1]}T{digits[2]}{digits[3]}{digits[4] or '00'}Z")
    time = _TIME.search(low)
    rest = f"{low[: time.start()]} {low[time.end() :]}" if time else low
    rest = " ".join(_FILLING.sub(" ", rest).split())
    date = next((match for form in _DATES if (match := form.fullmatch(rest))), None)
    try:
        return None if date is None else _moment(date.groupdict(), time)
    except (ValueError, OverflowError):
        return None


def _moment(date: dict[str, str], time: re.Match[str] | None) -> datetime:
    month = _MONTHS.index(date["name"]) + 1 if "name" in date else int(date["month"])
    day = datetime(int(date["year"]), month, int(date["day"]), tzinfo=UTC)
    if time is None:
        return day
    hour = int(time["hour"])
    if time["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if time["half"] == "p" else 0)
    offset = timedelta(hours=_ZONES[time["zone"] or "z"])
    if time["sign"]:
        size = timedelta(hours=int(time["hours"]), minutes=int(time["minutes"] or 0))
        offset = size if time["sign"] == "+" else -size
    return day.replace(
        hour=hour, minute=int(time["minute"] or 0), second=int(time["second"] or 0), tzinfo=timezone(offset)
    ).astimezone(UTC)


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
