"""What well-known tools write beside the reports that are read, and what to send in its place."""

import re
from collections.abc import Collection
from typing import Final

_TEXTS: Final = (
    (
        re.compile(r"^(?:=== RUN   \S|\s*--- (?:PASS|FAIL|SKIP): \S+ \(|ok  \t\S+\t|FAIL\t\S+\t)", re.MULTILINE),
        "text of go test; send what go test -json writes, or pipe this through go tool test2json",
    ),
    (
        re.compile(
            r"\A(?:(?:time|progress|tags): .*\n)*test(?:ing)?:? .+\n(?:.*\n)*?"
            r"(?:success(?:ful)?|failure|error|skip|xfail|uxsuccess):? "
        ),
        "subunit, version 1; subunit-1to2 makes version 2 of it",
    ),
    (re.compile(r"^Files=\d+, Tests=\d+, ", re.MULTILINE), "a summary of prove; send the output of prove -v"),
)
_XCRESULT: Final = "send what xcrun xcresulttool get test-results tests --path writes, of Xcode 16 or later"
_OF_XCRESULT: Final = (
    {"_type", "actions"},
    {"_type", "summaries"},
    {"testIdentifier", "testRuns"},
    {"testFailures", "totalTestCount"},
)
"""References to the tests (``--legacy``), one test, and counts."""
_KEYS: Final = (
    ({"generator", "rpa", "suite"}, "of Robot Framework; send output.xml, which rebot --output output.xml makes of it"),
    *((keys, f"of xcresulttool; {_XCRESULT}") for keys in _OF_XCRESULT),
    ({"capabilities", "specs", "suites"}, "of WebdriverIO; send what its junit reporter writes"),
    ({"cypressVersion", "runs"}, "of Cypress itself; send what its reporter junit, json or mochawesome writes"),
    ({"fixtures", "userAgents"}, "of TestCafe; send what its reporter xunit writes"),
    ({"httpOutput", "report"}, "of Nightwatch; send the JUnit XML that it writes"),
    ({"browsers", "result", "summary"}, "of Karma; send what karma-junit-reporter writes"),
    ({"examples", "summary_line"}, "of RSpec; send what rspec_junit_formatter writes"),
    ({"$report_type"}, "of pytest-reportlog; send what pytest --junitxml or pytest --json-report writes"),
    ({"metrics", "root_group"}, "of k6; send the JUnit XML that handleSummary can make of it"),
    ({"Collection", "Run"}, "of Newman's reporter json-summary; send what its reporter json or junit writes"),
    ({"info", "item"}, "of a Postman collection, which has no results; send what running it writes"),
    ({"errorCount", "filePath", "messages"}, "of ESLint; send what eslint-formatter-junit writes"),
)


def text_of_a_tool(text: str) -> str:
    """What a text is that a tool wrote; empty when it is none of these."""
    return next((kind for expression, kind in _TEXTS if expression.search(text)), "")


def json_of_a_tool(keys: Collection[str]) -> str:
    """Of which tool an object with these keys is; empty when it is none of these."""
    return next((tool for all_of, tool in _KEYS if all_of <= set(keys)), "")
