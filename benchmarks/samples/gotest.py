"""JSON of ``go test -json``: four events for each test, packages of a hundred tests."""

from collections.abc import Iterator
from json import dumps

_PACKAGE = 100


def pieces(tests: int) -> Iterator[str]:
    """A file with that many tests, one of fifty failed."""
    for first in range(0, tests, _PACKAGE):
        package = f"example.com/project/internal/package{first // _PACKAGE}"
        yield _event("start", package)
        bad = False
        for number in range(first + 1, min(first + _PACKAGE, tests) + 1):
            name = f"TestDoesWhatTest{number}Says"
            yield _event("run", package, Test=name) + _output(package, name, f"=== RUN   {name}\n")
            failed = number % 50 == 0
            bad = bad or failed
            if failed:
                for line in (
                    f"    package_test.go:{number}: \n",
                    f"        \tError Trace:\t/project/internal/package_test.go:{number}\n",
                    "        \tError:      \tNot equal: \n",
                    f"        \t            \texpected: {number}\n",
                    "        \t            \tactual  : 0\n",
                ):
                    yield _output(package, name, line)
            word = "FAIL" if failed else "PASS"
            yield _output(package, name, f"--- {word}: {name} (0.01s)\n")
            yield _event(word.lower(), package, Test=name, Elapsed=0.01)
        yield _output(package, "", f"{'FAIL' if bad else 'ok  '}\t{package}\t0.348s\n")
        yield _event("fail" if bad else "pass", package, Elapsed=0.348)


def _output(package: str, name: str, text: str) -> str:
    return _event("output", package, **({"Test": name} if name else {}), Output=text)


def _event(action: str, package: str, **more: object) -> str:
    event = {"Time": "2026-01-31T12:00:00.546888073Z", "Action": action, "Package": package, **more}
    return dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"
