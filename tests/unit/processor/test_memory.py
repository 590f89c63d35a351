"""Memory: a ceiling for both processes of an import, whatever the file is made of."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

ONCE = Path(__file__).parents[3] / "benchmarks" / "import_once.py"
# The figure of docs/performance.md is 128 MiB, for usual files. The worst of these takes 122 to 126, and a few more
# when the machine is busy and the reader runs further ahead; no growth with the file would stop at this.
CEILING = 144 * 1024 * 1024
MB = 1_000_000


def peak(tmp_path, pieces):
    """Peak resident memory of both processes together, for a file made of these pieces."""
    report = tmp_path / "report.xml"
    with report.open("w") as file:
        file.writelines(pieces)
    once = [sys.executable, ONCE, tmp_path / "bucket"]
    subprocess.run([*once, report], check=True)
    told = json.loads(subprocess.run(once, check=True, capture_output=True, text=True).stdout)
    assert told["code"] == 0
    return sum(told["peak_bytes"])


def around(begin, piece, times, end):
    return itertools.chain([begin], itertools.repeat(piece, times), [end])


SUITE, END = '<testsuite name="s">', "</testsuite>"
CASE = '<testcase classname="a.B" name="t"'
KINDS = {
    "many plain tests": (SUITE, f'{CASE} time="0.1"/>\n' * 100, 3_000, END),
    "many failures with long backtraces": (SUITE, f"{CASE}><failure>{'x' * 20_000}</failure></testcase>", 2_000, END),
    "many containers": ("<testsuites>", f"{SUITE}{CASE}/>{END}\n", 150_000, "</testsuites>"),
    "a long output": (
        f"{SUITE}{CASE}><system-out>",
        "a line of output\n" * 1000,
        6_000,
        f"</system-out></testcase>{END}",
    ),
    "a long output in CDATA": (
        f"{SUITE}{CASE}><system-out><![CDATA[",
        "<a line of output>\n" * 1000,
        6_000,
        f"]]></system-out></testcase>{END}",
    ),
    "a long output of a suite": (f"{SUITE}<system-out>", "a line of output\n" * 1000, 6_000, f"</system-out>{END}"),
    "a long attribute": (f'{SUITE}<testcase name="', "x" * MB, 100, f'"/>{END}'),
    "a long comment": (f"{SUITE}<!--", "x" * MB, 100, f"-->{CASE}/>{END}"),
    "many properties": (
        f"{SUITE}<properties>",
        f'<property name="n" value="{"v" * 1000}"/>',
        100_000,
        f"</properties>{CASE}/>{END}",
    ),
    "many unknown elements": (SUITE, "<a/>" * 1000, 2_000, f"{CASE}/>{END}"),
    "many attempts": (f"{SUITE}{CASE}>", f"<flakyFailure>{'x' * 10_000}</flakyFailure>", 5_000, f"</testcase>{END}"),
}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_an_import_stays_below_its_ceiling(tmp_path, kind):
    assert peak(tmp_path, around(*KINDS[kind])) < CEILING
