"""JSON of GoogleTest 1.12 (--gtest_output=json)."""

from collections.abc import Iterator

_NOTES = "".join(f"\\n  item {n}: {n} pieces" for n in range(6))
_TIME = '"timestamp": "2026-11-24T15:08:54Z"'


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    yield "{\n" + _counts("  ", tests, tests // 50) + '  "name": "AllTests",\n  "testsuites": [\n'
    for first in range(0, tests, 20):
        numbers = range(first, min(first + 20, tests))
        failed = sum(number % 50 == 49 for number in numbers)
        yield f'{"," if first else ""}    {{\n      "name": "Shop{first // 20}",\n'
        yield _counts("      ", len(numbers), failed) + '      "testsuite": [\n'
        for number in numbers:
            yield ("," if number > first else "") + _test(number) + "\n"
        yield "      ]\n    }\n"
    yield "  ]\n}\n"


def _counts(indent: str, tests: int, failed: int) -> str:
    lines = [f'"tests": {tests}', f'"failures": {failed}', '"disabled": 0', '"errors": 0', _TIME, '"time": "1.5s"']
    return "".join(f"{indent}{line},\n" for line in lines)


def _test(number: int) -> str:
    lines = [
        f'"name": "Case{number}"',
        '"file": "tests/shop_test.cc"',
        f'"line": {number}',
        '"status": "RUN"',
        '"result": "COMPLETED"',
        _TIME,
        f'"time": "0.{number % 997:03}s"',
        f'"classname": "Shop{number // 20}"',
    ]
    if number % 50 == 49:
        failure = f"tests/shop_test.cc:{number}\\nExpected equality of these values:\\n  total\\n    Which is: {number}"
        lines.append(f'"failures": [\n            {{"failure": "{failure}{_NOTES}", "type": ""}}\n          ]')
    return "        {\n          " + ",\n          ".join(lines) + "\n        }"
