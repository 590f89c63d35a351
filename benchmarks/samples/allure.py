"""Allure results as allure-pytest writes them, one after the other: a folder has a file for each."""

import json
from collections.abc import Iterator
from typing import Any

_TRACE = "".join(
    f'  File "/project/shop/test_{n}.py", line {n}, in check\n    assert found == wanted\n' for n in range(6)
)
_START = 1795532685740


def pieces(tests: int) -> Iterator[str]:
    """The text of so many results; one in 50 fails."""
    for number in range(tests):
        yield json.dumps(_result(number), ensure_ascii=False) + "\n"


def _result(number: int) -> dict[str, Any]:
    module, name = f"test_shop_{number // 20}", f"test_case_{number}"
    failed = number % 50 == 49
    outcome: dict[str, Any] = {"name": name, "status": "failed" if failed else "passed"}
    if failed:
        message = f"AssertionError: assert {number} == 0"
        outcome["statusDetails"] = {"message": message, "trace": f"{_TRACE}E       {message}\n"}
    labels = {
        "suite": module,
        "host": "machine",
        "thread": "6606-MainThread",
        "framework": "pytest",
        "language": "cpython3",
        "package": f"tests.{module}",
    }
    return {
        **outcome,
        "steps": [{"name": "opens the shop", "status": "passed", "start": _START + number, "stop": _START + number}],
        "start": _START + number,
        "stop": _START + number + number % 97,
        "uuid": f"91bc1f4c-a495-4d2a-9031-{number:012d}",
        "historyId": f"{number:032x}",
        "testCaseId": f"{number:032x}",
        "fullName": f"tests.{module}#{name}",
        "labels": [{"name": key, "value": value} for key, value in labels.items()],
        "titlePath": ["tests", f"{module}.py"],
    }
