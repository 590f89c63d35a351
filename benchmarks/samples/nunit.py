"""An NUnit 3 report as its console runner writes it: fixtures of 20 tests, 1 test of 50 fails."""

from collections.abc import Iterator

_FIXTURE = 20


def pieces(tests: int) -> Iterator[str]:
    """The file, with this many tests."""
    yield (
        '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'
        f'<test-run id="0" name="Shop.Tests.dll" fullname="/work/Shop.Tests.dll" runstate="Runnable" '
        f'testcasecount="{tests}" result="Failed" total="{tests}" start-time="2026-01-31 12:00:00Z" duration="12.5">\n'
        "  <command-line><![CDATA[nunit3-console Shop.Tests.dll]]></command-line>\n"
        f'  <test-suite type="Assembly" id="0-1" name="Shop.Tests.dll" fullname="/work/Shop.Tests.dll" '
        f'runstate="Runnable" testcasecount="{tests}" result="Failed" site="Child" total="{tests}">\n'
        "    <failure>\n      <message><![CDATA[One or more child tests had errors]]></message>\n    </failure>\n"
    )
    for first in range(0, tests, _FIXTURE):
        yield _fixture(first // _FIXTURE, range(first, min(tests, first + _FIXTURE)))
    yield "  </test-suite>\n</test-run>\n"


def _fixture(number: int, tests: range) -> str:
    name = f"Fixture{number:05}"
    cases = "".join(_case(name, test) for test in tests)
    return (
        f'    <test-suite type="TestFixture" id="0-{number + 2}" name="{name}" fullname="Shop.Tests.{name}" '
        f'classname="Shop.Tests.{name}" runstate="Runnable" testcasecount="{len(tests)}" result="Passed" '
        f'start-time="2026-01-31T12:00:00.0000000Z" end-time="2026-01-31T12:00:01.0000000Z" duration="0.250000" '
        f'total="{len(tests)}" asserts="20">\n{cases}    </test-suite>\n'
    )


def _case(fixture: str, test: int) -> str:
    name = f"TestNumber{test:07}"
    failed = test % 50 == 49
    head = (
        f'      <test-case id="1-{test}" name="{name}" fullname="Shop.Tests.{fixture}.{name}" methodname="{name}" '
        f'classname="Shop.Tests.{fixture}" runstate="Runnable" seed="{test * 7919}" '
        f'result="{"Failed" if failed else "Passed"}" start-time="2026-01-31T12:00:00.0000000Z" '
        f'end-time="2026-01-31T12:00:00.0100000Z" duration="0.{test % 1000:06}" asserts="1"'
    )
    if not failed:
        return f"{head} />\n"
    trace = "\n".join(f"   at Shop.Tests.{fixture}.Step{step}() in /work/{fixture}.cs:line {step}" for step in range(5))
    return (
        f"{head}>\n        <failure>\n          <message><![CDATA[  Expected: {test}\n  But was:  0\n]]></message>\n"
        f"          <stack-trace><![CDATA[{trace}\n]]></stack-trace>\n        </failure>\n      </test-case>\n"
    )
