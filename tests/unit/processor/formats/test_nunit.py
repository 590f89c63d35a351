"""NUnit's XML: what the fixtures do not show."""

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.parsing.dotnet import exception_of, file_title


def run(body, attributes=""):
    return read(f'<test-run id="2"{attributes}>{body}</test-run>')


def only(body):
    (result,) = run(body).results
    return result


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ('result="Passed"', "passed"),
        ('result="Failed"', "failed"),
        ('result="Failed" label="Error"', "broken"),
        ('result="Failed" label="Cancelled"', "broken"),
        ('result="Skipped" label="Explicit"', "skipped"),
        ('result="Inconclusive"', "unknown"),
        ('result="NotRunnable" executed="False"', "broken"),
        ('result="Success" executed="False"', "skipped"),
        ('executed="True" success="False"', "failed"),
        ('executed="True"', "unknown"),
        ('result="Failed:Error(SetUp)"', "broken"),
        ('result="Failed(Child)"', "failed"),
        ('result="Skipped:Ignored"', "skipped"),
        ('result="Perfect"', "unknown"),
    ],
)
def test_each_word_has_its_status(attributes, status):
    assert only(f'<test-case name="t" {attributes}/>')["status"] == status


def test_a_word_that_is_not_known_is_never_a_pass_and_is_told():
    found = run('<test-case name="t" result="Perfect"/>')
    assert "Perfect" in found.message("unknown_status")["message"]


def test_a_single_suite_is_a_report():
    found = read(
        '<test-suite type="TestFixture" name="F" result="Passed"><test-case name="t" result="Passed"/></test-suite>'
    )
    assert found.path(found.results[0]) == ["F"]


def test_another_tool_s_test_suite_is_not_taken_for_one_of_ours():
    found = read('<a:test-suite xmlns:a="urn:model.allure.qatools.yandex.ru" name="s" start="1" type="x"/>')
    assert found.files[0]["format"] != "nunit"


def test_counts_are_those_of_the_tests_and_a_difference_is_told():
    found = run('<test-suite name="s" total="3"><test-case name="t" result="Passed"/></test-suite>')
    assert 'total="3", but there are 1 of s' in found.message("suite_count_differs")["message"]


def test_the_message_of_a_suite_whose_tests_failed_is_its_description():
    failure = "<failure><message>the server is away</message></failure>"
    case = '<test-case name="t" result="Failed"/>'
    found = run(f'<test-suite name="s" result="Failed" site="SetUp">{failure}{case}</test-suite>')
    assert len(found.results) == 1
    assert found.containers[0]["description"] == "the server is away"


def test_an_assertion_that_the_failure_does_not_tell_is_added():
    result = only(
        '<test-case name="t" result="Failed"><failure><message>first</message></failure><assertions>'
        "<assertion><message>first</message></assertion><assertion><message>second</message></assertion>"
        "</assertions></test-case>"
    )
    assert result["exception_description"] == "first\nsecond"


def test_what_a_test_warns_of_is_told_once():
    result = only(
        '<test-case name="t" result="Warning"><reason><message>slow</message></reason><assertions><assertion>'
        "<message>slow</message><stack-trace>at C.t()</stack-trace></assertion></assertions></test-case>"
    )
    assert (result["exception_description"], result["exception_backtrace"]) == ("slow", "at C.t()")


def test_why_a_fixture_without_tests_cannot_be_run_is_the_message_of_its_result():
    reason = "<reason><message>no constructor</message></reason>"
    result = only(f'<test-suite type="TestFixture" name="F" result="NotRunnable">{reason}</test-suite>')
    assert (result["title"], result["status"], result["exception_description"]) == ("F", "broken", "no constructor")


def test_a_message_that_is_written_indented_is_told_without_that():
    message = "<message>\n      <![CDATA[TypeError: no\n  here]]>\n    </message>"
    result = only(f'<test-case name="t" result="Failed"><failure>{message}</failure></test-case>')
    assert (result["exception_description"], result["exception_name"]) == ("TypeError: no\n  here", "TypeError")


def test_files_of_a_suite_and_texts_straight_in_a_failure_are_kept():
    attachment = "<attachments><attachment><filePath>a.log</filePath></attachment></attachments>"
    case = '<test-case name="t" result="Failed"><failure>just so</failure></test-case>'
    found = run(f'<test-suite name="s">{attachment}{case}</test-suite>')
    assert found.containers[0]["labels"] == [("attachment", "a.log")]
    assert found.results[0]["exception_description"] == "just so"


def test_a_file_that_ends_in_a_test_has_that_test():
    found = read('<test-run><test-suite name="s" result="Failed"><test-case name="t" result="Failed"><failure>')
    assert [(result["title"], result["status"]) for result in found.results] == [("t", "failed")]
    assert found.codes == ["truncated_file"]


