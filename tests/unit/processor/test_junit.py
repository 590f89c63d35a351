"""What a JUnit file means: one test for each habit of the tools that write them."""

import pytest
from support.reading import Trickle, read

from report_processor import limits
from report_processor.parsing.durations import seconds


def one(case: str, **options):
    """The only result of a suite with this test case, and all that was read."""
    found = read(f'<testsuite name="s">{case}</testsuite>', **options)
    (result,) = found.results
    return result, found


@pytest.mark.parametrize(
    ("inside", "status"),
    [
        ("", "passed"),
        ("<failure/>", "failed"),
        ("<error/>", "broken"),
        ("<skipped/>", "skipped"),
        ("<failure/><error/>", "broken"),
        ("<skipped/><failure/>", "failed"),
        ('<skipped type="todo"/><failure/>', "skipped"),
        ("<system-out>x</system-out>", "passed"),
    ],
)
def test_children_decide_the_status_and_the_worst_counts(inside, status):
    assert one(f'<testcase name="t">{inside}</testcase>')[0]["status"] == status


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ('status="run" result="completed"', "passed"),
        ('status="run"', "passed"),
        ('status="fail"', "failed"),
        ('status="disabled"', "skipped"),
        ('status="notrun" result="suppressed"', "skipped"),
        ('status="run" result="skipped"', "skipped"),
        ('status="undefined"', "unknown"),
    ],
)
def test_without_children_the_attributes_decide_the_status(attributes, status):
    assert one(f'<testcase name="t" {attributes}/>')[0]["status"] == status


@pytest.mark.parametrize("number", [1, 30])
def test_attributes_decide_in_long_runs_of_cases_too(number):
    runs = '<testcase name="a" status="run"/>\n' * number + '<testcase name="b" status="disabled"/>\n' * number
    found = read(f'<testsuite name="s" tests="{2 * number}" disabled="{number}">\n{runs}</testsuite>')
    assert found.counts["passed"] == found.counts["skipped"] == number


def test_of_several_failures_the_first_names_and_all_are_kept():
    result, _ = one(
        '<testcase name="t"><failure type="A" message="first">trace 1</failure>'
        '<failure type="B" message="second">trace 2</failure><system-out>out</system-out></testcase>'
    )
    assert result["exception_name"] == "A"
    assert result["exception_description"] == "first\nsecond"
    assert result["exception_backtrace"] == "trace 1\ntrace 2\nout"


def test_reruns_are_attempts_and_the_last_decides():
    result, found = one(
        '<testcase name="t" time="2"><failure type="A" message="1">t1</failure><system-out>out</system-out>'
        '<rerunFailure type="A" message="2"><stackTrace>t2</stackTrace><system-out>o2</system-out></rerunFailure>'
        '<rerunError type="B" message="3" time="1.5"><stackTrace>t3</stackTrace></rerunError></testcase>'
    )
    assert result["status"] == "broken"
    assert [attempt[:4] for attempt in result["attempts"]] == [
        (1, 2.0, "A", "1"),
        (1, None, "A", "2"),
        (2, 1.5, "B", "3"),
    ]
    assert result["attempts"][1][4] == "t2\no2"
    assert not result["flaky"]
    assert found.file["attempts"] == 3
    assert found.counts == {**dict.fromkeys(found.counts, 0), "total": 1, "broken": 1}


def test_flaky_failures_are_attempts_before_the_pass():
    result, found = one('<testcase name="t" time="2"><flakyFailure message="1"/><flakyError message="2"/></testcase>')
    assert result["status"] == "passed"
    assert result["flaky"]
    assert [attempt[0] for attempt in result["attempts"]] == [1, 2, 0]
    assert result["attempts"][-1][1] == 2.0
    assert found.summary["flaky_count"] == 1


def test_a_skip_reason_stands_where_a_failure_message_would():
    assert one('<testcase name="t"><skipped message="why"/></testcase>')[0]["exception_description"] == "why"
    assert one('<testcase name="t"><skipped>why</skipped></testcase>')[0]["exception_description"] == "why"


