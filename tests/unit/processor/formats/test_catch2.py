"""Catch2's XML: what the fixtures do not show."""

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import skimmed

PASS = '<OverallResult success="true"/>'
FAIL = '<OverallResult success="false"/>'


def run(body):
    return read(f'<Catch2TestRun name="r">{body}</Catch2TestRun>')


def only(body):
    (result,) = run(f'<TestCase name="t">{body}</TestCase>').results
    return result


def expression(kind, inside):
    return f'<Expression success="false" type="{kind}"><Original>f()</Original>{inside}</Expression>'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (PASS, "passed"),
        (FAIL, "failed"),
        ('<OverallResult success="true" skips="1"/>', "skipped"),
        ("<Skip>why</Skip>" + PASS, "skipped"),
        ("<Failure>no</Failure>" + FAIL, "failed"),
        ("<Failure>no</Failure>" + PASS, "skipped"),
        ("<Exception>no</Exception>" + FAIL, "broken"),
        ("<FatalErrorCondition>no</FatalErrorCondition>" + FAIL, "broken"),
        (expression("CHECK", "<Exception>no</Exception>") + FAIL, "broken"),
        (expression("REQUIRE_THROWS_AS", "<Exception>no</Exception>") + FAIL, "failed"),
        (expression("CHECK_NOTHROW", "<FatalErrorCondition>no</FatalErrorCondition>") + FAIL, "broken"),
        ("", "unknown"),
        ('<OverallResult success="perhaps"/>', "unknown"),
    ],
)
def test_each_outcome_has_its_status(body, status):
    assert only(body)["status"] == status


def test_hints_belong_to_the_assertion_behind_them():
    passed = '<Expression success="true" type="CHECK"><Original>a</Original></Expression>'
    failed = expression("CHECK", "")
    result = only(f"<Info>first</Info>{passed}<Info>second</Info>{failed}{FAIL}")
    assert result["exception_description"] == "second\nCHECK( f() )"


def test_a_group_of_another_name_is_a_container():
    found = read(f'<Catch name="r"><Group name="g"><TestCase name="t">{PASS}</TestCase></Group></Catch>')
    assert found.path(found.results[0]) == ["r", "g"]


def test_a_run_without_a_name_is_no_container():
    found = read(f'<Catch2TestRun><TestCase name="t">{PASS}</TestCase></Catch2TestRun>')
    assert found.path(found.results[0]) == []


def test_a_description_of_version_1_is_kept():
    found = run(f'<TestCase name="t" description="says more">{PASS}</TestCase>')
    assert found.results[0]["description"] == "says more"


def test_a_benchmark_that_failed_is_told():
    result = only(f'<BenchmarkResults name="b"><failed message="too slow"/></BenchmarkResults>{PASS}')
    assert result["description"] == "benchmark b: failed too slow"


def test_counts_are_those_of_the_test_cases_and_a_difference_is_told():
    cases = '<OverallResultsCases successes="2" failures="0" expectedFailures="0"/>'
    found = run(f'<TestCase name="t">{PASS}</TestCase>{cases}')
    assert found.message("suite_count_differs")["message"].count("2 test cases, but there are 1")


def test_a_test_case_that_the_file_breaks_off_in_is_no_pass():
    found = read('<Catch2TestRun name="r"><TestCase name="t"><Section name="s">')
    assert [row["status"] for row in found.results] == ["unknown"]


def test_lists_of_tests_are_no_reports():
    assert read("<MatchingTests><TestCase><Name>t</Name></TestCase></MatchingTests>").results == []


word = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=8)
name = word.filter(lambda text: not text.isspace())
tag = st.text("abc!.", min_size=1, max_size=5)
message = word.filter(lambda text: text.strip() == text)
KIND = {"": "passed", "Failure": "failed", "Exception": "broken", "Skip": "skipped"}
case = st.tuples(
    name, st.lists(tag, max_size=3), st.sampled_from(sorted(KIND)), message, st.none() | st.integers(0, 10**6)
)


def written(one):
    title, tags, kind, text, microseconds = one
    inside = f"\n<{kind}>\n  {escape(text)}\n</{kind}>" if kind else ""
    success = "true" if kind in {"", "Skip"} else "false"
    time = "" if microseconds is None else f' durationInSeconds="{microseconds / 1e6:.6f}"'
    tags = "".join(f"[{one_tag}]" for one_tag in tags)
    return (
        f"<TestCase name={quoteattr(title)} tags={quoteattr(tags)}>{inside}\n"
        f'<OverallResult success="{success}"{time}/></TestCase>'
    )


