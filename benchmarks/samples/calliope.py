"""A report as this project's export writes it: suites of 20 results."""

import json
from collections.abc import Iterator

_TRACE = "".join(
    f'  File "/project/shop/test_{n}.py", line {n}, in check\n    assert found == wanted\n' for n in range(6)
)


def pieces(tests: int) -> Iterator[str]:
    """The text of a file with so many results; one in 50 fails."""
    yield (
        '{"origin": "junit_xml", "import_status": 0, "date": "2026-01-01T09:45:00Z", "duration": 9.5, '
        f'"count_total": {tests}, "results": [], "containers": ['
    )
    for first in range(0, tests, 20):
        count = min(20, tests - first)
        yield ",\n" if first else "\n"
        yield (
            f'{{"id": {first // 20 + 1}, "title": "shop.test_{first // 20}", "classification": "testsuite", '
            f'"description": "", "duration": 0.5, "count_total": {count}, "results": ['
        )
        for number in range(first, first + count):
            yield ",\n" if number > first else "\n"
            yield _result(number)
        yield '], "containers": []}'
    yield "]}\n"


def _result(number: int) -> str:
    failed = number % 50 == 49
    row = {
        "id": number + 1,
        "title": f"test_case_{number}",
        "classification": f"shop.test_{number // 20}.TestShop",
        "status": "failed" if failed else "passed",
        "duration": number % 97 / 1000,
        "history_hash": f"{number:040x}",
    }
    if failed:
        row |= {"exception_name": "AssertionError", "exception_description": f"{number} == 0"}
        row |= {"exception_backtrace": _TRACE, "labels": [{"name": "ticket", "value": f"ABC-{number}"}]}
    return json.dumps(row)
