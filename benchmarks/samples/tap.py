"""TAP 14 as node:test and node-tap write it: one subtest for each file, a YAML block for each test."""

from collections.abc import Iterator

_FAILED = """      location: '/project/test/file_{file}.test.js:{number}:3'
      failureType: 'testCodeFailure'
      error: |-
        Expected values to be strictly equal:

        {number} !== 0

      code: 'ERR_ASSERTION'
      name: 'AssertionError'
      expected: 0
      actual: {number}
      operator: 'strictEqual'
      stack: |-
        TestContext.<anonymous> (file:///project/test/file_{file}.test.js:{number}:10)
        Test.runInAsyncScope (node:async_hooks:206:9)
        Test.run (node:internal/test_runner/test:796:25)
"""


def pieces(tests: int) -> Iterator[str]:
    """A file with that many tests, one of fifty failed."""
    yield "TAP version 13\n"
    files = -(-tests // 100)
    for file in range(files):
        count = min(100, tests - file * 100)
        yield f"# Subtest: file_{file}\n"
        for number in range(1, count + 1):
            failed = number % 50 == 0
            title = f"does what test {number} of file {file} says"
            more = _FAILED.format(file=file, number=number) if failed else ""
            yield (
                f"    # Subtest: {title}\n    {'not ' if failed else ''}ok {number} - {title}\n"
                f"      ---\n      duration_ms: {number * 0.137:.6f}\n      type: 'test'\n{more}      ...\n"
            )
        yield f"    1..{count}\n{'not ' if count >= 50 else ''}ok {file + 1} - file_{file}\n"
        yield "  ---\n  duration_ms: 812.5\n  type: 'suite'\n  ...\n"
    yield f"1..{files}\n# tests {tests}\n"
