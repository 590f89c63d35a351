"""TestNG: what its fixtures do not show."""

from datetime import datetime
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import read, read_apart
from support.skimming import parsed, read_both_ways

from report_processor.detect import Head
from report_processor.events import SKIPPED, Recorder
from report_processor.formats.testng import FORMAT
from report_processor.formats.testng.retries import Retries
from report_processor.parsing.draft import Draft


def report(methods, head="", attributes=""):
    return (
        f"<testng-results {attributes}><reporter-output/><suite name='s'>{head}"
        f"<test name='t'><class name='a.B'>{methods}</class></test></suite></testng-results>"
    )


def method(name, status="PASS", attributes="", inside=""):
    return f'<test-method name="{name}" status="{status}" duration-ms="10" {attributes}>{inside}</test-method>'


def exception(kind="java.lang.AssertionError", message="m"):
    return (
        f'<exception class="{kind}"><message> <![CDATA[{message}]]> </message>'
        "<full-stacktrace>\n <![CDATA[at a.B]]>\n</full-stacktrace></exception>"
    )


def statuses(found):
    return [(result["title"], result["status"]) for result in found.results]


def test_it_is_known_by_its_root_and_the_example_is_read():
    assert FORMAT.recognise(Head(FORMAT.example)) == "root element <testng-results>"
    assert statuses(read(FORMAT.example)) == [("signsIn", "passed"), ("signsOut", "failed")]
    assert FORMAT.recognise(Head("<testsuite/>")) is None


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("java.lang.AssertionError", "failed"),
        ("org.opentest4j.AssertionFailedError", "failed"),
        ("org.junit.ComparisonFailure", "failed"),
        ("org.testng.TestException", "failed"),
        ("", "failed"),
        ("org.openqa.selenium.NoSuchElementException", "broken"),
        ("org.testng.internal.thread.ThreadTimeoutException", "broken"),
    ],
)
def test_an_assertion_fails_and_any_other_exception_breaks(kind, status):
    assert statuses(read(report(method("m", "FAIL", inside=exception(kind))))) == [("m", status)]


def test_all_classes_and_all_tests_of_all_suites_show():
    part = "<suite name='{0}'><test name='t'><class name='A'>{1}</class><class name='B'>{1}</class></test></suite>"
    found = read(f"<testng-results>{part.format(1, method('m'))}{part.format(2, method('m'))}</testng-results>")
    assert [found.path(result) for result in found.results] == [
        ["1", "t", "A"],
        ["1", "t", "B"],
        ["2", "t", "A"],
        ["2", "t", "B"],
    ]


def test_a_package_that_stands_apart_is_part_of_the_class():
    class_ = "<class name='B' package='{0}'>{1}</class>"
    document = f"<testng-results><suite name='s'><test name='t'>{class_}</test></suite></testng-results>"
    assert [one["title"] for one in read(document.format("a", method("m"))).containers] == ["s", "t", "a.B"]
    assert [one["title"] for one in read(document.format("[default]", method("m"))).containers] == ["s", "t", "B"]


def test_addresses_in_memory_do_not_stand_in_titles():
    value = "<![CDATA[shop.User@1b2c3d4e and [Ljava.lang.String;@7f31 x@beef]]>"
    value = f"<params><param index='0'><value>{value}</value></param></params>"
    assert statuses(read(report(method("m", inside=value)))) == [
        ("m(shop.User and [Ljava.lang.String; x@beef)", "passed")
    ]


def test_a_name_of_an_instance_tells_the_tests_of_a_factory_apart():
    first, second = (method("m", attributes=f'test-instance-name="{name}"') for name in ("Chrome", "Firefox"))
    assert [title for title, _ in statuses(read(report(first + second)))] == ["m [Chrome]", "m [Firefox]"]


