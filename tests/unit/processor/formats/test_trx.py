"""TRX: what the fixtures do not show."""

import random
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.events import CLOSE, NOTE, OPEN, ROWS
from report_processor.formats.trx import TrxParser
from report_processor.formats.trx import held as trx_held
from report_processor.formats.trx.result import span

NAMESPACE = 'xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"'


def run(results, definitions="", after="", namespace=NAMESPACE):
    known = f"<TestDefinitions>{definitions}</TestDefinitions>" if definitions else ""
    return read(f"<TestRun {namespace}><Results>{results}</Results>{known}{after}</TestRun>")


def only(results):
    (result,) = run(results).results
    return result


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Passed", "passed"),
        ("PassedButRunAborted", "passed"),
        ("Failed", "failed"),
        ("Error", "broken"),
        ("Min", "broken"),
        ("Timeout", "broken"),
        ("Aborted", "broken"),
        ("Disconnected", "broken"),
        ("NotRunnable", "broken"),
        ("NotExecuted", "skipped"),
        ("Pending", "skipped"),
        ("Inconclusive", "unknown"),
        ("Warning", "unknown"),
        ("Completed", "unknown"),
        ("InProgress", "unknown"),
        ("Splendid", "unknown"),
    ],
)
def test_each_word_has_its_status(word, status):
    assert only(f'<UnitTestResult testName="t" outcome="{word}"/>')["status"] == status


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00:01.5000000", 1.5),
        ("1.02:03:04", 93784.0),
        ("00:00:02.7.8649840000000495", 2.007864984),
        ("00:01:00", 60.0),
        ("1.5", None),
        ("99999.00:00:00", None),
        ("9999.00:00:00", None),
    ],
)
def test_a_time_span_may_have_days(text, seconds):
    assert span(text) == seconds


def test_a_duration_that_is_missing_is_taken_from_the_times():
    times = 'startTime="2026-01-31T12:00:00.0000000Z" endTime="2026-01-31T12:00:01.5000000Z"'
    assert only(f'<UnitTestResult testName="t" outcome="Passed" {times}/>')["duration"] == 1.5


@pytest.mark.parametrize("namespace", [NAMESPACE, ""])
def test_the_namespace_may_be_missing_when_there_are_results(namespace):
    assert run('<UnitTestResult testName="t" outcome="Passed"/>', namespace=namespace).file["format"] == "trx"


def test_another_test_run_is_not_taken_for_one_of_ours():
    assert read("<TestRun><a/></TestRun>").files[0]["format"] != "trx"


def test_a_prefix_changes_nothing():
    found = read(
        '<t:TestRun xmlns:t="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><t:Results>'
        '<t:UnitTestResult testName="a" outcome="Passed"/></t:Results></t:TestRun>'
    )
    assert [result["title"] for result in found.results] == ["a"]


def test_a_failure_of_a_data_driven_test_that_is_none_of_its_rows_is_a_result():
    row = '<UnitTestResult testName="Adds (1)" outcome="Passed"/>'
    found = run(f'<UnitTestResult testName="Adds" outcome="Failed"><InnerResults>{row}</InnerResults></UnitTestResult>')
    assert [(found.path(result), result["title"]) for result in found.results] == [
        (["Adds"], "Adds (1)"),
        (["Adds"], "Adds"),
    ]


def test_results_too_deep_inside_each_other_are_damage():
    deep = '<UnitTestResult testName="t"><InnerResults>' * 50
    assert read(f"<TestRun {NAMESPACE}><Results>{deep}").codes == ["limit_exceeded"]


def summary(*texts, outcome="Error"):
    infos = "".join(f'<RunInfo outcome="{outcome}"><Text>{text}</Text></RunInfo>' for text in texts)
    return f"<ResultSummary><RunInfos>{infos}</RunInfos></ResultSummary>"


@pytest.mark.parametrize("outcome", ["Error", "Min"])
def test_the_errors_of_a_run_are_one_result(outcome):
    found = run('<UnitTestResult testName="t" outcome="Passed"/>', after=summary("one", "two", outcome=outcome))
    assert sorted(result["title"] for result in found.results) == ["t", "test run"]
    assert "one\ntwo" in {result["exception_description"] for result in found.results}


ECHOES = [
    "[xUnit.net 00:00:00.74]     Shop.Tests.Login.Fails(name: &quot;a [b]&quot;) [FAIL]",
    "Exit code indicates failure: '2'. Please refer to https://aka.ms/testingplatform/exitcodes for more information.",
]


