"""What the XmlOutputter of CppUnit 1.15 writes: the tests that failed come first."""

from collections.abc import Iterator

_EXPECTED = "".join(f"\nitem {n}: {n} pieces" for n in range(6))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    yield "<?xml version=\"1.0\" encoding='UTF-8' standalone='yes' ?>\n<TestRun>\n  <FailedTests>\n"
    for number in range(49, tests, 50):
        yield (
            f'    <FailedTest id="{number + 1}">\n      <Name>{_name(number)}</Name>\n'
            "      <FailureType>Assertion</FailureType>\n      <Location>\n        <File>tests/ShopTest.cpp</File>\n"
            f"        <Line>{number}</Line>\n      </Location>\n      <Message>equality assertion failed\n"
            f"- Expected: {number}{_EXPECTED}\n- Actual  : 0\n</Message>\n    </FailedTest>\n"
        )
    yield "  </FailedTests>\n  <SuccessfulTests>\n"
    for number in range(tests):
        if number % 50 != 49:
            yield f'    <Test id="{number + 1}">\n      <Name>{_name(number)}</Name>\n    </Test>\n'
    bad = tests // 50
    yield f"  </SuccessfulTests>\n  <Statistics>\n    <Tests>{tests}</Tests>\n"
    yield f"    <FailuresTotal>{bad}</FailuresTotal>\n    <Errors>0</Errors>\n    <Failures>{bad}</Failures>\n"
    yield "  </Statistics>\n</TestRun>\n"


def _name(number: int) -> str:
    return f"ShopTest{number // 20}::testCase{number}"
