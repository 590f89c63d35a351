"""Times as Robot Framework wrote them until version 6: ``20260131 12:00:00.000``, in local time."""

import re
from datetime import datetime
from typing import Final

_LEGACY: Final = re.compile(r"(\d{4})(\d\d)(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)")


def iso(text: str) -> str:
    """The same moment in ISO 8601; other texts as they are."""
    found = _LEGACY.fullmatch(text)
    return f"{found[1]}-{found[2]}-{found[3]}T{found[4]}" if found else text


def between(start: str, end: str) -> float | None:
    """Seconds between two moments; None when there are none."""
    try:
        return (datetime.fromisoformat(iso(end)) - datetime.fromisoformat(iso(start))).total_seconds()
    except (ValueError, TypeError):
        return None
