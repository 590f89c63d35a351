"""A TRX file as VSTest's logger writes it, definitions behind the results: 20 tests a class, 1 test of 50 fails."""

from collections.abc import Iterator
from uuid import UUID

_CLASS = 20
_LIST = "8c84fa94-04c1-424b-9868-57a2d4851a1d"


def pieces(tests: int) -> Iterator[str]:
    """The file, with this many tests."""
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<TestRun id="{_id(0, 3)}" name="user@machine 2026-01-31 12:00:00" '
        'xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">\n'
        '  <Times creation="2026-01-31T12:00:00.0000000+00:00" queuing="2026-01-31T12:00:00.0000000+00:00" '
        'start="2026-01-31T12:00:00.0000000+00:00" finish="2026-01-31T12:00:10.0000000+00:00" />\n  <Results>\n'
    )
    yield from map(_result, range(tests))
    yield "  </Results>\n  <TestDefinitions>\n"
    yield from map(_definition, range(tests))
    yield "  </TestDefinitions>\n  <TestEntries>\n"
    for test in range(tests):
        yield f'    <TestEntry testId="{_id(test, 1)}" executionId="{_id(test, 2)}" testListId="{_LIST}" />\n'
    failed = tests // 50
    yield (
        '  </TestEntries>\n  <ResultSummary outcome="Failed">\n'
        f'    <Counters total="{tests}" executed="{tests}" passed="{tests - failed}" failed="{failed}" error="0" />\n'
        "  </ResultSummary>\n</TestRun>\n"
    )


def _result(test: int) -> str:
    failed = test % 50 == 49
    head = (
        f'    <UnitTestResult executionId="{_id(test, 2)}" testId="{_id(test, 1)}" testName="TestNumber{test:07}" '
        f'computerName="machine" duration="00:00:00.{test % 10_000_000:07}" '
        'startTime="2026-01-31T12:00:00.0000000+00:00" endTime="2026-01-31T12:00:00.1000000+00:00" '
        f'testType="13cdc9d9-ddb5-4fa4-a97d-d965ccfc6d4b" outcome="{"Failed" if failed else "Passed"}" '
        f'testListId="{_LIST}" relativeResultsDirectory="{_id(test, 2)}"'
    )
    if not failed:
        return f"{head} />\n"
    trace = "\n".join(f"   at Shop.Tests.Step{step}() in /work/Fixture.cs:line {step}" for step in range(5))
    return (
        f"{head}>\n      <Output>\n        <ErrorInfo>\n          <Message>Assert.AreEqual failed. "
        f"Expected:&lt;{test}&gt;. Actual:&lt;0&gt;.</Message>\n          <StackTrace>{trace}</StackTrace>\n"
        "        </ErrorInfo>\n      </Output>\n    </UnitTestResult>\n"
    )


def _definition(test: int) -> str:
    kind = f"Shop.Tests.Fixture{test // _CLASS:05}"
    return (
        f'    <UnitTest name="TestNumber{test:07}" storage="/work/bin/shop.tests.dll" id="{_id(test, 1)}">\n'
        f'      <Execution id="{_id(test, 2)}" />\n'
        '      <TestMethod codeBase="/work/bin/Shop.Tests.dll" adapterTypeName="executor://mstestadapter/v2" '
        f'className="{kind}" name="TestNumber{test:07}" />\n    </UnitTest>\n'
    )


def _id(test: int, kind: int) -> UUID:
    return UUID(int=(test * 0x9E3779B97F4A7C15F39CC0605CEDC835 + kind) % (1 << 128))
