"""A report of Catch2 3 (-r xml --durations yes)."""

from collections.abc import Iterator


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many test cases; one in 50 fails."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Catch2TestRun name="shop" rng-seed="1" xml-format-version="3" catch2-version="3.12.0">\n'
    )
    for number in range(tests):
        failed = number % 50 == 49
        yield f'  <TestCase name="case {number} of the shop" tags="[shop]" filename="tests/shop.cpp" line="{number}">\n'
        yield "".join(map(_check, range(6))) if failed else ""
        yield f'    <OverallResult success="{"false" if failed else "true"}" skips="0" '
        yield f'durationInSeconds="0.{number % 997:06}"/>\n  </TestCase>\n'
    bad = tests // 50
    yield f'  <OverallResults successes="{tests - bad}" failures="{6 * bad}" expectedFailures="0" skips="0"/>\n'
    yield f'  <OverallResultsCases successes="{tests - bad}" failures="{bad}" expectedFailures="0" skips="0"/>\n'
    yield "</Catch2TestRun>\n"


def _check(number: int) -> str:
    return (
        f'    <Expression success="false" type="CHECK" filename="tests/shop.cpp" line="{number}">\n'
        f"      <Original>\n        total( {number} ) == 0\n      </Original>\n"
        f"      <Expanded>\n        {number} == 0\n      </Expanded>\n    </Expression>\n"
    )
