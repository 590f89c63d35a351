"""mochawesome's JSON of one run with many suites, as mochawesome 8 writes it."""

import json
from collections.abc import Iterator
from typing import Any

_SUITE = 20
_CODE = "const shop = open();\nshop.add(apple);\nexpect(shop.total()).to.equal(wanted);"
_TRACE = "".join(f"\n    at Context.check{n} (tests/shop.js:{n + 10}:11)" for n in range(6))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    stats = {
        "suites": tests // _SUITE,
        "tests": tests,
        "passes": tests - tests // 50,
        "pending": 0,
        "failures": tests // 50,
        "start": "2026-11-24T15:23:31.132Z",
        "end": "2026-11-24T15:53:31.139Z",
        "duration": 1_800_007,
        "testsRegistered": tests,
        "passPercent": 98,
        "pendingPercent": 0,
        "other": 0,
        "hasOther": False,
        "skipped": 0,
        "hasSkipped": False,
    }
    yield '{\n  "stats": ' + _text(stats, 1) + ',\n  "results": [\n    {\n      "uuid": "d8fe944a",\n'
    yield '      "title": "",\n      "fullFile": "",\n      "file": "",\n'
    yield '      "beforeHooks": [],\n      "afterHooks": [],\n      "tests": [],\n'
    yield '      "suites": [\n'
    for first in range(0, tests, _SUITE):
        yield (",\n" if first else "") + "        " + _text(_suite(first, min(first + _SUITE, tests)), 4)
    yield '\n      ],\n      "passes": [],\n      "root": true,\n      "_timeout": 2000\n    }\n  ]\n}'


def _text(value: dict[str, Any], depth: int) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\n" + "  " * depth)


def _suite(first: int, end: int) -> dict[str, Any]:
    return {
        "uuid": f"23b88946-ebae-4e20-a96c-{first:012d}",
        "title": f"shop {first // _SUITE}",
        "fullFile": f"/project/tests/shop_{first // _SUITE}.js",
        "file": f"/tests/shop_{first // _SUITE}.js",
        "beforeHooks": [],
        "afterHooks": [],
        "tests": [_test(number) for number in range(first, end)],
        "suites": [],
        "passes": [f"ac4b527d-13aa-4169-89e9-{number:012d}" for number in range(first, end)],
        "failures": [],
        "pending": [],
        "skipped": [],
        "duration": 70,
        "root": False,
        "rootEmpty": False,
        "_timeout": 2000,
    }


def _test(number: int) -> dict[str, Any]:
    failed = number % 50 == 49
    message = f"AssertionError: expected {number} to equal 0"
    error = {"message": message, "estack": message + _TRACE, "diff": f"- {number}\n+ 0\n"} if failed else {}
    return {
        "title": f"sells {number} apples",
        "fullTitle": f"shop {number // _SUITE} sells {number} apples",
        "timedOut": False,
        "duration": number % 97,
        "state": "failed" if failed else "passed",
        "speed": None if failed else "fast",
        "pass": not failed,
        "fail": failed,
        "pending": False,
        "context": None,
        "code": _CODE,
        "err": error,
        "uuid": f"ac4b527d-13aa-4169-89e9-{number:012d}",
        "parentUUID": f"23b88946-ebae-4e20-a96c-{number // _SUITE:012d}",
        "isHook": False,
        "skipped": False,
    }
