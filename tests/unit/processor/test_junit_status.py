"""What decides the outcome of a test: what stands in it, its attributes; and habits of single tools around that."""

import pytest
from support.reading import read


def one(case: str):
    found = read(f'<testsuite name="s">{case}</testsuite>')
    (result,) = found.results
    return result, found


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("passed pass PASSED success ok run completed", "passed"),
        ("FAILURE Fail failed regression", "failed"),
        ("error timedout timeout TimedOut timed_out aborted interrupted crashed", "broken"),
        ("cancelled canceled filtered notrun not_run NOT-RUN suppressed Skipped", "skipped"),
        ("inconclusive blocked untested warning Pending", "unknown"),
        ("xfail xpass bpass Flaky", "passed"),
        ("KO nok unexpected_success", "failed"),
        ("panicked killed Exception", "broken"),
        ("xfailed bfail expected_failure N/A excluded ignore", "skipped"),
        ("risky ambiguous unresolved Not-Implemented", "unknown"),
    ],
)
@pytest.mark.parametrize("attribute", ["status", "result"])
def test_words_of_many_tools_are_known_however_they_are_written(words, status, attribute):
    for word in [*words.split(), f" {words.split()[0]} "]:
        result, found = one(f'<testcase name="t" {attribute}="{word}"/>')
        assert (word, result["status"], found.codes) == (word, status, [])


@pytest.mark.parametrize("word", ["not run", "timed out"])
def test_spaces_in_such_words_do_not_matter(word):
    assert one(f'<testcase name="t" status="{word}"/>')[0]["status"] in {"skipped", "broken"}


@pytest.mark.parametrize("number", [1, 40])
def test_a_word_that_is_not_known_is_told_and_counts_as_passed(number):
    cases = '<testcase name="t" status="zapped"/>' * number
    found = read(f'<testsuite name="s">\n{cases}</testsuite>')
    assert found.counts["passed"] == number
    message = next(note for note in found.summary["messages"] if note["code"] == "unknown_status")
    assert (message["count"], message["line"], message["column"]) == (number, 2, 1)
    assert "zapped" in message["message"]


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ('skipped="true"', "skipped"),
        ('disabled="True"', "skipped"),
        ('ignored="true"', "skipped"),
        ('ignored="false"', "passed"),
        ('executed="False"', "skipped"),
        ('executed="True"', "passed"),
        ('success="False" executed="True"', "failed"),
        ('success="False" executed="True" result="Error"', "broken"),
        ('incomplete="true"', "unknown"),
        ('disabled="because"', "passed"),
    ],
)
@pytest.mark.parametrize("number", [1, 30])
def test_yes_and_no_in_attributes_decide_the_status_in_long_runs_too(attributes, status, number):
    cases = "".join(f'<testcase name="t{n}" {attributes}/>\n' for n in range(number))
    found = read(f'<testsuite name="s">\n<testcase name="first" executed="True"/>\n{cases}</testsuite>')
    assert [result["status"] for result in found.results[1:]] == [status] * number


@pytest.mark.parametrize(
    ("inside", "status"),
    [
        ('<warning message="m">text</warning>', "unknown"),
        ('<risky message="m">text</risky>', "unknown"),
        ('<timeout message="m">text</timeout>', "broken"),
        ("<cancelled>text</cancelled>", "skipped"),
        ("<notrun>text</notrun>", "skipped"),
        ("<warning>text</warning><failure/>", "failed"),
        ("<failure/><warning>text</warning>", "failed"),
        ("<skipped/><warning>text</warning>", "unknown"),
    ],
)
def test_elements_of_phpunit_and_others_decide_the_status_and_their_text_is_kept(inside, status):
    result, found = one(f'<testcase name="t">{inside}</testcase>')
    assert result["status"] == status
    assert "text" in result["exception_description"] + result["exception_backtrace"]
    assert found.codes == []


def test_without_a_message_the_first_line_of_the_text_says_what_happened():
    result, _ = one('<testcase name="t"><error>\n\n  java.lang.X: boom\n at y</error></testcase>')
    assert result["exception_description"] == "java.lang.X: boom"
    assert " at y" in result["exception_backtrace"]


