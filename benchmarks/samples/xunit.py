"""An xUnit.net 2 report as its console runner writes it: collections of 20 tests, 1 test of 50 fails."""

from collections.abc import Iterator

_COLLECTION = 20


def pieces(tests: int) -> Iterator[str]:
    """The file, with this many tests."""
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n<assemblies timestamp="01/31/2026 12:00:00">\n'
        '  <assembly name="/work/bin/Shop.Tests.dll" environment="64-bit .NET 8.0.4 [collection-per-class]" '
        'test-framework="xUnit.net 2.9.3.0" run-date="2026-01-31" run-time="12:00:00" '
        f'total="{tests}" time="12.500" errors="0">\n    <errors />\n'
    )
    for first in range(0, tests, _COLLECTION):
        yield _collection(first // _COLLECTION, range(first, min(tests, first + _COLLECTION)))
    yield "  </assembly>\n</assemblies>\n"


def _collection(number: int, tests: range) -> str:
    name = f"Shop.Tests.Fixture{number:05}"
    failed = sum(test % 50 == 49 for test in tests)
    cases = "".join(_test(name, test) for test in tests)
    return (
        f'    <collection total="{len(tests)}" passed="{len(tests) - failed}" failed="{failed}" skipped="0" '
        f'name="Test collection for {name}" time="0.250">\n{cases}    </collection>\n'
    )


def _test(kind: str, test: int) -> str:
    method = f"TestNumber{test:07}"
    failed = test % 50 == 49
    head = (
        f'      <test name="{kind}.{method}" type="{kind}" method="{method}" time="0.{test % 1000:07}" '
        f'result="{"Fail" if failed else "Pass"}"'
    )
    if not failed:
        return f"{head} />\n"
    trace = "\n".join(f"   at {kind}.Step{step}() in /work/Fixture.cs:line {step}" for step in range(5))
    return (
        f'{head}>\n        <failure exception-type="Xunit.Sdk.EqualException">\n'
        f"          <message><![CDATA[Assert.Equal() Failure\nExpected: {test}\nActual:   0]]></message>\n"
        f"          <stack-trace><![CDATA[{trace}]]></stack-trace>\n        </failure>\n      </test>\n"
    )
