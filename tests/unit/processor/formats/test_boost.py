"""Boost.Test's XML: what the fixtures do not show."""

from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import read_both_ways, skimmed


def log(body):
    return read(f"<TestLog>{body}</TestLog>")


def report(body):
    return read(f"<TestResult>{body}</TestResult>")


def test_a_test_case_without_an_error_passed():
    (result,) = log(
        '<TestSuite name="s"><TestCase name="t"><TestingTime>1500000</TestingTime></TestCase></TestSuite>'
    ).results
    assert (result["status"], result["duration"]) == ("passed", 1.5)


def test_an_error_in_a_suite_is_a_result_with_its_name():
    found = log('<TestSuite name="s"><Exception file="a.cpp" line="3">away</Exception></TestSuite>')
    (result,) = found.results
    assert (result["title"], result["classification"], result["status"]) == ("s", "TestSuite", "broken")
    assert found.path(result) == ["s"]
    assert result["exception_backtrace"] == "a.cpp:3"


def test_messages_of_a_suite_are_its_description():
    found = log('<TestSuite name="s"><Message file="a.cpp" line="3">hello</Message></TestSuite>')
    assert found.containers[0]["description"] == "a.cpp:3: Message: hello\n"


def test_a_test_case_that_the_file_breaks_off_in_is_no_pass():
    found = read('<TestLog><TestSuite name="s"><TestCase name="t">')
    assert [row["status"] for row in found.results] == ["unknown"]
    assert found.codes == ["truncated_file"]


def test_a_log_and_a_report_in_one_file_are_read_both():
    found = read(
        '<TestLog><TestSuite name="a"><TestCase name="t"></TestCase></TestSuite></TestLog>\n'
        '<TestResult><TestSuite name="b" result="passed"><TestCase name="t" result="passed"/></TestSuite></TestResult>'
    )
    assert [found.path(row) for row in found.results] == [["a"], ["b"]]


CASES = '<TestSuite name="a" result="failed"><TestCase name="t" result="failed" assertions_failed="1"/></TestSuite>'
LOG = '<TestSuite name="a"><TestCase name="t"><Error>wrong</Error></TestCase></TestSuite>'


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (f"<TestLog>{LOG}</TestLog><TestResult>{CASES}</TestResult>", ["t"]),
        (f"<TestLog>{LOG}<TestResult>{CASES}</TestResult></TestLog>", ["t"]),
        (f"<TestLog>{LOG}</TestLog><TestResult>{CASES}</TestResult>" * 2, ["t", "t"]),
        (f"<TestLog><Error>wrong</Error></TestLog><TestResult>{CASES}</TestResult>", ["t"]),
        (f"<TestLog><Error>wrong</Error><TestResult>{CASES}</TestResult></TestLog>", ["t"]),
        ('<TestLog><Error file="a.c" line="3">wrong</Error></TestLog><TestResult/>', ["a.c:3"]),
        (
            '<TestLog><Error file="a.c" line="3">wrong</Error></TestLog><TestResult>'
            '<TestCase name="t" result="failed"></TestCase></TestResult>',
            ["a.c:3", "t"],
        ),
        (
            '<TestLog><Error file="a.c" line="3">wrong</Error></TestLog><TestResult><TestSuite name="a" '
            'result="failed" test_cases_passed="4" test_cases_failed="1"></TestSuite></TestResult>',
            ["a.c:3"],
        ),
    ],
)
def test_a_report_after_a_log_tells_no_test_twice(text, titles):
    results = read(text).results
    assert sorted(row["title"] for row in results) == titles
    assert {row["status"] for row in results} == {"failed"}


def test_errors_without_test_cases_before_a_report_are_the_text_of_its_suite():
    found = read(f"<TestLog><Error file='a.c' line='3'>wrong</Error></TestLog><TestResult>{CASES}</TestResult>")
    assert found.containers[0]["description"] == "assertion error: wrong\na.c:3\n\n"


def test_a_report_without_test_cases_is_a_result_that_may_have_passed():
    found = report('<TestSuite name="s" result="passed" test_cases_passed="3" test_cases_failed="0"/>')
    assert [(row["title"], row["status"], row["exception_description"]) for row in found.results] == [
        ("s", "passed", "3 passed")
    ]


@pytest.mark.parametrize(
    ("counts", "codes"),
    [
        ('test_cases_passed="1" test_cases_skipped="1"', []),
        ('test_cases_passed="1" test_cases_skipped="3"', ["tool_message"]),
        ('test_cases_passed="2" test_cases_skipped="1"', ["suite_count_differs"]),
        ('test_cases_passed="2" test_cases_skipped="3"', ["suite_count_differs"]),
    ],
)
def test_disabled_tests_that_are_only_counted_are_no_alarm(counts, codes):
    cases = '<TestCase name="t" result="passed"/><TestCase name="u" result="skipped"/>'
    assert report(f'<TestSuite name="s" result="passed" {counts}>{cases}</TestSuite>').codes == codes


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("passed", "passed"),
        ("failed", "failed"),
        ("aborted", "broken"),
        ("timed-out", "broken"),
        ("skipped", "skipped"),
        ("splendid", "unknown"),
    ],
)
def test_each_word_of_a_report_has_its_status(word, status):
    found = report(f'<TestSuite name="s"><TestCase name="t" result="{word}"/></TestSuite>')
    assert found.results[0]["status"] == status
    assert found.codes == (["unknown_status"] if status == "unknown" else [])