def test_the_date_is_made_of_day_and_time():
    assert read('<test-results name="r" date="2026-01-31" time="12:00:00"/>').summary["date"] == 1769860800
    assert read('<test-results name="r" date="2026-1-5" time="09:05:00"/>').summary["date"] == 1767603900
    assert read('<test-run run-date="2026-01-31" start-time="12:00:00"/>').summary["date"] == 1769860800


def test_what_was_tested_is_told_unless_it_is_not_applicable():
    found = run('<environment os-version="Unix 6.1" platform="na" />')
    assert found.summary["system"] == {"os": "Unix 6.1"}


@pytest.mark.parametrize(
    ("name", "root", "title"),
    [
        ("/work/a/b.dll", "", "b.dll"),
        (r"C:\work\b.dll", "", "b.dll"),
        (r"C:\work\tests\b.ps1", r"C:\work", r"tests\b.ps1"),
        ("/work/tests/b.js", "/work", "tests/b.js"),
        ("/workers/b.js", "/work", "b.js"),
        ("tests/b.js", "/work", "tests/b.js"),
        ("/api/users returns 200", "", "/api/users returns 200"),
    ],
)
def test_a_title_has_no_absolute_path(name, root, title):
    assert file_title(name, root) == title


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("System.InvalidOperationException : no", "System.InvalidOperationException"),
        ("SetUp : System.Exception : no", "System.Exception"),
        ("OneTimeSetUp: System.Exception : no", "System.Exception"),
        ("Test method A.B.C threw exception: \nSystem.ArgumentException: no", "System.ArgumentException"),
        ("TypeError: no", "TypeError"),
        ("  Expected: 3", ""),
        ("x" * 100_000, ""),
    ],
)
def test_the_type_of_an_exception_stands_at_the_beginning_of_its_message(message, name):
    assert exception_of(message) == name


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)
name = text.filter(lambda value: value.strip() != "" and not value.startswith(("/", "\\")) and ":" not in value)
outcome = st.sampled_from(["passed", "failed", "broken", "skipped", "unknown"])
result = st.tuples(
    name, text, outcome, st.one_of(st.none(), st.integers(0, 10**9)), text, st.lists(st.tuples(name, text), max_size=2)
)
container = st.recursive(
    st.tuples(name, name, st.lists(result, max_size=8, unique_by=lambda one: one[:2]), st.just([])),
    lambda inner: st.tuples(
        name, name, st.lists(result, max_size=8, unique_by=lambda one: one[:2]), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
WORDS = {
    "passed": ("Passed", "Success"),
    "failed": ("Failed", "Failure"),
    "broken": ('Failed" label="Error', "Error"),
    "skipped": ("Skipped", "Ignored"),
    "unknown": ("Inconclusive", "Inconclusive"),
}


def attribute(value):
    return quoteattr(value, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def written(suite, version):
    title, kind, results, inner = suite
    body = "".join(written_case(case, version) for case in results) + "".join(written(one, version) for one in inner)
    if version == 2:
        body = f"<results>{body}</results>"
    return f'<test-suite type={attribute(kind)} name={attribute(title)} result="Passed">\n{body}</test-suite>\n'


def written_case(case, version):
    title, kind, status, micros, message, labels = case
    time = "" if micros is None else f' {"time" if version == 2 else "duration"}="{micros / 1e6:.6f}"'
    inside = "".join(f"<property name={attribute('p' + key)} value={attribute(value)}/>" for key, value in labels)
    inside = f"<properties>{inside}</properties>" if labels else ""
    if status != "passed":
        inside += f"<reason><message>{escape(message)}</message></reason>"
    word = WORDS[status][version == 2]
    return (
        f'<test-case name={attribute(title)} classname={attribute(kind)} result="{word}"{time}>{inside}</test-case>\n'
    )


def expected(suite, path=()):
    title, _, results, inner = suite
    path = (*path, title)
    for title, kind, status, micros, message, labels in results:
        seconds = None if micros is None else round(micros / 1e6, 6)
        told = message if status != "passed" and message.strip() else ""
        yield list(path), title, kind, status, seconds, told, [(f"p{key}", value) for key, value in labels]
    for one in inner:
        yield from expected(one, path)


@given(st.lists(container, max_size=4), st.sampled_from([2, 3]), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_as_nunit_and_read_back_is_equal(suites, version, size):
    root = "test-results" if version == 2 else "test-run"
    document = f"<{root}>{''.join(written(suite, version) for suite in suites)}</{root}>"
    found = read(("r.xml", Trickle(document.encode(), size)))
    seen = [
        (
            found.path(row),
            row["title"],
            row["classification"],
            row["status"],
            row["duration"],
            row["exception_description"],
            row["labels"],
        )
        for row in found.results
    ]
    assert seen == [case for suite in suites for case in expected(suite)]