@given(st.lists(case, max_size=5, unique_by=lambda one: one[0]), st.integers(1, 300))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_run_written_and_read_back_is_equal(cases, size):
    document = f'<Catch2TestRun name="r">{"".join(map(written, cases))}</Catch2TestRun>'
    found = read(("x", Trickle(document.encode(), size)))
    seen = [
        (row["title"], row["labels"], row["status"], row["exception_description"], row["duration"])
        for row in found.results
    ]
    assert seen == [
        (
            title,
            [("tag", one) for one in tags],
            KIND[kind],
            text if kind else "",
            None if time is None else time / 1e6,
        )
        for title, tags, kind, text, time in cases
    ]


def case(inside="", *, name="t", success="true", skips="0", more=""):
    result = f'<OverallResult success="{success}" skips="{skips}" durationInSeconds="0.5"/>'
    return f'<TestCase name="{name}" tags="[a][b]" filename="a.cpp" line="3"{more}>{inside}{result}</TestCase>'


def test_usual_test_cases_are_skimmed():
    cases = "".join(case(name=f"t {number}") for number in range(50))
    assert skimmed(f'<Catch2TestRun name="r">{cases}</Catch2TestRun>', "catch2") >= 45


@pytest.mark.parametrize(
    "odd",
    [
        case(name=""),
        case(name=" t"),
        case(name="a&lt;b"),
        case(name="t" * 9_000),
        case(success="false"),
        case(success="maybe"),
        case(skips="1"),
        case(more=' description="d"'),
        case("<Info>i</Info>"),
        case("<StdOut>o</StdOut>"),
        case('<Section name="s"><OverallResults successes="1" failures="0"/></Section>'),
    ],
)
def test_test_cases_with_something_to_tell_are_not(odd):
    usual = [case(name=f"t {number}") for number in range(5)]
    cases = "".join([*usual, odd, *usual, odd, odd])
    assert skimmed(f'<Catch2TestRun name="r">{cases}</Catch2TestRun>', "catch2") <= 10


def test_an_assertion_that_may_fail_is_output():
    result = only(expression("CHECK_NOFAIL", "<Expanded>false</Expanded>") + PASS)
    assert (result["status"], result["exception_name"]) == ("passed", "")
    assert "CHECK_NOFAIL( f() )" in result["exception_backtrace"]
    assert only(expression("CHECK_NOFAIL", "<Exception>no</Exception>") + PASS)["status"] == "passed"


def doctest(body, attributes=""):
    (result,) = read(
        f'<doctest binary="./t"><TestSuite><TestCase name="t" {attributes}>{body}</TestCase></TestSuite></doctest>'
    ).results
    return result


@pytest.mark.parametrize(
    ("body", "attributes", "status"),
    [
        ('<OverallResultsAsserts test_case_success="true"/>', "", "passed"),
        (expression("CHECK", "") + '<OverallResultsAsserts test_case_success="false"/>', "", "failed"),
        (expression("CHECK", "") + '<OverallResultsAsserts test_case_success="true"/>', 'may_fail="true"', "passed"),
        ('<OverallResultsAsserts test_case_success="false"/>', 'should_fail="true"', "failed"),
        (expression("WARN", "") + '<OverallResultsAsserts test_case_success="true"/>', "", "passed"),
        ('<Exception crash="true">SIGSEGV</Exception><OverallResultsAsserts test_case_success="false"/>', "", "broken"),
        (
            '<Message type="WARNING"><Text>x</Text></Message><OverallResultsAsserts test_case_success="true"/>',
            "",
            "passed",
        ),
        (
            '<Message type="FATAL ERROR"><Text>x</Text></Message><OverallResultsAsserts test_case_success="false"/>',
            "",
            "failed",
        ),
        ("", 'skipped="true"', "skipped"),
        ("", "", "unknown"),
    ],
)
def test_doctest_tells_its_verdict_in_its_own_words(body, attributes, status):
    assert doctest(body, attributes)["status"] == status


def test_doctest_counts_what_ran():
    case = '<TestCase name="t"><OverallResultsAsserts test_case_success="true"/></TestCase>'
    case += '<TestCase name="u" skipped="true"/>'
    summary = '<OverallResultsTestCases successes="{}" failures="0" skipped="7"/>'
    assert read(f"<doctest>{case}{summary.format(1)}</doctest>").codes == []
    assert read(f"<doctest>{case}{summary.format(2)}</doctest>").codes == ["suite_count_differs"]