@pytest.mark.parametrize("text", ECHOES)
def test_that_a_test_failed_is_no_error_of_the_run_as_well(text):
    found = run('<UnitTestResult testName="t" outcome="Failed"/>', after=summary(text))
    assert [result["title"] for result in found.results] == ["t"]
    found = run('<UnitTestResult testName="t" outcome="Passed"/>', after=summary(text))
    assert sorted(result["status"] for result in found.results) == ["broken", "passed"]


def test_an_exit_code_that_tells_more_than_that_tests_failed_is_an_error_of_the_run():
    text = ECHOES[1].replace("'2'", "'7'")
    found = run('<UnitTestResult testName="t" outcome="Failed"/>', after=summary(text))
    assert sorted(result["title"] for result in found.results) == ["t", "test run"]


@pytest.mark.parametrize(("outcome", "tests"), [("Aborted", 2), ("Error", 2), ("Completed", 1), ("Failed", 1)])
def test_a_run_that_did_not_finish_is_a_result_when_no_test_tells_of_it(outcome, tests):
    found = run('<UnitTestResult testName="t" outcome="Passed"/>', after=f'<ResultSummary outcome="{outcome}"/>')
    assert len(found.results) == tests
    found = run('<UnitTestResult testName="t" outcome="Failed"/>', after=f'<ResultSummary outcome="{outcome}"/>')
    assert len(found.results) == 1


def test_ends_of_lines_that_are_written_as_references_are_ends_of_lines():
    message = "<Output><ErrorInfo><Message>one&#xD;\ntwo</Message></ErrorInfo></Output>"
    result = only(f'<UnitTestResult testName="t" outcome="Failed">{message}</UnitTestResult>')
    assert result["exception_description"] == "one\ntwo"


def test_settings_and_special_kinds_of_tests_may_have_elements_of_their_own():
    found = run(
        '<WebTestResult testName="t" outcome="Passed"><Responses><Response/></Responses></WebTestResult>',
        '<GenericTest id="1"><Command/></GenericTest>',
        after="<TestSettings><Execution><AgentRule><DataCollectors/></AgentRule></Execution></TestSettings><Invented/>",
    )
    assert "<Invented>" in found.message("unknown_element")["message"]
    assert found.message("unknown_element")["count"] == 1


def test_a_code_base_that_is_the_test_s_name_is_no_file():
    method = '<TestMethod codeBase="Outer.is fine" className="Outer" name="is fine"/>'
    found = run(
        '<UnitTestResult testId="1" testName="is fine" outcome="Passed" duration="00:00:01"/>',
        f'<UnitTest name="is fine" id="1">{method}</UnitTest>',
    )
    assert found.path(found.results[0]) == ["Outer"]


def test_a_file_that_ends_before_the_definitions_has_its_results():
    found = read(f'<TestRun {NAMESPACE}><Results><UnitTestResult testName="t" outcome="Failed"><Output>')
    assert [(result["title"], result["status"]) for result in found.results] == [("t", "failed")]
    assert found.codes == ["truncated_file"]


def large(tests, definitions_first=False):
    """A file with so many tests in classes of ten, in a random order."""
    numbers = list(range(tests))
    random.Random(1).shuffle(numbers)
    results = "".join(f'<UnitTestResult testId="{n}" testName="t{n}" outcome="Passed"/>\n' for n in numbers)
    defined = "".join(
        f'<UnitTest id="{n}" storage="a.dll"><TestMethod className="C{n // 10}"/></UnitTest>\n' for n in range(tests)
    )
    entries = "".join(f'<TestEntry testId="{n}"/>\n' for n in range(tests))
    results, defined = f"<Results>{results}</Results>", f"<TestDefinitions>{defined}</TestDefinitions>"
    parts = [defined, results] if definitions_first else [results, defined, f"<TestEntries>{entries}</TestEntries>"]
    return f"<TestRun {NAMESPACE}>{''.join(parts)}</TestRun>"


@pytest.mark.parametrize("definitions_first", [False, True])
def test_every_test_gets_its_class_wherever_the_definitions_stand(definitions_first):
    found = read(large(1_000, definitions_first))
    assert all(result["classification"] == f"C{int(result['title'][1:]) // 10}" for result in found.results)
    assert all(found.path(result) == ["a.dll", result["classification"]] for result in found.results)
    assert len(found.containers) == 101  # each class once, although its tests are all over the file


