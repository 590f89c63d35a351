"""CppUnit's XML: what the fixtures do not show."""

from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import read_both_ways, skimmed


def run(body):
    return read(f"<TestRun><FailedTests>{body}</FailedTests></TestRun>")


@pytest.mark.parametrize(
    ("word", "status"), [("Assertion", "failed"), ("Error", "broken"), ("Surprise", "failed"), ("", "failed")]
)
def test_each_type_has_its_status(word, status):
    found = run(f"<FailedTest><Name>A::t</Name><FailureType>{word}</FailureType></FailedTest>")
    assert found.results[0]["status"] == status
    assert found.codes == ([] if word in {"Assertion", "Error"} else ["unknown_status"])


@pytest.mark.parametrize(
    ("name", "classification", "title"),
    [("A::t", "A", "t"), ("n::A::t", "n::A", "t"), ("t", "", "t"), ("A::", "", "A::"), ("::t", "", "t")],
)
def test_a_name_is_class_and_test(name, classification, title):
    found = read(f"<TestRun><SuccessfulTests><Test><Name>{name}</Name></Test></SuccessfulTests></TestRun>")
    assert [(row["classification"], row["title"]) for row in found.results] == [(classification, title)]


def test_a_test_without_a_name_is_told():
    assert run("<FailedTest><FailureType>Error</FailureType></FailedTest>").codes == ["missing_name"]


def test_counts_are_those_of_the_tests_and_a_difference_is_told():
    found = run("<FailedTest><Name>t</Name><FailureType>Error</FailureType></FailedTest>")
    assert found.counts["total"] == 1
    found = read("<TestRun><SuccessfulTests></SuccessfulTests><Statistics><Tests>3</Tests></Statistics></TestRun>")
    assert found.message("suite_count_differs")["message"].count("Tests 3, but there are 0")


def test_a_test_that_the_file_breaks_off_in_is_no_pass():
    found = read("<TestRun><SuccessfulTests><Test><Name>A::t</Name>")
    assert [row["status"] for row in found.results] == ["unknown"]


def test_the_test_run_of_another_tool_is_not_taken_for_cppunit_s():
    for text in ("<TestRun id='1'><Results/></TestRun>", "<TestRun xmlns='x'><Statistics/></TestRun>"):
        assert read(text).file["format"] != "cppunit"


word = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=8)
part = word.filter(lambda text: text.strip() == text and ":" not in text)
test = st.tuples(part, part, st.sampled_from(["", "Assertion", "Error"]), part)


def written(tests):
    failed = "".join(
        f"<FailedTest><Name>{escape(kind)}::{escape(title)}</Name><FailureType>{word}</FailureType>"
        f"<Message>{escape(message)}\n</Message></FailedTest>"
        for kind, title, word, message in tests
        if word
    )
    passed = "".join(
        f"<Test><Name>{escape(kind)}::{escape(title)}</Name></Test>" for kind, title, word, _ in tests if not word
    )
    return (
        f"<TestRun><FailedTests>{failed}</FailedTests><SuccessfulTests>{passed}</SuccessfulTests>"
        f"<Statistics><Tests>{len(tests)}</Tests></Statistics></TestRun>"
    )


@given(st.lists(test, max_size=6, unique_by=lambda one: one[:2]), st.integers(1, 300))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_and_read_back_is_equal(tests, size):
    found = read(("x", Trickle(written(tests).encode(), size)))
    status = {"": "passed", "Assertion": "failed", "Error": "broken"}
    seen = [(row["classification"], row["title"], row["status"], row["exception_description"]) for row in found.results]
    assert seen == [
        (kind, title, status[word], message if word else "")
        for kind, title, word, message in sorted(tests, key=lambda one: not one[2])
    ]
    assert "suite_count_differs" not in found.codes


def passed(*names):
    tests = "".join(f'<Test id="{number}"><Name>{name}</Name></Test>' for number, name in enumerate(names))
    return f"<TestRun><SuccessfulTests>{tests}</SuccessfulTests></TestRun>"


def test_usual_tests_are_skimmed():
    assert skimmed(passed(*(f"A::t{number}" for number in range(50))), "cppunit") >= 45


@pytest.mark.parametrize("odd", ["", "  ", "a&lt;b", "t" * 9_000, "A::<b>x</b>", "<![CDATA[A::t]]>", "A::t<!-- -->"])
def test_tests_with_odd_names_are_not(odd):
    usual = [f"A::t{number}" for number in range(5)]
    assert skimmed(passed(*usual, odd, *usual, odd, odd), "cppunit") <= 10


def timed(number, time, path="/All Tests/A"):
    inside = f"<Name>A::t{number}</Name><TestPath>{path}</TestPath><Time>{time}</Time>"
    return f'<Test id="{number}">{inside}</Test>'


@pytest.mark.parametrize("odd", ["", " 0.25", "1e-3", "soon", "-1", "99999999999"])
def test_times_that_a_hook_adds_are_durations(odd):
    times = ["0.001", "12", "3.25", odd, "0", "0.5", odd, odd, "7"]
    tests = "".join(timed(number, time) for number, time in enumerate(times))
    tree = "<TimedTestTree><TimedSuite><Name>All Tests</Name><Time>9</Time></TimedSuite></TimedTestTree>"
    found = read_both_ways(f"<TestRun><SuccessfulTests>{tests}</SuccessfulTests>{tree}</TestRun>", "cppunit")
    assert [row["duration"] for row in found.results][:3] == [0.001, 12, 3.25]
    assert "unknown_element" not in found.codes


def test_usual_tests_with_a_time_are_skimmed():
    tests = "".join(timed(number, number / 8) for number in range(50))
    assert skimmed(f"<TestRun><SuccessfulTests>{tests}</SuccessfulTests></TestRun>", "cppunit") >= 45


def test_failed_tests_have_the_times_of_hooks_too():
    (result,) = run("<FailedTest><Name>t</Name><Message>no</Message><Duration>0.25</Duration></FailedTest>").results
    assert result["duration"] == 0.25


def test_each_run_in_a_file_has_counts_of_its_own():
    one = "<SuccessfulTests><Test><Name>{}</Name></Test></SuccessfulTests><Statistics><Tests>1</Tests></Statistics>"
    one = f"<TestRun>{one}</TestRun>"
    assert read(one.format("a") + one.format("b")).codes == []


@pytest.mark.parametrize(("promised", "codes"), [(1, []), (2, []), (0, ["suite_count_differs"])])
def test_a_test_may_fail_more_than_once(promised, codes):
    total = f"<Statistics><FailuresTotal>{promised}</FailuresTotal></Statistics>"
    found = read(
        "<TestRun><FailedTests><FailedTest><Name>t</Name><FailureType>Error</FailureType></FailedTest></FailedTests>"
        f"{total}</TestRun>"
    )
    assert found.codes == codes
