"""A typical TestNG report: classes of 20 methods, with configuration methods between them."""

from collections.abc import Iterator

_RUN = (
    'signature="{name}()[pri:0, instance:shop.Class{class_}@43301423]" started-at="2026-11-24T15:06:33 UTC" '
    'name="{name}" finished-at="2026-11-24T15:06:33 UTC" duration-ms="{time}"'
)
_OUTPUT = "          <reporter-output>\n          </reporter-output>\n"
_FRAMES = "".join(f"at org.testng.internal.invokers.Invoker.invoke{n}(Invoker.java:{n})\n" for n in range(12))


def pieces(tests: int) -> Iterator[str]:
    """The text of a file with so many tests; one in 50 fails."""
    failed = tests // 50
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testng-results ignored="0" total="{tests}" passed="{tests - failed}" failed="{failed}" skipped="0">\n'
        "  <reporter-output>\n  </reporter-output>\n"
        '  <suite started-at="2026-11-24T15:06:32 UTC" name="shop" finished-at="2026-11-24T15:06:34 UTC" '
        'duration-ms="1803">\n    <groups>\n    </groups>\n'
        '    <test started-at="2026-11-24T15:06:32 UTC" name="all" finished-at="2026-11-24T15:06:34 UTC" '
        'duration-ms="1803">\n'
    )
    for first in range(0, tests, 20):
        yield f'      <class name="shop.Class{first // 20}">\n'
        for number in range(first, min(first + 20, tests)):
            yield _method(number, first // 20)
        yield f"      </class> <!-- shop.Class{first // 20} -->\n"
    yield "    </test> <!-- all -->\n  </suite> <!-- shop -->\n</testng-results>\n"


def _method(number: int, class_: int) -> str:
    name = f"method{number}"
    run = _RUN.format(name=name, class_=class_, time=number % 97)
    clean = _RUN.format(name="cleanUp", class_=class_, time=0)
    failed = number % 50 == 49
    exception = (
        '          <exception class="java.lang.AssertionError">\n            <message>\n'
        f"              <![CDATA[expected [{number}] but found [0]]]>\n            </message>\n"
        "            <full-stacktrace>\n"
        f"              <![CDATA[java.lang.AssertionError: expected [{number}] but found [0]\n{_FRAMES}]]>\n"
        "            </full-stacktrace>\n          </exception> <!-- java.lang.AssertionError -->\n"
    )
    return (
        f'        <test-method {run} status="{"FAIL" if failed else "PASS"}">\n'
        f"{exception if failed else ''}{_OUTPUT}"
        f"        </test-method> <!-- {name} -->\n"
        f'        <test-method is-config="true" {clean} status="PASS">\n{_OUTPUT}'
        "        </test-method> <!-- cleanUp -->\n"
    )