def test_of_a_traceback_of_python_the_last_line_says_what_happened():
    result, _ = one(
        "<testcase name='t'><error>\nTraceback (most recent call last):\n  x\n\nValueError: y\n</error></testcase>"
    )
    assert result["exception_description"] == "ValueError: y"


def test_of_a_failure_of_phpunit_the_line_behind_the_test_s_name_says_what_happened():
    text = "Tests\\CartTest::testAdds with data set #0 (1, 2)\nFailed asserting that 3 is 4.\n\n/app/CartTest.php:12"
    result, _ = one(f"<testcase name='t'><failure>{text}</failure></testcase>")
    assert result["exception_description"] == "Failed asserting that 3 is 4."
    assert (
        one("<testcase name='t'><failure>Cart::adds</failure></testcase>")[0]["exception_description"] == "Cart::adds"
    )


def test_of_several_problems_the_one_that_decides_gives_name_and_description():
    result, _ = one(
        '<testcase name="t"><warning type="W" message="w"/><failure type="F" message="f"/>'
        '<error type="E" message="e"/></testcase>'
    )
    assert result["status"] == "broken"
    assert (result["exception_name"], result["exception_description"]) == ("E", "e\nf\nw")


def test_files_that_the_text_of_a_failure_names_are_assets():
    result, _ = one('<testcase name="t"><failure message="m">see [[ATTACHMENT|a/b.png]]</failure></testcase>')
    assert result["assets"] == [("a/b.png", "")]


def test_an_attachment_without_a_name_is_none():
    result, found = one('<testcase name="t"><system-out>[[ATTACHMENT|]] [[ATTACHMENT| ]]</system-out></testcase>')
    assert result["assets"] == []
    assert found.codes == []


def test_what_looks_like_a_torn_attachment_does_not_run_on_into_the_next_text():
    result, _ = one('<testcase name="t"><failure>[[ATTACH</failure><error>MENT|x.png]]</error></testcase>')
    assert result["assets"] == []


def test_a_file_that_the_output_of_a_suite_names_is_a_label_of_it():
    found = read(
        '<testsuite name="s"><testcase name="t"/><system-out>see [[ATTACHMENT|suite.png]]</system-out></testsuite>'
    )
    assert found.containers[0]["labels"] == [("attachment", "suite.png")]
    assert "suite.png" in found.containers[0]["description"]


def test_a_suite_that_was_skipped_says_so_in_a_result():
    found = read('<testsuite name="s" tests="1" skipped="1"><skipped message="why"/><testcase name="t"/></testsuite>')
    assert [(result["title"], result["status"]) for result in found.results] == [("s", "skipped"), ("t", "passed")]
    assert found.codes == []


@pytest.mark.parametrize(
    "counts",
    [
        'tests="3" failures="2" errors="2"',
        'tests="3" failures="4"',
        'tests="2" failures="2"',
        'tests="2" failures="1" errors="1"',
    ],
)
def test_counts_of_failures_that_tools_write_are_no_difference(counts):
    # Two test cases, one of them with three failures, and an error of the suite itself.
    found = read(
        f'<testsuite name="s" {counts}><error message="hook"/><testcase name="a"><failure/><failure/><failure/>'
        '</testcase><testcase name="b"/></testsuite>'
    )
    assert found.codes == []


def test_other_counts_of_failures_are_a_difference():
    found = read('<testsuite name="s" failures="2" errors="1"><testcase name="a"><failure/></testcase></testsuite>')
    assert found.codes == ["suite_count_differs"]


def test_eclipse_reports_are_read():
    found = read(
        '<testrun name="E" project="p" tests="3" started="3" failures="1" errors="0" ignored="1">'
        '<testsuite name="C" time="0.1"><testcase name="a" classname="C" time="0.1"/>'
        '<testcase name="b" classname="C" ignored="true"/><testcase name="c" classname="C">'
        "<failure><expected>1</expected><actual>2</actual>trace</failure></testcase></testsuite></testrun>"
    )
    assert [result["status"] for result in found.results] == ["passed", "skipped", "failed"]
    assert found.file["evidence"] == "root element <testrun>"
    assert found.codes == []
