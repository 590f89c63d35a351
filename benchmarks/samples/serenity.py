"""Scenarios of Serenity BDD, one after the other: a folder has a file for each. Five steps in each."""

import json
from collections.abc import Iterator
from typing import Any

_TRACE = [
    {"declaringClass": "shop.Steps", "methodName": f"check{n}", "fileName": "Steps.java", "lineNumber": n}
    for n in range(6)
]


def pieces(tests: int) -> Iterator[str]:
    """The text of scenarios with so many steps; one in 50 fails."""
    for number in range(-(-tests // 5)):
        count = min(5, tests - number * 5)
        yield json.dumps(_scenario(number, count), ensure_ascii=False, separators=(",", ":")) + "\n"


def _scenario(number: int, count: int) -> dict[str, Any]:
    steps = [_step(number * 5 + n) for n in range(count)]
    result = "FAILURE" if any(step["result"] == "FAILURE" for step in steps) else "SUCCESS"
    test = f"shop.CheckoutTest{number // 20}"
    return {
        "name": f"pays_{number}()",
        "id": f"[engine:junit-jupiter]/[class:{test}]/[method:pays_{number}()]",
        "scenarioId": f"[engine:junit-jupiter]/[class:{test}]",
        "testCaseName": test,
        "methodName": f"pays_{number}",
        "testSteps": steps,
        "userStory": {"id": test, "storyName": test, "displayName": test, "narrative": "", "type": "feature"},
        "title": f"Pays {number}",
        "tags": [{"name": f"shop/{test}", "type": "feature", "displayName": test}],
        "startTime": "2026-11-24T15:14:08.951262713Z[Etc/UTC]",
        "duration": 1286,
        "driver": "",
        "manual": False,
        "testSource": "JUnit5",
        "result": result,
    }


def _step(number: int) -> dict[str, Any]:
    step: dict[str, Any] = {
        "number": number % 5 + 1,
        "description": f"Fills the basket with {number} things",
        "duration": number % 97,
        "startTime": "2026-11-24T15:14:09.026572003Z[Etc/UTC]",
    }
    if number % 50 == 49:
        message = f"expected: <{number}> but was: <0>"
        step["exception"] = {
            "errorType": "org.opentest4j.AssertionFailedError",
            "message": message,
            "stackTrace": _TRACE,
        }
    return {**step, "result": "FAILURE" if number % 50 == 49 else "SUCCESS", "precondition": False, "level": 0}
