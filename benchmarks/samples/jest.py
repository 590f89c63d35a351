"""Jest's JSON (--json, Jest 30): one line, files of 20 tests."""

import json
from collections.abc import Iterator
from typing import Any

_TRACE = "".join(f"\n    at check{n} (/project/src/shop/price{n}.test.js:{n + 7}:27)" for n in range(6))
_START = 1795532493748


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    failed = tests // 50
    head: dict[str, Any] = {
        "numFailedTestSuites": min(failed, (tests + 19) // 20),
        "numFailedTests": failed,
        "numPassedTests": tests - failed,
        "numPendingTests": 0,
        "numTotalTests": tests,
        "openHandles": [],
        "startTime": _START,
        "success": not failed,
    }
    yield _text(head)[:-1] + ',"testResults":['
    for first in range(0, tests, 20):
        numbers = range(first, min(first + 20, tests))
        yield _text(_file(numbers)) + ("," if numbers.stop < tests else "")
    yield '],"wasInterrupted":false}'


def _file(numbers: range) -> dict[str, Any]:
    bad = any(number % 50 == 49 for number in numbers)
    return {
        "assertionResults": [_test(number) for number in numbers],
        "endTime": _START + numbers.stop,
        "message": f"  ● case fails\n\n    expect(received).toBe(expected){_TRACE}\n" if bad else "",
        "name": f"/project/src/shop/suite{numbers.start // 20}.test.js",
        "startTime": _START + numbers.start,
        "status": "failed" if bad else "passed",
        "summary": "",
    }


def _test(number: int) -> dict[str, Any]:
    failed = number % 50 == 49
    return {
        "ancestorTitles": ["shop", f"part {number // 10}"],
        "duration": number % 97,
        "failing": False,
        "failureDetails": [{"matcherResult": {"message": "expect(received).toBe(expected)", "pass": False}}] * failed,
        "failureMessages": [f"Error: expect(received).toBe(expected){_TRACE}"] * failed,
        "fullName": f"shop part {number // 10} case {number}",
        "invocations": 1,
        "location": None,
        "numPassingAsserts": 1,
        "retryMessages": [],
        "retryReasons": [],
        "status": "failed" if failed else "passed",
        "title": f"case {number}",
        "startAt": _START + number,
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
