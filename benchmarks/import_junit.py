"""A whole import of a JUnit file against ``xmllint --stream --noout`` on the same file, and its memory.

    python benchmarks/import_junit.py [--rounds 7] [--large 2000]

The time is that of the Job's command: from its start, over parsing, both Parquet tables and
report.json, to status.json, with object storage in a folder. Both programs run in turns, so that what
else the machine does meets both; the figure is the ratio of the medians. The memory is the peak of the
resident memory of both processes added up, although they share pages. Prints one JSON object; exits
with 1 when a limit is missed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ONCE = HERE / "import_once.py"
MB = 1_000_000
MAX_RATIO = 5.0
MAX_BYTES = 128 * 1024 * 1024
TESTS = 700_000
SUITE = 100


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=7, help="pairs of runs (default: %(default)s)")
    arguments.add_argument("--large", type=int, default=2000, help="MB of the large file; 0 leaves it out")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
        found = measure(Path(folder), chosen.rounds, chosen.large)
    print(json.dumps(found))
    return int(not found["ok"])


def measure(folder: Path, rounds: int, large: int) -> dict[str, object]:
    usual = write(folder / "junit.xml", suites(TESTS))
    found: dict[str, object] = {"megabytes": round(usual.stat().st_size / MB), "tests": TESTS, **compare(usual, rounds)}
    peaks = {"usual": found.pop("peak")}
    if large:
        per_test = usual.stat().st_size / TESTS
        path = write(folder / "large.xml", suites(round(large * MB / per_test / SUITE) * SUITE))
        peaks["large"] = import_once(path)["peak"]
        path.unlink()
    for name, make in {"system-out of 600 MB": system_out, "attribute of 100 MB": attribute}.items():
        path = write(folder / "one.xml", make())
        peaks[name] = import_once(path)["peak"]
        path.unlink()
    megabytes = {name: round(peak / 1024 / 1024, 1) for name, peak in peaks.items()}
    ok = found["ratio"] <= MAX_RATIO and all(peak <= MAX_BYTES for peak in peaks.values())
    return {**found, "max_ratio": MAX_RATIO, "peak_mib": megabytes, "max_mib": MAX_BYTES / 1024 / 1024, "ok": ok}


def compare(path: Path, rounds: int) -> dict[str, object]:
    bare, whole, peaks = [], [], []
    for _ in range(rounds):
        bare.append(timed(lambda: subprocess.run(["xmllint", "--stream", "--noout", path], check=True)))
        run = import_once(path)
        whole.append(run["seconds"])
        peaks.append(run["peak"])
    xmllint, ours = statistics.median(bare), statistics.median(whole)
    return {
        "xmllint_seconds": round(xmllint, 3),
        "import_seconds": round(ours, 3),
        "ratio": round(ours / xmllint, 2),
        "best_ratio": round(min(whole) / min(bare), 2),
        "peak": max(peaks),
    }


def import_once(path: Path) -> dict[str, float]:
    """Seconds of the whole process, and the peak of both processes in bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-bucket-", dir=path.parent) as bucket:
        once = [sys.executable, ONCE, bucket]
        subprocess.run([*once, path], check=True)
        begin = time.perf_counter()
        output = subprocess.run(once, check=True, capture_output=True, text=True).stdout
        seconds = time.perf_counter() - begin
    told = json.loads(output)
    if told["code"] != 0:
        raise SystemExit(f"the import of {path.name} ended with {told['code']}")
    return {"seconds": seconds, "peak": sum(told["peak_bytes"])}


def timed(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def write(path: Path, pieces: Iterator[str]) -> Path:
    with path.open("w") as file:
        file.writelines(pieces)
    return path


def suites(tests: int) -> Iterator[str]:
    """Suites of 100 tests, of which one fails and one is skipped; 174 bytes a test."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n'
    for first in range(0, tests, SUITE):
        number, module = first // SUITE, first // 1000
        yield (
            f'<testsuite name="com.example.project.module{module}.ClassNumber{number}Test" tests="{SUITE}" failures="1"'
            f' errors="0" skipped="1" time="4.95" timestamp="2026-01-01T00:00:00" hostname="build-17.example.org">\n'
        )
        for test in range(first, first + SUITE):
            yield (
                f'<testcase classname="com.example.project.module{module}.ClassNumber{number}Test"'
                f' name="test_something_interesting_{test}" file="tests/module{module}/test_class_{number}.py"'
                f' time="0.{test % SUITE:03}"{inside(test % SUITE)}\n'
            )
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def inside(test: int) -> str:
    if test == 50:
        return (
            '><failure message="expected 50 got 1" type="AssertionError">Traceback (most recent call last):\n'
            '  File "x.py", line 3, in test_something\n    assert a == b\nAssertionError: expected</failure></testcase>'
        )
    return '><skipped message="not now"/></testcase>' if test == 51 else "/>"


def system_out() -> Iterator[str]:
    yield '<testsuite name="s"><testcase name="t"><system-out><![CDATA['
    line = "2026-01-01 00:00:00,000 INFO something was done with something else, and this is what it said\n" * 100
    for _ in range(600 * MB // len(line)):
        yield line
    yield "]]></system-out></testcase></testsuite>"


def attribute() -> Iterator[str]:
    yield '<testsuite name="s"><testcase name="t"><failure message="'
    for _ in range(100):
        yield "x" * MB
    yield '">trace</failure></testcase></testsuite>'


if __name__ == "__main__":
    sys.exit(main())