def test_output_of_a_test_follows_its_backtrace_and_that_of_a_suite_describes_it():
    found = read(
        '<testsuite name="s"><testcase name="t"><system-out>before</system-out><failure>trace</failure>'
        "<system-err>after</system-err></testcase><system-out>suite</system-out></testsuite>"
    )
    assert found.results[0]["exception_backtrace"] == "trace\nbeforeafter"
    assert found.containers[0]["description"] == "suite"


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_files_that_output_names_are_assets(size):
    output = "x [[ATTACHMENT|a/b.png]] y [[ATTACHMENT|c.txt]] [[ATTACHMENT|a/b.png]] [[ATTACHMENT|never closed"
    padding = "z" * size
    result, found = one(
        f'<testcase name="t"><system-out>{padding}{output}</system-out></testcase>',
        attachments={"results/a/b.png": "key-of-b", "other/b.png": "key-of-another"},
    )
    assert result["assets"] == [("a/b.png", "key-of-b"), ("c.txt", "")]
    assert found.codes == ["attachment_not_found"]


def test_properties_and_unknown_attributes_are_labels():
    result, _ = one(
        '<testcase name="t" file="a.py" line="3"><properties><property name="p" value="1"/>'
        '<property name="q">text</property><property name="p" value="2"/></properties></testcase>'
    )
    assert sorted(result["labels"]) == [("file", "a.py"), ("line", "3"), ("p", "1"), ("p", "2"), ("q", "text")]


def test_properties_of_a_suite_are_its_labels():
    found = read(
        '<testsuite name="s" hostname="h" id="0" xmlns:x="urn:x">'
        '<properties><property name="p" value="1"/></properties><testcase name="t"/></testsuite>'
    )
    assert found.containers[0]["labels"] == [("hostname", "h"), ("id", "0"), ("p", "1")]


def test_test_cases_straight_under_the_root_lie_in_no_container():
    found = read('<testsuites><testcase name="t"/><testsuite name="s"><testcase name="u"/></testsuite></testsuites>')
    assert [found.path(result) for result in found.results] == [[], ["s"]]
    assert found.counts["total"] == 2


def test_suites_nest():
    found = read(
        '<testsuite name="a"><testsuite name="b"><testcase name="t"/></testsuite><testcase name="u"/></testsuite>'
    )
    assert [(found.path(result), result["title"]) for result in found.results] == [(["a", "b"], "t"), (["a"], "u")]
    assert [sum(container["counts"]) for container in found.containers] == [2, 1]


def test_a_namespace_changes_nothing():
    found = read('<j:testsuite xmlns:j="urn:j" name="s"><j:testcase name="t"><j:failure/></j:testcase></j:testsuite>')
    assert found.counts["failed"] == 1
    assert found.file["evidence"] == "root element <j:testsuite>"


def test_the_earliest_timestamp_is_the_date_and_placeholders_are_none():
    found = read(
        '<testsuites><testsuite name="a" timestamp="2026-02-01T00:00:00Z"/>'
        '<testsuite name="b" timestamp="2026-01-31T12:00:00+01:00"/>'
        '<testsuite name="c" timestamp="1970-01-01T00:00:00"/></testsuites>'
    )
    assert found.summary["date"] == 1769857200.0
    assert "invalid_date" not in found.codes


def test_a_date_that_cannot_be_read_is_told_with_its_place():
    found = read(
        '<testsuites>\n <testsuite name="a" timestamp="yesterday"><testcase name="t"/></testsuite></testsuites>'
    )
    message = found.message("invalid_date")
    assert (message["line"], message["column"]) == (2, 2)
    assert "yesterday" in message["message"]


def test_the_line_of_a_result_is_that_of_its_element():
    cases = "".join(f'\n  <testcase name="{number}" time="0"/>' for number in range(30))
    found = read(f'<testsuite name="s">{cases}\n\n<testcase name="last"\n/></testsuite>')
    assert [result["line"] for result in found.results] == [*range(2, 32), 33]


def test_a_test_without_a_name_is_named_by_its_class_or_else_by_its_place():
    result, found = one('<testcase name="" classname="com.ATest"><error message="BeforeAll"/></testcase>')
    assert (result["title"], result["classification"], found.codes) == ("com.ATest", "com.ATest", [])
    found = read('<testsuite name="s">\n  <testcase classname=""/>\n  <testcase name=" "/></testsuite>')
    assert [result["title"] for result in found.results] == ["testcase at line 2", "testcase at line 3"]
    message = found.message("missing_name")
    assert (message["line"], message["column"], message["count"]) == (2, 3, 2)


