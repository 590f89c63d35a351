"""Playwright's JSON (1.65), with an indent of two as it writes it: files of 20 tests in groups of 10."""

import json
from collections.abc import Iterator
from textwrap import indent
from typing import Any

_CONFIG = {
    "configFile": "/project/playwright.config.ts",
    "rootDir": "/project/tests",
    "forbidOnly": False,
    "fullyParallel": True,
    "globalSetup": None,
    "projects": [{"id": "chromium", "name": "chromium", "testDir": "/project/tests", "timeout": 30000}],
    "version": "1.65.1",
    "workers": 4,
}
_TRACE = "".join(f"\n    at check{n} (/project/tests/shop/price{n}.spec.ts:{n + 7}:27)" for n in range(6))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    yield '{\n  "config": ' + indent(json.dumps(_CONFIG, indent=2), "  ").lstrip() + ',\n  "suites": [\n'
    for first in range(0, tests, 20):
        numbers = range(first, min(first + 20, tests))
        comma = "," if numbers.stop < tests else ""
        yield indent(json.dumps(_file(numbers), indent=2, ensure_ascii=False), "    ") + comma + "\n"
    failed = tests // 50
    stats = {"startTime": "2026-11-24T15:01:56.635Z", "duration": 18205.789, "expected": tests - failed, "skipped": 0}
    stats |= {"unexpected": failed, "flaky": 0}
    yield '  ],\n  "errors": [],\n  "stats": ' + indent(json.dumps(stats, indent=2), "  ").lstrip() + "\n}"


def _file(numbers: range) -> dict[str, Any]:
    name = f"shop/suite{numbers.start // 20}.spec.ts"
    groups = [numbers[at : at + 10] for at in range(0, len(numbers), 10)]
    suites = [
        {"title": f"part {group.start // 10}", "file": name, "line": 3, "column": 6, "specs": [*map(_spec, group)]}
        for group in groups
    ]
    return {"title": name, "file": name, "column": 0, "line": 0, "specs": [], "suites": suites}


def _spec(number: int) -> dict[str, Any]:
    failed = number % 50 == 49
    error = {"message": f"Error: expect(received).toBe(expected){_TRACE}"}
    run = {
        "workerIndex": 0,
        "parallelIndex": 0,
        "status": "failed" if failed else "passed",
        "duration": number % 97,
        **({"error": error} if failed else {}),
        "errors": [error] * failed,
        "stdout": [],
        "stderr": [],
        "retry": 0,
        "startTime": "2026-11-24T15:01:58.014Z",
        "annotations": [],
        "attachments": [],
    }
    test = {
        "timeout": 30000,
        "annotations": [],
        "expectedStatus": "passed",
        "projectId": "chromium",
        "projectName": "chromium",
        "results": [run],
        "status": "unexpected" if failed else "expected",
    }
    file = f"shop/suite{number // 20}.spec.ts"
    spec: dict[str, Any] = {"title": f"case {number}", "ok": not failed, "tags": [], "tests": [test]}
    return {**spec, "id": f"4242ee6f7d0cffcd6454-{number:020x}", "file": file, "line": number % 200, "column": 1}
