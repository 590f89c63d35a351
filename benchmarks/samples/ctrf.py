"""A CTRF report as jest-ctrf-json-reporter writes it."""

import json
from collections.abc import Iterator
from typing import Any

_TRACE = "".join(f"at Object.check (/project/shop/case{n}.test.js:{n}:17)\n" for n in range(6))
_START = 1795533477164


def pieces(tests: int) -> Iterator[str]:
    """The text of a report with so many tests; one in 50 fails."""
    failed = tests // 50
    summary = {"tests": tests, "passed": tests - failed, "failed": failed, "pending": 0, "skipped": 0, "other": 0}
    head = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "reportId": "51b51d1b-ee16-41ed-9eba-03d78be65a34",
        "timestamp": "2026-11-24T15:17:57.161Z",
        "generatedBy": "jest-ctrf-json-reporter",
        "results": {
            "tool": {"name": "jest"},
            "summary": {**summary, "start": _START, "stop": _START + tests},
            "tests": [],
        },
    }
    start, end = json.dumps(head, indent=2).rsplit("[]", 1)
    yield start + "["
    for number in range(tests):
        text = json.dumps(_test(number), indent=2, ensure_ascii=False).replace("\n", "\n      ")
        yield f"{',' if number else ''}\n      {text}"
    yield "\n    ]" + end


def _test(number: int) -> dict[str, Any]:
    file, failed = f"case{number // 20}.test.js", number % 50 == 49
    test: dict[str, Any] = {
        "name": f"shop basket case {number}",
        "duration": number % 97,
        "status": "failed" if failed else "passed",
    }
    if failed:
        test |= {"message": f"Error: expected {number} to be 0\n", "trace": _TRACE}
    return {
        **test,
        "rawStatus": test["status"],
        "type": "unit",
        "filePath": f"/project/shop/{file}",
        "retries": 0,
        "flaky": False,
        "suite": f"{file} > shop > basket",
    }