def test_results_that_waited_come_in_portions():
    document = large(5_000)
    parser, most = TrxParser(), 0
    for at in range(0, len(document), 2_000):
        events = parser.feed(document[at : at + 2_000])
        most = max(most, sum(len(event[1]) for event in events if event[0] == ROWS))
    assert sum(len(event[1]) for event in parser.close() if event[0] == ROWS) == 0
    assert 0 < most < 1_500


@pytest.mark.parametrize("definitions_first", [False, True])
def test_too_many_tests_have_no_classes_and_that_is_told(monkeypatch, definitions_first):
    monkeypatch.setattr(trx_held, "MAX", 500)
    found = read(large(1_000, definitions_first))
    assert {result["classification"] for result in found.results} == {""}
    assert len(found.results) == 1_000
    assert found.containers == []
    assert found.codes == ["field_cut"]


def test_containers_are_closed_however_the_file_ends():
    parser = TrxParser()
    document = large(300)
    events = parser.feed(document[: len(document) * 4 // 5]) + parser.salvage()
    assert sum(event[0] == OPEN for event in events) == sum(event[0] == CLOSE for event in events) > 0
    assert sum(len(event[1]) for event in events if event[0] == ROWS) == 300
    assert not [event for event in events if event[0] == NOTE]


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)
name = text.filter(lambda value: value.strip() != "")
outcome = st.sampled_from(["passed", "failed", "broken", "skipped", "unknown"])
kind = st.one_of(st.just(""), name.filter(lambda value: value not in {"none", "undefined"} and "," not in value))
duration = st.integers(0, 10**6 * 90_000)
result = st.tuples(name, kind, outcome, duration, text, st.lists(text, max_size=2))
WORDS = {"passed": "Passed", "failed": "Failed", "broken": "Error", "skipped": "NotExecuted", "unknown": "Inconclusive"}


def attribute(value):
    return quoteattr(value, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def written_result(number, one):
    title, _, status, micros, message, _ = one
    seconds, fraction = divmod(micros, 10**6)
    days, seconds = divmod(seconds, 86400)
    day = f"{days}." if days else ""
    time = f"{day}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:06}0"
    head = f'<UnitTestResult testId="{number}" testName={attribute(title)} duration="{time}" outcome="{WORDS[status]}"'
    if status == "passed":
        return f"{head} />\n"
    info = f"<Output><ErrorInfo><Message>{escape(message)}</Message></ErrorInfo></Output>"
    return f"{head}>{info}</UnitTestResult>\n"


def written_definition(number, one):
    items = "".join(f"<TestCategoryItem TestCategory={attribute(value)}/>" for value in one[5])
    method = f"<TestMethod className={attribute(one[1])} name='x'/>"
    return f'<UnitTest id="{number}" storage="/work/a.dll"><TestCategory>{items}</TestCategory>{method}</UnitTest>\n'


def expected(results):
    for title, kind, status, micros, message, categories in results:
        told = message if status != "passed" and message.strip() else ""
        labels = [("outcome", WORDS[status])] if status in {"broken", "unknown"} else []
        labels += [("TestCategory", category) for category in categories]
        path = ["a.dll", kind] if kind else ["a.dll"]
        yield path, title, kind, status, round(micros / 1e6, 6), told, labels


@given(st.lists(result, max_size=20, unique_by=lambda one: one[:2]), st.booleans(), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_as_trx_and_read_back_is_equal(results, definitions_first, size):
    body = f"<Results>{''.join(written_result(*one) for one in enumerate(results))}</Results>"
    defined = "".join(written_definition(*one) for one in enumerate(results))
    defined = f"<TestDefinitions>{defined}</TestDefinitions>"
    counters = f'<ResultSummary><Counters total="{len(results)}"/></ResultSummary>'
    parts = [defined, body] if definitions_first else [body, defined]
    document = f"<TestRun {NAMESPACE}>{''.join(parts)}{counters}</TestRun>"
    found = read(("r.trx", Trickle(document.encode(), size)))
    seen = [
        (
            found.path(row),
            row["title"],
            row["classification"],
            row["status"],
            round(row["duration"], 6),
            row["exception_description"],
            row["labels"],
        )
        for row in found.results
    ]
    assert sorted(seen) == sorted(expected(results))
    assert "suite_count_differs" not in found.codes
