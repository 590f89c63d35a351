"""The JSON of Mocha's own reporter: each test twice, among all and in the array of its outcome."""

import json
from collections.abc import Iterator
from typing import Any

_SUITE = 20
_TRACE = "".join(f"\n    at Context.check{n} (file:///project/tests/shop.js:{n + 10}:11)" for n in range(6))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    failures = tests // 50
    stats = {
        "suites": tests // _SUITE,
        "tests": tests,
        "passes": tests - failures,
        "pending": 0,
        "failures": failures,
        "start": "2026-11-24T15:23:31.496Z",
        "end": "2026-11-24T15:53:31.544Z",
        "duration": 1_800_048,
    }
    yield '{\n  "stats": ' + json.dumps(stats, indent=2).replace("\n", "\n  ") + ',\n  "tests": ['
    yield from _tests(range(tests))
    yield '],\n  "pending": [],\n  "failures": ['
    yield from _tests(range(49, tests, 50))
    yield '],\n  "passes": ['
    yield from _tests(number for number in range(tests) if number % 50 != 49)
    yield "]\n}"


def _tests(numbers: Iterator[int] | range) -> Iterator[str]:
    comma = ""
    for number in numbers:
        yield comma + "\n    " + json.dumps(_test(number), indent=2, ensure_ascii=False).replace("\n", "\n    ")
        comma = ","
    if comma:
        yield "\n  "


def _test(number: int) -> dict[str, Any]:
    failed = number % 50 == 49
    message = f"expected {number} to equal 0"
    test: dict[str, Any] = {
        "title": f"sells {number} apples",
        "fullTitle": f"shop {number // _SUITE} sells {number} apples",
        "file": f"/project/tests/shop_{number // _SUITE}.js",
        "duration": number % 97,
        "currentRetry": 0,
        "speed": "fast",
        "err": {},
    }
    if failed:
        del test["speed"]
        test["err"] = {
            "stack": f"AssertionError: {message}{_TRACE}",
            "message": message,
            "name": "AssertionError",
            "actual": str(number),
            "expected": "0",
        }
    return test
