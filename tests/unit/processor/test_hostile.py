"""Files made to be slow: eight times the file takes about eight times as long, not sixty-four times."""

import time

import pytest
from support.reading import read

JEST = b'{"numTotalTests":1,"success":true,"testResults":[{"assertionResults":[{"title":"t","x":[%s1]}]}]}'
CASES = {
    "arrays in arrays": lambda n: b'{"testResults":' + b"[" * n,
    "objects in objects": lambda n: b'[{"elements":' + b'{"a":' * n,
    "empty objects in one test": lambda n: JEST % (b"{}," * n),
    "opening quotes": lambda n: b'{"' * n,
    "commas": lambda n: b'{"a":1' + b"," * n,
    "instructions": lambda n: b"<test-run>" + b"<?x?>" * n + b"</test-run>",
    "instructions that do not end": lambda n: b"<test-run>" + b"<?x" * n,
    "comments": lambda n: b"<test-run>" + b"<!--x-->" * n + b"</test-run>",
    "comments, CDATA and forbidden references": lambda n: b"<test-run>" + b"<!--x--><![CDATA[x]]>&#27;" * n,
    "document type declarations": lambda n: b"<test-run>" + b"<!DOCTYPE a>" * n + b"</test-run>",
    "CDATA that does not end": lambda n: b"<test-run>" + b"<![CDATA[" * n,
    "unknown entities": lambda n: b'<test-run><test-case name="' + b"&nbsp;" * n + b'"/></test-run>',
    "suites in suites": lambda n: b"<test-run>" + b'<test-suite name="n">' * n,
    "subtests in subtests": lambda n: (
        b"TAP version 14\n" + b"".join(b"    " * (i % 200) + b"# Subtest: x\n" for i in range(n))
    ),
}
FIRST, TIMES = 5_000, 8


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_time_grows_with_the_file_and_no_faster(make):
    small, large = seconds(make(FIRST)), seconds(make(FIRST * TIMES))
    assert large < 3 * TIMES * small + 0.3


def seconds(data):
    begin = time.process_time()
    found = read(("hostile", data))
    assert "internal_error" not in {message["code"] for message in found.summary["messages"]}
    return time.process_time() - begin
