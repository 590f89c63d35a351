"""A report of Newman's json reporter: three assertions for each request, bodies as arrays of numbers."""

import json
from collections.abc import Iterator
from typing import Any

_BODY = list(json.dumps({"articles": [{"name": "lamp", "price": 12.5}] * 6}).encode())
_STACK = "".join(f"   at Object.eval sandbox-script.js:{n}:{n})\n" for n in range(1, 6))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report with so many assertions; one in 50 fails."""
    requests = -(-tests // 3)
    items = [_item(number) for number in range(min(requests, 50))]
    yield _start({"collection": {"item": items, "event": [], "info": {"name": "shop"}}, "environment": {"values": []}})
    total = {"total": tests, "pending": 0, "failed": tests // 50}
    yield ',\n  "run": ' + _start({"stats": {"assertions": total}, "timings": {"started": 1795532733640}})
    yield ',\n    "executions": ['
    for number in range(requests):
        count = min(3, tests - number * 3)
        yield (",\n" if number else "\n") + json.dumps(
            _execution(number, count, requests), indent=2, ensure_ascii=False
        )
    yield '\n    ],\n    "transfers": {"responseTotal": 1},\n    "failures": []\n  }\n}\n'


def _start(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2).removesuffix("\n}")


def _item(number: int) -> dict[str, Any]:
    script = {
        "id": f"e8312007-{number}",
        "type": "text/javascript",
        "exec": ["pm.test('status is 200', () => {});"] * 3,
    }
    return {
        "id": f"84d6c6f1-f768-4f55-80cb-{number % 50:012d}",
        "name": f"request {number % 50}",
        "request": {"url": {"path": ["articles"], "host": ["{{base}}"], "query": [], "variable": []}, "method": "GET"},
        "response": [],
        "event": [{"listen": "test", "script": script}],
    }


def _execution(number: int, count: int, requests: int) -> dict[str, Any]:
    header = [{"key": f"header-{n}", "value": "value", "system": True} for n in range(7)]
    return {
        "cursor": {"position": number % 50, "iteration": number // 50, "length": 50, "cycles": -(-requests // 50)},
        "item": _item(number),
        "request": {"url": {"protocol": "http", "path": ["articles"], "host": ["shop"]}, "header": header},
        "response": {
            "id": f"198175cb-a559-4c79-b756-{number:012d}",
            "status": "OK",
            "code": 200,
            "header": header[:5],
            "stream": {"type": "Buffer", "data": _BODY},
            "cookie": [],
            "responseTime": number % 97,
            "responseSize": len(_BODY),
        },
        "id": f"84d6c6f1-f768-4f55-80cb-{number % 50:012d}",
        "assertions": [_assertion(number * 3 + n) for n in range(count)],
    }


def _assertion(number: int) -> dict[str, Any]:
    found: dict[str, Any] = {"assertion": f"case {number % 150}", "skipped": False}
    if number % 50 == 49:
        message = f"expected {number} to equal 0"
        error = {"name": "AssertionError", "index": 1, "test": found["assertion"], "message": message}
        found["error"] = {**error, "stack": f"AssertionError: {message}\n{_STACK}"}
    return found
