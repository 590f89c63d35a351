"""A log of Boost.Test 1.74 (--logger=XML,test_suite), which is one line."""

from collections.abc import Iterator

_CHECKS = "".join(
    f'<Error file="tests/shop.cpp" line="{n}"><![CDATA[check total({n}) == price({n}) has failed [{n} != 0]]]></Error>'
    for n in range(6)
)


def pieces(tests: int) -> Iterator[str]:
    """The text of a log of so many test cases; one in 50 fails."""
    yield '<TestLog><TestSuite name="shop">'
    for first in range(0, tests, 20):
        yield f'<TestSuite name="suite_{first // 20}" file="tests/shop.cpp" line="{first + 7}">'
        for number in range(first, min(first + 20, tests)):
            yield f'<TestCase name="case_{number}" file="tests/shop.cpp" line="{number + 9}">'
            yield _CHECKS if number % 50 == 49 else ""
            yield f"<TestingTime>{number % 97}</TestingTime></TestCase>"
        yield "</TestSuite>"
    yield "</TestSuite></TestLog>"
