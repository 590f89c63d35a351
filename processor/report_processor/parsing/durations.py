"""Durations as test tools write them: seconds, in the number format of whoever ran the tests."""

import math
import re
from typing import Final

LONGEST: Final = 10 * 365 * 86400.0
"""Seconds. A longer test is a mistake in the file, such as a point in time."""
_CLOCK: Final = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:\.\d+)?)")
_SIMPLE: Final = re.compile(r"[0-9]{1,8}(?:\.[0-9]{0,18})?")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")


def seconds(text: str) -> float | None:
    """A duration in seconds, or None when the text is none.

    The last of ``.`` and ``,`` is the decimal sign, and a sign that stands twice separates
    thousands: ``1,234.5`` and ``1.234,5`` are 1234.5. A single comma is decimal, ``0,123`` and
    ``1,234`` alike: Surefire separates thousands so, but always writes decimals with them.
    Also taken: ``1.5s`` and ``00:01:02.5``.
    """
    if _SIMPLE.fullmatch(text):
        return float(text)
    number = text.strip().removesuffix("s").rstrip().replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    if clock := _CLOCK.fullmatch(number):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    comma, point = number.rfind(","), number.rfind(".")
    if comma >= 0:
        if number.count(",") > 1 or point > comma:
            number = number.replace(",", "")
        else:
            number = number.replace(".", "").replace(",", ".")
    elif number.count(".") > 1:
        number = number.replace(".", "")
    if len(number) > 40 or not _NUMBER.fullmatch(number):
        return None
    value = float(number)
    return value if math.isfinite(value) and 0 <= value <= LONGEST else None