def test_duplicate_names_are_counted_with_an_example():
    found = read('<testsuite name="s"><testcase name="t"/><testcase name="t"/><testcase name="u"/></testsuite>')
    message = found.message("duplicate_names")
    assert message["count"] == 2
    assert "one of them is t" in message["message"]
    assert found.counts["total"] == 3


def test_the_same_name_in_another_class_or_suite_is_no_duplicate():
    found = read(
        '<testsuites><testsuite name="a"><testcase classname="c" name="t"/>'
        '<testcase classname="d" name="t"/></testsuite>'
        '<testsuite name="b"><testcase classname="c" name="t"/></testsuite></testsuites>'
    )
    assert found.codes == []
    assert len({result["history_hash"] for result in found.results}) == 3


def test_the_same_report_twice_is_told_for_the_import():
    suite = '<testsuite name="s"><testcase name="t"/></testsuite>'
    found = read(suite, suite)
    assert found.message("duplicate_names")["file"] == ""


def test_identity_depends_on_titles_and_classes_alone():
    first = read('<testsuites><testsuite name="a"><testcase classname="c" name="t" time="1"/></testsuite></testsuites>')
    other = read(
        '<testsuite name="z"/>',
        '<testsuites><testsuite name="b"/><testsuite name="a" hostname="h"><testcase name="t" classname="c">'
        "<failure/></testcase></testsuite></testsuites>",
    )
    assert first.results[0]["history_hash"] == other.results[0]["history_hash"]


def test_the_parts_of_an_identity_cannot_be_shifted():
    found = read(
        '<testsuite name="s"><testcase classname="ab" name="c"/><testcase classname="a" name="bc"/></testsuite>'
    )
    assert len({result["history_hash"] for result in found.results}) == 2


def test_the_status_hash_does_not_depend_on_the_order_but_on_the_outcomes():
    cases = ['<testcase name="a"/>', '<testcase name="b"><failure/></testcase>']
    one_way = read(f"<testsuite name='s'>{''.join(cases)}</testsuite>")
    other_way = read(f"<testsuite name='s'>{''.join(reversed(cases))}</testsuite>")
    different = read('<testsuite name="s"><testcase name="b"/><testcase name="a"><failure/></testcase></testsuite>')
    assert one_way.summary["status_hash"] == other_way.summary["status_hash"] != different.summary["status_hash"]


def test_an_empty_report_is_a_warning_that_can_be_ignored():
    assert read("<testsuites/>").codes == ["no_tests"]
    assert read('<testsuite name="s" tests="0"/>').codes == ["no_tests"]
    assert read("<testsuites/>", ignore_empty_report=True).codes == []


@pytest.mark.parametrize(
    "suite",
    [
        '<testsuite name="s" tests="2" failures="1" errors="0" skipped="0">{own}</testsuite>',
        '<testsuite name="s" tests="2"><testsuite name="i" tests="2" failures="1">{own}</testsuite></testsuite>',
        '<testsuite name="s" tests="1"><testsuite name="i" tests="2">{own}</testsuite></testsuite>',
        '<testsuites tests="2" failures="1"><testsuite name="i">{own}</testsuite></testsuites>',
        '<testsuite name="s" tests="many" failures="">{own}</testsuite>',
    ],
)
def test_counts_that_agree_in_some_reading_are_no_message(suite):
    own = '<testcase name="a"/><testcase name="b"><failure/></testcase>'
    assert read(suite.format(own=own)).codes == []


def test_counts_that_differ_are_told_with_the_place_of_the_suite():
    found = read(
        '<testsuites>\n  <testsuite name="s" tests="3" failures="1"><testcase name="a"/></testsuite></testsuites>'
    )
    message = found.message("suite_count_differs")
    assert (message["line"], message["column"], message["count"]) == (2, 3, 2)
    assert 'tests="3", but there are 1' in message["message"]