def test_a_difference_is_told_once_and_not_by_every_suite_around_it():
    counts = 'test_cases_passed="2" test_cases_failed="0"'
    found = report(
        f'<TestSuite name="a" result="passed" {counts}><TestSuite name="b" result="passed" {counts}>'
        '<TestCase name="t" result="passed"/></TestSuite></TestSuite>'
    )
    assert found.message("suite_count_differs")["message"].count("test cases of b, but there are 1")


def test_a_suite_that_passed_without_test_cases_is_no_result():
    assert report('<TestSuite name="s" result="passed" test_cases_passed="0"/>').results == []


def test_another_tool_s_test_result_is_not_taken_for_boost_s():
    assert read("<TestResult><Tests/></TestResult>").file["format"] != "boost"


word = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=8)
name = word.filter(lambda text: not text.isspace())
ENTRY = {"Error": "failed", "FatalError": "failed", "Exception": "broken", "": "passed"}
case = st.tuples(name, st.sampled_from(sorted(ENTRY)), word, st.integers(0, 10**9))
cases = st.lists(case, max_size=3, unique_by=lambda one: one[0])
suite = st.recursive(
    st.tuples(name, cases, st.just([])),
    lambda inner: st.tuples(name, cases, st.lists(inner, max_size=3)),
    max_leaves=5,
)


def written(one):
    title, found, inner = one
    body = "".join(map(written_case, found)) + "".join(map(written, inner))
    return f"<TestSuite name={quoteattr(title)}>{body}</TestSuite>"


def written_case(one):
    title, element, message, microseconds = one
    text = message.replace("]]>", "]]]]><![CDATA[>")
    entry = f'<{element} file="a.cpp" line="1"><![CDATA[{text}]]></{element}>' if element else ""
    return f"<TestCase name={quoteattr(title)}>{entry}<TestingTime>{microseconds}</TestingTime></TestCase>"


def expected(one, path=()):
    title, found, inner = one
    path = (*path, title)
    for case_title, element, message, microseconds in found:
        told = message if element else ""
        yield list(path), case_title, ENTRY[element], round(microseconds * 1e-6, 9), told
    for suite_inside in inner:
        yield from expected(suite_inside, path)


@given(suite, st.integers(1, 300))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_log_written_and_read_back_is_equal(one, size):
    found = read(("x", Trickle(f"<TestLog>{written(one)}</TestLog>".encode(), size)))
    seen = [
        (found.path(row), row["title"], row["status"], row["duration"], row["exception_description"])
        for row in found.results
    ]
    assert seen == list(expected(one))


def case(number, inside="", *, time="7"):
    return (
        f'<TestCase name="c{number}" file="a.cpp" line="{number}">{inside}<TestingTime>{time}</TestingTime></TestCase>'
    )


def error(text, *, kind="Error", file="a.cpp"):
    return f'<{kind} file="{file}" line="3"><![CDATA[{text}]]></{kind}>'


def log_of(*cases):
    return f'<TestLog><TestSuite name="s">{"".join(cases)}</TestSuite></TestLog>'


def test_usual_test_cases_are_skimmed_those_with_failed_checks_too():
    cases = [case(number, error(f"check\n{number}") * 2 if number % 4 == 3 else "") for number in range(80)]
    found = read_both_ways(log_of(*cases), "boost")
    assert skimmed(log_of(*cases), "boost") >= 70
    assert found.counts["failed"] == 20


@pytest.mark.parametrize(
    "inside",
    [
        error("a]]b ]] > c]"),
        error(""),
        error("x", file=""),
        error("x", file="unknown location"),
        error("x" * 5_000),
        error("]" * 20),
        error("<Error></Error> & <TestCase "),
        error("x", kind="FatalError"),
        error("x", kind="Exception"),
        error("x") * 8,
        error("x") + error("y", kind="Message"),
        '<Error file="a.cpp" line="3">no section</Error>',
        '<Error file="a.cpp" line="3"><![CDATA[a]]>b<![CDATA[c]]></Error>',
        '<Error file="a.cpp" line="3"><![CDATA[a]]><Context><Frame>f</Frame></Context></Error>',
    ],
)
def test_failed_checks_are_the_same_when_they_are_skimmed(inside):
    usual = [case(1), case(2, error("one")), case(3), case(4, error("two"))]
    found = read_both_ways(log_of(*usual, case(5, inside), *usual, case(6, inside), case(7, inside), case(8)), "boost")
    assert len(found.results) == 12


@pytest.mark.parametrize("time", ["", "1.5", "-1", "99999999999999", "123456789012345678", "1234567"])
def test_times_of_failed_test_cases_are_the_same(time):
    usual = [case(number, error("one")) for number in range(4)]
    read_both_ways(log_of(*usual, case(5, error("two"), time=time), *usual), "boost")


def test_a_checkpoint_outside_of_test_cases_belongs_to_the_next_error():
    usual = [case(number, error("one")) for number in range(4)]
    found = read_both_ways(
        log_of(*usual, '<LastCheckpoint file="b.cpp" line="9">here</LastCheckpoint>', *usual), "boost"
    )
    assert "last checkpoint: b.cpp:9: here" in str(found.results[4])
