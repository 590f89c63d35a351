"""JUnit files of any size."""

from collections.abc import Iterator


def junit(tests: int, failed: int = 0, *, name: str = "suite", padding: int = 0) -> bytes:
    """A report with so many tests, the first of which fail."""
    return b"".join(junit_parts(tests, failed, name=name, padding=padding))


def junit_parts(tests: int, failed: int = 0, *, name: str = "suite", padding: int = 0) -> Iterator[bytes]:
    """The same in pieces. ``padding`` is the number of characters that each test prints."""
    head = f'<testsuite name="{name}" tests="{tests}" failures="{failed}">'
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{head}\n'.encode()
    output = f"<system-out>{'x' * padding}</system-out>" if padding else ""
    for start in range(0, tests, 1000):
        lines = []
        for index in range(start, min(start + 1000, tests)):
            failure = f'<failure message="expected {index}">AssertionError: {index}</failure>' if index < failed else ""
            opening = f'<testcase classname="{name}.C{index // 50}" name="test {index}" time="0.01">'
            lines.append(f"{opening}{failure}{output}</testcase>\n")
        yield "".join(lines).encode()
    yield b"</testsuite>\n</testsuites>\n"
