"""Cucumber JSON as Cucumber-JVM writes it: on one line, results before names, the background before each scenario."""

import json
from collections.abc import Iterator
from typing import Any

_STEPS = 6
_FEATURE = 20
_TRACE = "".join(f"\tat example.shop.Steps.step{n}(Steps.java:{n + 40})\n" for n in range(8))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many steps; one in 50 fails."""
    yield "["
    scenarios = max(1, tests // _STEPS)
    for first in range(0, scenarios, _FEATURE):
        elements: list[dict[str, Any]] = []
        for number in range(first, min(first + _FEATURE, scenarios)):
            elements += [_background(number), _scenario(number)]
        yield ("," if first else "") + json.dumps(
            {
                "line": 2,
                "elements": elements,
                "name": f"Shop {first // _FEATURE}",
                "description": "  What a shop can do.",
                "id": f"shop-{first // _FEATURE}",
                "keyword": "Feature",
                "uri": f"classpath:example/shop_{first // _FEATURE}.feature",
                "tags": [{"name": "@shop", "type": "Tag", "location": {"line": 1, "column": 1}}],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
    yield "]"


def _background(number: int) -> dict[str, Any]:
    steps = [_step(number, 0)]
    return {"line": 4, "name": "", "description": "", "type": "background", "keyword": "Background", "steps": steps}


def _scenario(number: int) -> dict[str, Any]:
    return {
        "start_timestamp": f"2026-11-24T15:{number // 60 % 60:02}:{number % 60:02}.346Z",
        "line": 8 + number,
        "name": f"buys {number} apples",
        "description": "",
        "id": f"shop;buys-{number}-apples",
        "type": "scenario",
        "keyword": "Scenario",
        "steps": [_step(number, at) for at in range(1, _STEPS)],
        "tags": [{"name": "@shop"}, {"name": "@smoke"}],
    }


def _step(number: int, at: int) -> dict[str, Any]:
    result: dict[str, Any] = {"duration": 112881 + number, "status": "passed"}
    if (number * _STEPS + at) % 50 == 49:
        result = {"error_message": f"java.lang.AssertionError: {number} is not 0\n{_TRACE}", **result}
        result["status"] = "failed"
    return {
        "result": result,
        "line": 9 + at,
        "name": f'the till shows "{number * at} €"',
        "match": {
            "arguments": [{"val": f'"{number * at} €"', "offset": 15}],
            "location": "example.Steps.shows(String)",
        },
        "keyword": "Given " if at == 0 else "Then ",
    }