def test_attributes_groups_and_dependencies_are_labels():
    inside = (
        "<attributes><attribute name='ticket'><![CDATA[ABC-1]]></attribute></attributes>"
        "<custom-attributes><custom-attribute><name value='owner'/><value><![CDATA[[me]]]></value></custom-attribute>"
        "</custom-attributes>"
    )
    found = read(report(method("m", attributes='groups="[a, b]" depends-on-groups="[c]"', inside=inside)))
    assert sorted(found.results[0]["labels"]) == [
        ("depends-on-groups", "[c]"),
        ("group", "a"),
        ("group", "b"),
        ("owner", "[me]"),
        ("ticket", "ABC-1"),
    ]
    assert "unknown_element" not in found.codes


def test_files_that_the_reporter_output_links_to_are_assets():
    lines = (
        '<reporter-output><line><![CDATA[see <a href="shots/a%20b.png"><img src="shots/a%20b.png"></a> <b>!</b>]]>'
        "</line><line><![CDATA[List<String> stays]]></line></reporter-output>"
    )
    result = read(report(method("m", inside=lines))).results[0]
    assert [name for name, _ in result["assets"]] == ["shots/a b.png"]
    assert result["exception_backtrace"] == "see  !\nList<String> stays"


def test_retried_runs_are_attempts_though_configuration_methods_and_other_tests_stand_between():
    found = read(
        report(
            method("a", "SKIP", 'retried="true" signature="a()"', exception())
            + method("before", attributes='is-config="true"')
            + method("b")
            + method("a", attributes='signature="a()"')
        )
    )
    assert statuses(found) == [("b", "passed"), ("a", "passed")]
    assert [attempt[0] for attempt in found.results[1]["attempts"]] == [1, 0]
    assert found.results[1]["flaky"]


def test_a_retried_run_without_a_last_one_is_what_its_exception_says():
    found = read(report(method("a", "SKIP", 'retried="true"', exception("java.io.IOException"))))
    assert statuses(found) == [("a", "broken")]


def test_skipped_runs_of_version_6_are_attempts_though_other_tests_stand_between():
    retried = method("a", "SKIP", inside=exception())
    others = method("b") + method("c", "SKIP", inside=exception("java.io.IOException"))
    found = read(report(retried + others + retried + method("d") + method("a")))
    assert statuses(found) == [("b", "passed"), ("d", "passed"), ("a", "passed"), ("c", "skipped")]
    assert [attempt[0] for attempt in found.results[2]["attempts"]] == [1, 1, 0]


def test_skipped_runs_of_many_methods_are_all_kept():
    skips = "".join(method(f"a{number}", "SKIP", inside=exception()) for number in range(40))
    found = read(report(skips + method("b", "SKIP", inside=exception()) * 25))
    assert len(found.results) == 65
    assert found.counts["skipped"] == 65


def test_skipped_runs_do_not_wait_without_bound():
    recorder = Recorder()
    retries = Retries(recorder)
    for number in range(40):
        draft = Draft(f"a{number % 4}", "", SKIPPED, 1)
        draft.fail(SKIPPED, "java.io.IOException", "", "x" * 500_000)
        retries.record(draft, "a()", retried=False)
    assert len(recorder.rows) >= 30


def test_runs_that_were_all_skipped_are_no_attempts():
    found = read(report(method("a", "SKIP", inside=exception()) * 3))
    assert statuses(found) == [("a", "skipped")] * 3


def test_a_count_that_differs_is_noted():
    found = read(report(method("a"), attributes='passed="2" failed="0" skipped="0"'))
    assert found.message("suite_count_differs")["message"].find('passed="2", but there are 1') >= 0


def test_an_unknown_status_is_no_pass():
    found = read(report(method("a", "STARTED")))
    assert statuses(found) == [("a", "unknown")]
    assert "unknown_status" in found.codes


def test_a_suite_in_another_file_is_noted():
    found = read("<testng-results><suite url='other/testng-results.xml'/></testng-results>")
    assert "unknown_element" in found.codes
    assert not found.containers


def test_a_file_that_ends_in_a_method_has_it():
    document = report(method("a", "FAIL", inside=exception()))
    found = read(document[: document.index("</full-stacktrace")])
    assert statuses(found) == [("a", "failed")]
    assert found.file["verdict"] == "partly_parsed"


OUTPUT = "\n<reporter-output>\n</reporter-output>\n"


