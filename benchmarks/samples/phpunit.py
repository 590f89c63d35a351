"""Open Test Reporting as PHPUnit 13 writes it (--log-otr)."""

from collections.abc import Iterator

_HEAD = """<?xml version="1.0"?>
<e:events xmlns="https://schemas.opentest4j.org/reporting/core/0.2.0" \
xmlns:e="https://schemas.opentest4j.org/reporting/events/0.2.0" \
xmlns:php="https://schema.phpunit.de/otr/php/0.1.0" xmlns:phpunit="https://schema.phpunit.de/otr/phpunit/0.2.0">
 <infrastructure>
  <hostName>machine</hostName>
  <userName>user</userName>
  <operatingSystem>Linux</operatingSystem>
  <php:phpVersion>8.4.1</php:phpVersion>
  <php:threadModel>NTS</php:threadModel>
 </infrastructure>
"""
_TRACE = "".join(f"/project/tests/Shop{n}Test.php:{n}\n" for n in range(6))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many tests; one in 50 fails."""
    yield _HEAD
    for first in range(0, tests, 20):
        suite, name = f"s{first}", f"App\\Shop{first // 20}Test"
        yield f' <e:started id="{suite}" name="{name}" time="{_time(first)}">\n  <sources>\n'
        yield f'   <phpunit:classSource className="{name}"/>\n  </sources>\n </e:started>\n'
        for number in range(first, min(first + 20, tests)):
            yield _test(suite, name, number)
        yield f' <e:finished id="{suite}" time="{_time(first)}"/>\n'
    yield "</e:events>\n"


def _test(suite: str, name: str, number: int) -> str:
    if number % 50 == 49:
        message = f"Failed asserting that {number} matches expected 0."
        kind = "PHPUnit\\Framework\\ExpectationFailedException"
        result = (
            f'  <result status="FAILED">\n   <reason>{message}</reason>\n   <phpunit:throwable type="{kind}" '
            f'assertionError="true"><![CDATA[{message}\n\n{_TRACE}]]></phpunit:throwable>\n  </result>\n'
        )
    else:
        result = '  <result status="SUCCESSFUL"/>\n'
    return (
        f' <e:started id="{number}" parentId="{suite}" name="testCase{number}" time="{_time(number)}">\n'
        f'  <metadata>\n   <phpunit:testDox prettifiedMethodName="Case {number}"/>\n  </metadata>\n  <sources>\n'
        f'   <fileSource path="/project/tests/ShopTest.php">\n    <filePosition line="{number + 1}"/>\n'
        f'   </fileSource>\n   <phpunit:methodSource className="{name}" methodName="testCase{number}"/>\n'
        f'  </sources>\n </e:started>\n <e:finished id="{number}" time="{_time(number)}">\n  <attachments>\n'
        f'   <phpunit:resourceUsage time="0.{number % 997:06}" memoryUsage="4096" peakMemoryUsage="8192" '
        'userCpuTime="0.001" systemCpuTime="0.001" cpuTime="0.002"/>\n   <phpunit:assertions count="1"/>\n'
        f"  </attachments>\n{result} </e:finished>\n"
    )


def _time(number: int) -> str:
    return f"2026-11-24T10:{number // 60 % 60:02}:{number % 60:02}.000100Z"
