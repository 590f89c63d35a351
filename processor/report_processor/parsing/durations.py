"""Durations as test tools write them: seconds, in the number format of whoever ran the tests."""

import math
import re
from typing import Final

LONGEST: Final = 10 * 365 * 86400.0
"""Seconds. A longer test is a mistake in the file, such as a point in time."""
_CLOCK: Final = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:\.\d+)?)")
_SIMPLE: Final = re.compile(r"[0-9]{1,8}(?:\.[0-9]{0,18})?")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_SPACED: Final = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d*)?", re.ASCII)
_DOTTED: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:[eE].*)?", re.ASCII)
_PART: Final = re.compile(r"(\d{1,12}(?:[.,]\d{0,18})?|\.\d{1,18}) ?([a-z\u00b5\u03bc]+)(?:, ?| |(?=[\d.])|$)")
_UNITS: Final = {
    word: size
    for size, words in {
        1e-9: "ns",
        1e-6: "us \u00b5s \u03bcs",
        1e-3: "ms msec msecs millis milliseconds",
        1.0: "s sec secs second seconds",
        60.0: "m min mins minute minutes",
        3600.0: "h hr hrs hour hours",
        86400.0: "d day days",
    }.items()
    for word in words.split()
}
_LONGEST_TEXT: Final = 60


def seconds(text: str) -> float | None:
    """A duration in seconds, or None when the text is none.

    The last of ``.`` and ``,`` is the decimal sign, and a sign that stands twice separates
    thousands: ``1,234.5`` and ``1.234,5`` are 1234.5. A single comma is decimal, ``0,123`` and
    ``1,234`` alike: Surefire separates thousands so, but always writes decimals with them.
    Also taken: ``00:01:02.5``, and units, as Go (``1m2.5s``, ``350.2\u00b5s``), ISO 8601 (``PT1M2.5S``) and people
    (``1 min 2 sec``) write them.
    """
    if _SIMPLE.fullmatch(text):
        return float(text)
    value = _without_units(text)
    if value is None and len(text) <= _LONGEST_TEXT:
        value = _with_units(text.strip())
    return value if value is not None and math.isfinite(value) and 0 <= value <= LONGEST else None


def _without_units(text: str) -> float | None:
    number = text.strip().removesuffix("s").rstrip().replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    if clock := _CLOCK.fullmatch(number):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    if _SPACED.fullmatch(number):
        number = number.replace(" ", "")
    comma, point = number.rfind(","), number.rfind(".")
    if comma >= 0:
        if number.count(",") > 1 or point > comma:
            number = number.replace(",", "")
        else:
            number = number.replace(".", "").replace(",", ".")
    elif number.count(".") > 1:
        number = number.replace(".", "") if _DOTTED.fullmatch(number) else ""
    return float(number) if len(number) <= 40 and _NUMBER.fullmatch(number) else None


def _with_units(text: str) -> float | None:
    if text[:1] == "P":  # the only unit that means something else there is M before T, months, which no test takes
        text = text[1:].replace("T", "")
    text = text.casefold()
    total, at = 0.0, 0
    while found := _PART.match(text, at):
        unit = _UNITS.get(found[2])
        if unit is None:
            return None
        total += float(found[1].replace(",", ".")) * unit
        at = found.end()
    return round(total, 9) if at and at == len(text) else None
