"""JSON of libtest: a suite for each test binary, two events for each test."""

from collections.abc import Iterator
from json import dumps

_SUITE = 200


def pieces(tests: int) -> Iterator[str]:
    """A file with that many tests, one of fifty failed."""
    for first in range(0, tests, _SUITE):
        count = min(_SUITE, tests - first)
        failed = 0
        yield f'{{ "type": "suite", "event": "started", "test_count": {count} }}\n'
        for number in range(first + 1, first + count + 1):
            name = f"module_{number % 17}::tests::does_what_test_{number}_says"
            yield f'{{ "type": "test", "event": "started", "name": "{name}" }}\n'
            event = f'{{ "type": "test", "name": "{name}", "event": '
            if number % 50:
                yield f'{event}"ok", "exec_time": {number * 0.0000137:.9f} }}\n'
                continue
            failed += 1
            output = dumps(
                f"\nthread '{name}' panicked at src/module_{number % 17}.rs:{number}:9:\n"
                "assertion `left == right` failed\n"
                f"  left: {number}\n right: 0\nstack backtrace:\n   0: __rustc::rust_begin_unwind\n"
                f"   1: core::panicking::panic_fmt\n   2: outcomes::{name}\n"
                "   3: core::ops::function::FnOnce::call_once\n"
            )
            yield f'{event}"failed", "exec_time": 0.000044414, "stdout": {output} }}\n'
        yield (
            f'{{ "type": "suite", "event": "{"failed" if failed else "ok"}", "passed": {count - failed}, '
            f'"failed": {failed}, "ignored": 0, "measured": 0, "filtered_out": 0, "exec_time": 0.154594087 }}\n'
        )
