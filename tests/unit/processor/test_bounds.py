"""Sums are bounded, too: many texts below the limit of one must not add up to any amount of memory."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from support.reading import Read, read

from report_processor import limits
from report_processor.parsing.texts import Budget, LongText

PEAK = """
import argparse, contextlib, io, resource, sys
from report_processor import parse_command
parser = argparse.ArgumentParser()
parse_command.add_arguments(parser)
with contextlib.redirect_stdout(io.StringIO()):
    parse_command.run(parser.parse_args(sys.argv[1:]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
ALLOWED = 45
"""Megabytes more than a tiny file takes: texts of all that is open, copies of them, rows on their way."""
TINY = '<testsuite name="s"><testcase name="t"/></testsuite>'


def megabytes(path: Path, pieces: Iterable[str]) -> int:
    with path.open("w") as file:
        file.writelines(pieces)
    return int(subprocess.run([sys.executable, "-c", PEAK, path], check=True, capture_output=True).stdout)


def grown(tmp_path: Path, pieces: Iterable[str]) -> int:
    """Megabytes of memory that reading a file of these pieces takes."""
    return megabytes(tmp_path / "r.xml", pieces) - megabytes(tmp_path / "tiny.xml", [TINY])


def test_many_failures_of_one_test_share_a_budget(tmp_path):
    failure = f"<failure>{'x' * 500_000}</failure>"
    pieces = ['<testsuite name="s"><testcase name="t">', *[failure] * 90, "</testcase></testsuite>"]
    assert grown(tmp_path, pieces) < ALLOWED


def test_long_messages_of_one_test_share_it_too(tmp_path):
    failure = f'<failure message="{"m" * 900_000}"/>'
    pieces = ['<testsuite name="s"><testcase name="t">', *[failure] * 90, "</testcase></testsuite>"]
    assert grown(tmp_path, pieces) < ALLOWED


def test_suites_that_are_open_share_a_budget(tmp_path):
    suite = f'<testsuite name="s" label="{"l" * 9_000}"><system-out>{"o" * 63_000}</system-out>'
    properties = f'<properties>{f"""<property name="n" value="{"v" * 15_000}"/>""" * 50}</properties>'
    pieces = [*[suite + properties] * 120, '<testcase name="t"/>', *["</testsuite>"] * 120]
    assert grown(tmp_path, pieces) < ALLOWED


def test_suites_with_much_output_do_not_gather(tmp_path):
    suite = f'<testsuite name="s"><system-out>{"o" * 60_000}</system-out></testsuite>'
    assert grown(tmp_path, ["<testsuites>", *[suite] * 1_500, "</testsuites>"]) < ALLOWED


def test_test_cases_inside_each_other_are_a_limit_that_names_itself():
    found = read('<testsuite name="s"><testcase name="a"/>' + '<testcase name="b">' * (limits.CASES_DEEP + 1))
    assert "10 test cases inside each other" in found.message("limit_exceeded")["message"]
    assert found.file["verdict"] == "partly_parsed"


def named(count: int) -> Read:
    cases = "".join(f'<testcase name="t" n{number}="1" m{number}="2"/>\n' for number in range(count))
    return read(f'<testsuite name="s">\n{cases}</testsuite>')


def test_different_names_of_attributes_are_counted():
    assert named(limits.NAMES // 2 - 10).file["verdict"] == "parsed"
    found = named(limits.NAMES)
    message = found.message("limit_exceeded")
    assert f"more than {limits.NAMES} different names" in message["message"]
    assert message["line"] > limits.NAMES // 2
    assert found.file["verdict"] == "partly_parsed"


def test_different_names_of_elements_are_counted():
    found = read(f'<testsuite name="s"><testcase name="t"/>{"".join(f"<e{n}/>" for n in range(limits.NAMES + 1))}')
    assert "limit_exceeded" in found.codes


def test_what_one_test_does_not_need_is_there_for_the_next():
    cases = f'<testcase name="t"><failure>{"x" * 500_000}</failure><system-out>{"y" * 500_000}</system-out></testcase>'
    found = read(f'<testsuite name="s">{cases * 12}</testsuite>')
    assert found.codes == ["duplicate_names"]
    assert all(len(result["exception_backtrace"]) == 1_000_001 for result in found.results)


def test_small_texts_leave_room_for_large_ones():
    problems = "<failure>small</failure>" * 50 + f"<failure>{'x' * 500_000}</failure>"
    found = read(f'<testsuite name="s"><testcase name="t">{problems}</testcase></testsuite>')
    assert found.codes == []


def test_every_text_keeps_something_and_what_is_cut_is_counted():
    problems = "".join(f"<failure>begin {n} {'x' * 500_000} end {n}</failure>" for n in range(10))
    found = read(f'<testsuite name="s"><testcase name="t">{problems}</testcase></testsuite>')
    message = found.message("field_cut")
    assert "characters of output or backtrace were cut" in message["message"]
    trace = found.results[0]["exception_backtrace"]
    assert all(f"begin {n} " in trace for n in range(3))


def test_a_budget_gives_what_there_is_and_takes_it_back():
    above = Budget(100)
    below = Budget(80, above)
    assert below.take(60) == 60
    assert below.take(60) == 20
    assert below.take(60, least=5) == 5
    assert above.take(60) == 20
    below.close()
    assert above.take(100) == 80
    assert Budget(50, above, least=10).take(50) == 10


def test_a_text_that_ends_gives_back_what_it_did_not_need():
    budget = Budget(10_000)
    for _ in range(100):
        text = LongText(9_000, budget)
        text.add("x" * 90)
        text.end()
    assert budget.take(10_000) == 1_000
