"""JSON of pytest-json-report 1.5 on one line: modules of 20 tests, without collectors."""

import json
from collections.abc import Iterator
from typing import Any

_TRACE = "".join(f"test_shop_{n}.py:{n}: in check\n    assert found == wanted\n" for n in range(6))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    failed = tests // 50
    head = {
        "created": 1795533633.3554845,
        "duration": tests / 1000,
        "exitcode": int(failed > 0),
        "root": "/project",
        "environment": {},
        "summary": {"passed": tests - failed, "failed": failed, "total": tests, "collected": tests},
    }
    yield json.dumps(head)[:-1] + ', "tests": ['
    for number in range(tests):
        yield json.dumps(_test(number)) + (", " if number < tests - 1 else "")
    yield "]}"


def _test(number: int) -> dict[str, Any]:
    module, name = f"test_shop_{number // 20}.py", f"test_case_{number}"
    call: dict[str, Any] = {"duration": 0.00019900299957953393 + number % 97, "outcome": "passed"}
    if number % 50 == 49:
        message = f"AssertionError: assert {number} == 0"
        crash = {"path": f"/project/{module}", "lineno": 17, "message": message}
        traceback = [{"path": module, "lineno": 17, "message": "AssertionError"}]
        call |= {"outcome": "failed", "crash": crash, "traceback": traceback, "longrepr": f"{_TRACE}E   {message}"}
    return {
        "nodeid": f"{module}::TestShop::{name}",
        "lineno": number % 200,
        "outcome": call["outcome"],
        "keywords": [name, "TestShop", module, "project", ""],
        "setup": {"duration": 0.0002824789989972487, "outcome": "passed"},
        "call": call,
        "teardown": {"duration": 0.00015813699792488478, "outcome": "passed"},
    }
