"""Pages as Fink writes them: a line for each."""

import json
from collections.abc import Iterator


def pieces(tests: int) -> Iterator[str]:
    """The text of so many pages; one in 50 is not found."""
    for number in range(tests):
        page = {
            "distance": number % 7,
            "exception": None,
            "referrer": f"https://shop.example/lamps/{number // 40}",
            "referrer_title": f"lamp {number}",
            "referrer_xpath": f"/html/body/ul/li[{number % 40}]/a",
            "request_time": 1000 + number % 97,
            "status": 404 if number % 50 == 49 else 200,
            "url": f"https://shop.example/lamps/{number // 40}/small-{number}",
            "timestamp": "2026-11-24T15:00:00+00:00",
        }
        yield json.dumps(page, separators=(",", ":")).replace("/", "\\/") + "\n"
