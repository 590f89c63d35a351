"""What a build printed before or after the report, into the same file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reading import read

from report_contract.formatters import FORMATTERS
from report_processor.formats.mocha import MochaJson

MOCHA = FORMATTERS["mocha"].example
JUNIT = '<?xml version="1.0"?>\n<testsuite name="s"><testcase name="t"/></testsuite>\n'


@pytest.mark.parametrize(
    ("before", "report", "key", "total"),
    [
        ("\n> shop@1.0.0 test\n> mocha --reporter json\n\n", MOCHA, "mocha", 2),
        ('{"level": 30, "msg": "listening"}\nserver is up\n', MOCHA, "mocha", 2),
        ("[dotenv] injecting env\r\n", json.dumps(json.loads(MOCHA)), "mocha", 2),
        ("yarn run v1.22.22\n$ jest --json\n", FORMATTERS["jest"].example, "jest", 2),
        ("Picked up JAVA_TOOL_OPTIONS: -Xmx1g\n", JUNIT, "junit", 1),
    ],
)
def test_text_before_the_report_is_skipped(before, report, key, total):
    found = read(("out.txt", before + report))
    assert (found.file["format"], found.file["verdict"]) == (key, "parsed")
    assert found.counts["total"] == total
    assert found.codes == ["text_around_report"]


def test_lines_are_counted_from_the_beginning_of_the_file():
    alone = read(("a.json", MOCHA)).results
    behind = read(("a.json", "one\ntwo\n" + MOCHA)).results
    assert [result["line"] for result in behind] == [result["line"] + 2 for result in alone]


@pytest.mark.parametrize("after", ["Done in 3.45s.\n", "[INFO] done", "10:32 closed\nnpm ERR! code 1\n", "--\n\n"])
def test_text_after_the_report_is_skipped(after):
    found = read(("out.json", MOCHA + "\n" + after))
    assert (found.file["verdict"], found.counts["total"], found.codes) == ("parsed", 2, ["text_around_report"])


def test_a_report_behind_text_behind_a_report_is_read():
    found = read(("out.json", f"{MOCHA}\nDone in 3.45s.\n{MOCHA}"))
    assert found.counts["total"] == 4


@pytest.mark.parametrize("after", ["}", "]", ": 1", '"a": 1', '{"stats": 1'])
def test_a_report_that_is_broken_ends_with_an_error(after):
    assert read(("out.json", MOCHA + after)).file["verdict"] == "partly_parsed"


@pytest.mark.parametrize(
    "quoted", ["Write it so:\n\n```xml\n{}```\n", "~~~\n{}~~~\n", 'SAMPLE = """\n{}"""\n', "const sample = `\n{}`;\n"]
)
def test_a_report_that_is_quoted_is_no_report(quoted):
    assert read(("README.md", quoted.format(JUNIT))).file["verdict"] == "attachment"


@pytest.mark.parametrize(
    "text", ["a log\nof a build\n", f'{{"a": [\n  {json.dumps(json.loads(MOCHA))}\n]}}', f"<pre>\n{MOCHA}</pre>"]
)
def test_other_texts_are_no_reports(text):
    assert read(("out.txt", text)).file["verdict"] == "attachment"


@given(st.integers(1, 40), st.sampled_from(["Done.\n[INFO] x\n[ERROR] y", "a\r\n\r\n[2026] b"]))
def test_text_is_skipped_however_it_is_split(size, after):
    text = f"{MOCHA}{after}\n{MOCHA}"
    parser = MochaJson()
    for at in range(0, len(text), size):
        parser.feed(text[at : at + size])
    parser.close()