def usual(number, attributes="", inside=OUTPUT, name="m{}"):
    time, name = f'started-at="2026-11-24T15:06:{number % 60:02} UTC"', name.format(number)
    attributes = f'{time} signature="{name}()" {attributes}'
    return f"{method(name, attributes=attributes, inside=inside)} <!-- {name} -->\n"


def several(*cases, times=5):
    """A report with methods made by such functions, over and over, between usual ones."""
    among = (usual, usual, *cases, usual)
    methods = [case(number * len(among) + index) for number in range(times) for index, case in enumerate(among)]
    return report("".join(methods), head=GROUPS)


GROUPS = "<groups><group name='slow'><method name='m2' class='a.B'/><method name='m3' class='a.B'/></group></groups>"
CONFIGURATION = 'is-config="true" depends-on-methods="a.B.m"'


def test_the_usual_methods_are_skimmed():
    document = several(lambda number: usual(number, CONFIGURATION), times=50)
    assert parsed(FORMAT.parser(), "test-method", document) < 5
    found = read_both_ways(document, "testng")
    assert found.counts["passed"] == 150
    assert {tuple(one["labels"]) for one in found.results} == {(), (("group", "slow"),)}


@pytest.mark.parametrize(
    "case",
    [
        lambda number: usual(number, f'description="says {number}"'),
        lambda number: usual(number, 'data-provider="p"'),
        lambda number: usual(number, f'depends-on-methods="m{number}"'),
        lambda number: usual(number, 'groups="[a, b]"'),
        lambda number: usual(number, f'test-instance-name="i{number}"'),
        lambda number: usual(number, 'retried="true"'),
        lambda number: usual(number, inside="<reporter-output><line>said</line></reporter-output>"),
        lambda number: usual(number, inside="<params><param index='0'><value>1</value></param></params>"),
        lambda number: usual(number, inside="<x/>"),
        lambda number: usual(number, name="&lt;m{}&gt;"),
        lambda number: usual(number, name=" "),
        lambda number: usual(number, name=f"m{{}}{'x' * 7_995}"),
        lambda number: usual(number, name=f"m{{}}{'x' * 9_000}"),
        lambda number: usual(number).replace('"10"', '"10.5"' if number % 2 else '"x"'),
        lambda number: usual(number).replace('"10"', '"9999999999999"'),
        lambda number: usual(number).replace(' duration-ms="10"', ""),
        lambda number: usual(number).replace("PASS", "pass"),
        lambda number: usual(number).replace("PASS", "SKIP"),
        lambda number: usual(number, CONFIGURATION).replace("PASS", "FAIL"),
        lambda number: usual(number, CONFIGURATION).replace("PASS", "SKIP"),
        lambda number: usual(number).replace("PASS", "SKIP").replace(OUTPUT, exception()),
        lambda _: f"</class><class name='C' package='a{'b' * 9_000}'>",
        lambda _: "</class></test><test name='u'><class name='a.B'>",
    ],
)
def test_what_has_more_to_tell_is_read_as_ever(case):
    read_both_ways(several(case), "testng")


def test_the_retried_run_of_a_skimmed_test_is_its_attempt():
    again = usual(3, 'retried="true"', exception()).replace("PASS", "SKIP")
    found = read_both_ways(report(f"{usual(1)}{usual(2)}{again}{usual(3)}{usual(4)}"), "testng")
    assert [len(one["attempts"]) for one in found.results] == [0, 0, 2, 0]


def test_the_counts_include_what_was_skimmed():
    document = report("".join(usual(number) for number in range(9)), attributes='passed="8"')
    assert "there are 9" in read_both_ways(document, "testng").message("suite_count_differs")["message"]


def test_of_groups_with_long_names_no_more_is_kept():
    group = "<group name='{0}{1}'><method name='m1' class='a.B'/></group>"
    groups = "".join(group.format(number, "x" * 15_000) for number in range(200))
    document = report("".join(map(usual, range(9))), head=f"<groups>{groups}</groups>")
    assert "field_cut" in read_both_ways(document, "testng").codes


text = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\ufffe\uffff@"), max_size=20
)
name = text.filter(bool)
run = st.tuples(
    name,
    st.lists(text, max_size=3),
    st.sampled_from(["PASS", "FAIL", "SKIP"]),
    st.integers(0, 100_000),
    st.one_of(st.none(), st.tuples(st.sampled_from(["java.lang.AssertionError", "org.testng.SkipException"]), text)),
)
model = st.lists(st.tuples(name, st.lists(st.tuples(name, st.lists(run, max_size=6)), max_size=3)), max_size=3)


def cdata(value):
    return f"\n <![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>\n "


def written(tests):
    yield "<testng-results><suite name='s'>"
    for test, classes in tests:
        yield f"<test name={quoteattr(test)}>"
        for class_, runs in classes:
            yield f"<class name={quoteattr(class_)}>"
            for title, parameters, status, time, problem in runs:
                yield f'<test-method name={quoteattr(title)} status="{status}" duration-ms="{time}"><params>'
                for index, value in enumerate(parameters):
                    yield f'<param index="{index}"><value>{cdata(value)}</value></param>'
                yield "</params>"
                if problem:
                    yield f'<exception class="{problem[0]}"><message>{cdata(problem[1])}</message></exception>'
                yield "<reporter-output></reporter-output></test-method>"
            yield "</class>"
        yield "</test>"
    yield "</suite></testng-results>"


STATUS = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}


@given(model)
@settings(deadline=None, max_examples=60)
def test_a_report_that_is_written_and_read_is_the_same(tests):
    wanted = []
    for test, classes in tests:
        for class_, runs in classes:
            for title, parameters, status, time, problem in runs:
                full = f"{title}({', '.join(parameters)})" if parameters else title
                skipping = status == "FAIL" and problem and "Skip" in problem[0]
                state = "broken" if skipping else STATUS[status]
                kind, message = problem or ("", "")
                wanted.append((["s", test, class_], full, state, time / 1000, kind, message))
    found = read_apart("".join(written(tests)))
    skips = [one for one in wanted if one[2] == "skipped" and one[4] == "java.lang.AssertionError"]
    seen = [
        (
            found.path(one),
            one["title"],
            one["status"],
            one["duration"],
            one["exception_name"],
            one["exception_description"],
        )
        for one in found.results
    ]
    if not skips:  # those may be retries of what follows them
        assert seen == wanted
    assert sum(len(one["attempts"]) or 1 for one in found.results) == len(wanted)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-05-06T10:11:12 UTC", "2024-05-06T10:11:12+00:00"),
        ("2024-05-06T10:11:12Z", "2024-05-06T10:11:12+00:00"),
        ("2024-05-06T10:11:12 GMT+02:00", "2024-05-06T10:11:12+02:00"),
        ("2024-05-06T10:11:12 GMT-3", "2024-05-06T10:11:12-03:00"),
        ("2024-05-06T10:11:12 +0530", "2024-05-06T10:11:12+05:30"),
        ("2024-05-06T10:11:12 Pacific Standard Time", "2024-05-06T10:11:12+00:00"),
        ("2024-05-06T10:11:12 中国标准时间", "2024-05-06T10:11:12+00:00"),
    ],
)
def test_dates_are_read_whatever_their_zone_is_called(written, meant):
    found = read(f'<testng-results><suite name="s" started-at="{written}"/></testng-results>')
    assert found.summary["date"] == datetime.fromisoformat(meant).timestamp()
    assert "invalid_date" not in found.codes


@pytest.mark.parametrize(
    ("attributes", "title"),
    [
        ('name="t" signature="F.t()[pri:0, instance:a.F@2]" test-instance-name="first"', "t [first]"),
        ('name="first" signature="t()" test-instance-name="first"', "t [first]"),
        ('name="first" test-instance-name="first"', "first [first]"),
    ],
)
def test_the_name_of_an_instance_stands_behind_that_of_its_method(attributes, title):
    method = f'<class name="F"><test-method status="PASS" {attributes}/></class>'
    found = read(f'<testng-results><suite name="s"><test name="t">{method}</test></suite></testng-results>')
    assert [result["title"] for result in found.results] == [title]
