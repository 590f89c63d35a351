"""What Qt Test 6 writes (-o file,xml)."""

from collections.abc import Iterator

_ACTUAL = "".join(f"\n   Item {n}: {n} pieces" for n in range(6))


def pieces(tests: int) -> Iterator[str]:
    """The text of a report of so many test functions; one in 50 fails."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<TestCase name="ShopTest">\n  <Environment>\n'
        "    <QtVersion>6.4.2</QtVersion>\n    <QtBuild>Qt 6.4.2 (x86_64 shared release build)</QtBuild>\n"
        "    <QTestVersion>6.4.2</QTestVersion>\n  </Environment>\n"
    )
    for number in range(tests):
        yield f'  <TestFunction name="testCase{number}">\n'
        if number % 50 == 49:
            yield (
                f'    <Incident type="fail" file="tests/shoptest.cpp" line="{number}">\n'
                "      <Description><![CDATA[Compared values are not the same\n"
                f"   Actual   (total): {number}{_ACTUAL}\n   Expected (0)    : 0]]></Description>\n    </Incident>\n"
            )
        else:
            yield '    <Incident type="pass" file="" line="0" />\n'
        yield f'    <Duration msecs="0.{number % 997:06}"/>\n  </TestFunction>\n'
    yield '  <Duration msecs="1225"/>\n</TestCase>\n'
