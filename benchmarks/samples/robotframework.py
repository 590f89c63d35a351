"""A typical output.xml of Robot Framework 7: suites of 50 tests with eight keywords each."""

from collections.abc import Iterator

_TIME = "2026-11-24T15:03:02.02{:04}"


def pieces(tests: int) -> Iterator[str]:
    """The text of a file with so many tests; one in 50 fails."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<robot generator="Robot 7.5 (Python 3.11.7 on linux)" generated="2026-11-24T15:03:01.984614" rpa="false" '
        'schemaversion="5">\n<suite id="s1" name="Shop" source="/project/shop">\n'
    )
    for first in range(0, tests, 50):
        suite = first // 50 + 1
        yield f'<suite id="s1-s{suite}" name="Suite {suite}" source="/project/shop/suite_{suite}.robot">\n'
        for number in range(first, min(first + 50, tests)):
            yield _test(number, suite)
        yield f"<doc>What the shop does.</doc>\n{_status('PASS', 7)}</suite>\n"
    failed = tests // 50
    yield (
        f'{_status("FAIL", 9)}</suite>\n<statistics>\n<total>\n<stat pass="{tests - failed}" fail="{failed}" skip="0">'
        "All Tests</stat>\n</total>\n<tag>\n</tag>\n<suite>\n</suite>\n</statistics>\n<errors>\n</errors>\n</robot>\n"
    )


def _test(number: int, suite: int) -> str:
    failed = number % 50 == 49
    message = f"{number} != 0" if failed else ""
    word = "FAIL" if failed else "PASS"
    return (
        f'<test id="s1-s{suite}-t{number % 50 + 1}" name="Buys Item {number}" line="{number % 50 * 8 + 4}">\n'
        f'<kw name="Open Shop" owner="shop">\n{"".join(map(_step, range(6)))}'
        f"<arg>shop</arg>\n<doc>Opens the shop and signs in.</doc>\n{_status('PASS', 3)}</kw>\n"
        '<kw name="Should Be Equal" owner="BuiltIn">\n'
        + (f'<msg time="{_TIME.format(1)}" level="FAIL">{message}</msg>\n' if failed else "")
        + "<arg>${total}</arg>\n<arg>0</arg>\n<doc>Fails if the given objects are unequal.</doc>\n"
        f"{_status(word, 1, message)}</kw>\n"
        f"<doc>Buys one item.</doc>\n<tag>smoke</tag>\n{_status(word, number, message)}</test>\n"
    )


def _step(number: int) -> str:
    return (
        '<kw name="Click Element" owner="SeleniumLibrary">\n'
        f'<msg time="{_TIME.format(number)}" level="INFO">Clicking element \'id:button-{number}\'.</msg>\n'
        f"<arg>id:button-{number}</arg>\n<doc>Click the element identified by the locator.</doc>\n"
        f"{_status('PASS', number)}</kw>\n"
    )


def _status(word: str, time: int, text: str = "") -> str:
    start = f'<status status="{word}" start="{_TIME.format(time % 10000)}" elapsed="0.{time:06}"'
    return f"{start}>{text}</status>\n" if text else f"{start}/>\n"
