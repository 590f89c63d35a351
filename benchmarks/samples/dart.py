"""The events of dart test --reporter json: suites of 20 tests in a group, one suite after the other."""

import json
from collections.abc import Iterator
from typing import Any

_TRACE = "".join(f"test/shop/price{n}_test.dart {n + 7}:5  main.<fn>\n" for n in range(6))
_METADATA = {"skip": False, "skipReason": None}


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    yield _line(protocolVersion="0.1.1", runnerVersion="1.26.3", pid=4711, type="start", time=0)
    for first in range(0, tests, 20):
        yield from _suite(range(first, min(first + 20, tests)))
    yield _line(success=tests < 50, type="done", time=tests)


def _suite(numbers: range) -> Iterator[str]:
    suite, file = 2 * numbers.start, f"test/shop/suite{numbers.start // 20}_test.dart"
    time, url = numbers.start, f"file:///project/{file}"
    yield _line(suite={"id": suite, "platform": "vm", "path": file}, type="suite", time=time)
    yield _start(suite + 1, f"loading {file}", suite, [], time)
    yield _line(testID=suite + 1, result="success", skipped=False, hidden=True, type="testDone", time=time)
    for number, name, parent in ((suite + 2, "", None), (suite + 3, "shop", suite + 2)):
        group = {"id": number, "suiteID": suite, "parentID": parent, "name": name, "metadata": _METADATA}
        yield _line(group={**group, "testCount": 20, "line": 3, "column": 3, "url": url}, type="group", time=time)
    for number in numbers:
        test, failed = suite + 4 + number - numbers.start, number % 50 == 49
        yield _start(test, f"shop case {number}", suite, [suite + 2, suite + 3], number)
        if failed:
            error = "Expected: <3>\n  Actual: <2>\n"
            yield _line(testID=test, error=error, stackTrace=_TRACE, isFailure=True, type="error", time=number)
        result = "failure" if failed else "success"
        yield _line(testID=test, result=result, skipped=False, hidden=False, type="testDone", time=number + 1)


def _start(test: int, name: str, suite: int, groups: list[int], time: int) -> str:
    known = {"id": test, "name": name, "suiteID": suite, "groupIDs": groups, "metadata": _METADATA}
    url = f"file:///project/test/shop/suite{suite // 40}_test.dart" if groups else None
    line, column = (test % 200, 5) if groups else (None, None)
    return _line(test={**known, "line": line, "column": column, "url": url}, type="testStart", time=time)


def _line(**event: Any) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"