def test_a_suite_that_breaks_itself_is_a_result():
    found = read('<testsuite name="s"><error type="E" message="m"/><testcase name="t"/></testsuite>')
    assert [(result["title"], result["status"]) for result in found.results] == [("s", "broken"), ("t", "passed")]


def test_unknown_elements_are_counted_and_what_stands_in_them_is_read():
    found = read(
        '<testsuite name="s">\n<group><testcase name="t"><odd/><odd/></testcase></group>'
        '<testcase name="u"/></testsuite>'
    )
    message = found.message("unknown_element")
    assert message["count"] == 3
    assert message["line"] == 2
    assert found.counts["total"] == 2


def test_a_test_case_in_a_test_case_is_a_result_too():
    found = read(
        '<testsuite name="s"><testcase name="a"><testcase name="b"><failure/></testcase></testcase></testsuite>'
    )
    assert {(result["title"], result["status"]) for result in found.results} == {("a", "passed"), ("b", "failed")}


def test_long_texts_are_cut_in_the_middle_and_counted():
    size = limits.BACKTRACE + 1000
    result, found = one(f'<testcase name="t"><failure>begin{"x" * size}end</failure></testcase>')
    trace = result["exception_backtrace"]
    assert len(trace) < limits.BACKTRACE + 100
    assert trace.startswith("begin")
    assert trace.endswith("end")
    assert "1008 characters" in trace
    assert "1008 characters" in found.message("field_cut")["message"]


def test_long_names_are_cut_and_counted():
    result, found = one(f'<testcase name="{"n" * 9000}" classname="{"c" * 9000}"/>')
    assert len(result["title"]) == limits.TITLE
    assert found.message("field_cut")["count"] == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.25", 0.25),
        ("1", 1.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("1,234.5", 1234.5),
        ("1,234,567.5", 1234567.5),
        ("1.234,5", 1234.5),
        ("0,123", 0.123),
        ("1,234", 1.234),
        ("7.8e-05", 7.8e-05),
        ("1.5s", 1.5),
        (" 2 ", 2.0),
        ("00:01:02.5", 62.5),
        ("1 234,5".replace(" ", "\u00a0"), 1234.5),
        ("12,34,567.8", 1234567.8),
        ("1 234,5", 1234.5),
        ("1.234.567", 1234567.0),
        ("0.1.2", None),
        ("PT1M2.5S", 62.5),
        ("P0DT1H", 3600.0),
        ("1m2.5s", 62.5),
        ("350.5\u00b5s", 0.0003505),
        ("12 ms", 0.012),
        ("1 min 2 sec", 62.0),
        ("2 s and more", None),
        ("3 parsecs", None),
        ("P", None),
        ("-1", None),
        ("NaN", None),
        ("inf", None),
        ("1e999", None),
        ("soon", None),
        ("", None),
        ("99999999999", None),
        ("1_000", None),
    ],
)
def test_durations_are_read_in_every_number_format(text, expected):
    assert seconds(text) == expected


def test_a_duration_that_is_none_is_told_and_a_missing_one_is_not():
    result, found = one('<testcase name="t" time="soon"/>')
    assert result["duration"] is None
    assert found.codes == ["invalid_duration"]
    result, found = one('<testcase name="t"/>')
    assert result["duration"] is None
    assert found.codes == []


def test_durations_add_up_over_containers():
    found = read(
        '<testsuite name="a"><testsuite name="b"><testcase name="t" time="0.1"/><testcase name="u" time="0.2"/>'
        '</testsuite><testcase name="v"/></testsuite><!-- none: -->'
    )
    assert [container["duration"] for container in found.containers] == [0.3, 0.3]
    assert found.file["duration"] == 0.3
    assert read('<testsuite name="s"><testcase name="t"/></testsuite>').file["duration"] is None


@pytest.mark.parametrize("size", [7, 100_000])
def test_the_text_in_front_of_damage_is_kept_however_the_file_is_split(size):
    text = '<testsuite name="s"><testcase name="t"><failure>what went wrong</testcase></testsuite>'
    found = read(("r.xml", Trickle(text.encode(), size)))
    assert [result["exception_backtrace"] for result in found.results] == ["what went wrong"]
    assert "malformed" in found.codes
