"""PHPUnit's XML: what the fixtures do not show."""

import re
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import parsed, read_both_ways

from report_processor.formats.phpunit.otr import OtrParser
from report_processor.formats.phpunit.otr_skim import RULES
from report_processor.parsing.json_format import moment

JUNIT = Path(__file__).parents[3] / "fixtures/junit/phpunit/outcomes.xml"
NAMESPACES = (
    'xmlns="https://schemas.opentest4j.org/reporting/core/0.2.0" '
    'xmlns:e="https://schemas.opentest4j.org/reporting/events/0.2.0" '
    'xmlns:phpunit="https://schema.phpunit.de/otr/phpunit/0.2.0"'
)


def events(body):
    return read(f"<e:events {NAMESPACES}>{body}</e:events>")


def started(number, parent="", name="t", inside=""):
    parent = f' parentId="{parent}"' if parent else ""
    return f'<e:started id="{number}"{parent} name={quoteattr(name)} time="2026-01-31T12:00:00Z">{inside}</e:started>'


def finished(number, status="", inside=""):
    result = f'<result status="{status}">{inside}</result>' if status else ""
    return f'<e:finished id="{number}" time="2026-01-31T12:00:01.500000Z">{result}</e:finished>'


@pytest.mark.parametrize("year", ["2025", "3026"])
def test_a_test_that_ends_before_it_began_or_a_thousand_years_later_has_no_duration(year):
    end = finished(2, "SUCCESSFUL").replace("2026", year)
    found = events(started(1, name="S") + started(2, "1") + end + finished(1))
    assert found.results[0]["duration"] is None
    assert "invalid_duration" in found.codes


METHOD = '<sources><phpunit:methodSource className="C" methodName="t"/></sources>'


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("0", "passed"),
        ("1", "skipped"),
        ("2", "unknown"),
        ("3", "failed"),
        ("4", "broken"),
        ("5", "unknown"),
        ("6", "unknown"),
        ("-1", "skipped"),
        ("success", "passed"),
        ("skipped", "skipped"),
        ("incomplete", "unknown"),
        ("failure", "failed"),
        ("error", "broken"),
        ("risky", "unknown"),
        ("warning", "unknown"),
        ("unknown", "skipped"),
    ],
)
def test_each_number_or_word_of_testdox_has_its_status(number, status):
    found = read(f'<tests><test className="C" methodName="t" prettifiedMethodName="T" status="{number}"/></tests>')
    assert found.results[0]["status"] == status
    assert found.codes == []


def test_a_number_that_is_not_known_is_never_a_pass_and_is_told():
    found = read('<tests><test className="C" methodName="t" prettifiedMethodName="T" status="7"/></tests>')
    assert (found.results[0]["status"], found.codes) == ("unknown", ["unknown_status"])


def test_a_test_that_a_hook_of_its_class_kept_from_running_is_broken():
    told = 'status="-1" exceptionMessage="no database"'
    found = read(f'<tests><test className="C" methodName="t" prettifiedMethodName="T" {told}/></tests>')
    assert (found.results[0]["status"], found.results[0]["exception_description"]) == ("broken", "no database")


def test_groups_without_elements_are_labels_too():
    found = read(
        '<tests><test className="C" methodName="t" prettifiedMethodName="T" status="0" groups="default,slow"/>'
        '<test className="C" methodName="u" prettifiedMethodName="U" status="0" groups="slow">'
        '<group name="slow"/></test></tests>'
    )
    assert [result["labels"] for result in found.results] == [[("group", "slow")]] * 2


def test_groups_and_covers_are_labels_but_not_the_default_group():
    inside = '<group name="default"/><group name="slow"/><covers target="A::b"/><testDouble type="D"/>'
    found = read(
        f'<tests><test className="C" methodName="t" prettifiedMethodName="T" status="0">{inside}</test></tests>'
    )
    assert found.results[0]["labels"] == [("group", "slow"), ("covers", "A::b"), ("testDouble", "D")]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("SUCCESSFUL", "passed"),
        ("FAILED", "failed"),
        ("ERRORED", "broken"),
        ("SKIPPED", "skipped"),
        ("ABORTED", "unknown"),
        ("GREAT", "unknown"),
    ],
)
def test_each_word_of_open_test_reporting_has_its_status(word, status):
    (result,) = events(started(1, name="S") + started(2, "1") + finished(2, word) + finished(1)).results
    assert (result["status"], result["duration"]) == (status, 1.5)


def test_a_suite_without_tests_is_a_container():
    found = events(started(1, name="S") + finished(1))
    assert ([one["title"] for one in found.containers], found.results) == (["S"], [])


def test_a_test_that_did_not_finish_is_no_pass():
    found = events(
        started(1, name="S") + started(2, "1", "a", METHOD) + started(3, "1", "b") + finished(3, "SUCCESSFUL")
    )
    assert [(row["title"], row["status"]) for row in found.results] == [("a", "unknown"), ("b", "passed")]


def test_a_file_that_breaks_off_in_a_test_has_what_stands_before():
    found = read(f"<e:events {NAMESPACES}>{started(1, name='S')}{started(2, '1', 'a', METHOD)}")
    assert [(row["title"], row["status"]) for row in found.results] == [("a", "unknown")]


def test_a_short_file_that_breaks_off_has_what_stands_before_however_it_is_split():
    whole = '<tests><test className="C" methodName="t" prettifiedMethodName="T" status="0"/><test'
    for size in (1, 7, 60, 1000):
        found = read(("x", Trickle(whole.encode(), size)), formatter="phpunit")
        assert [row["title"] for row in found.results] == ["t"]
        assert found.codes == ["truncated_file"]


def test_an_event_of_something_that_did_not_start_is_told():
    assert events(started(1) + finished(7, "FAILED") + finished(1, "SUCCESSFUL")).codes == ["unknown_element"]


def test_names_of_users_and_hosts_are_not_kept():
    found = events(f"<infrastructure><hostName>h0st</hostName><userName>us3r</userName></infrastructure>{started(1)}")
    assert "h0st" not in str(found.containers)
    assert "us3r" not in str(found.summary)


def test_open_test_reporting_of_another_tool_is_not_taken_for_phpunit_s():
    other = NAMESPACES.replace("schema.phpunit.de", "schemas.junit.org")
    assert read(f"<e:events {other}>{started(1)}</e:events>").file["format"] != "phpunit"


def test_its_junit_xml_is_junit_unless_phpunit_is_named():
    xml = JUNIT.read_bytes()
    detected = read(xml)
    for size in (1, 50, 10**6):
        named = read(("x", Trickle(xml, size)), formatter="phpunit")
        assert (detected.file["format"], named.file["format"]) == ("junit", "phpunit")
        assert named.counts == detected.counts


def test_a_testdox_file_without_tests_is_read_when_phpunit_is_named():
    assert read("<tests/>", formatter="phpunit").file["verdict"] == "parsed"


word = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=8)
name = word.filter(lambda text: text.strip() and "/" not in text and "\\" not in text)
STATUS = {"SUCCESSFUL": "passed", "FAILED": "failed", "ERRORED": "broken", "SKIPPED": "skipped", "ABORTED": "unknown"}
test = st.tuples(name, st.sampled_from(sorted(STATUS)), word)
tests = st.lists(test, max_size=3, unique_by=lambda one: one[0])
suite = st.recursive(
    st.tuples(name, tests, st.just([])),
    lambda inner: st.tuples(name, tests, st.lists(inner, max_size=3)),
    max_leaves=5,
)


def written(one, numbers, parent=""):
    title, found, inner = one
    own = next(numbers)
    body = started(own, parent, title)
    for test_title, status, reason in found:
        number = next(numbers)
        body += started(number, own, test_title, METHOD) + finished(
            number, status, f"<reason>{escape(reason)}</reason>"
        )
    return body + "".join(written(one_inside, numbers, own) for one_inside in inner) + finished(own)


def expected(one, path=()):
    title, found, inner = one
    path = (*path, title)
    for test_title, status, reason in found:
        yield list(path), test_title, STATUS[status], reason
    for one_inside in inner:
        yield from expected(one_inside, path)


@given(st.lists(suite, max_size=3), st.integers(1, 300))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_protocol_written_and_read_back_is_equal(suites, size):
    numbers = iter(range(1, 10**6))
    document = f"<e:events {NAMESPACES}>{''.join(written(one, numbers) for one in suites)}</e:events>"
    found = read(("x", Trickle(document.encode(), size)))
    seen = [(found.path(row), row["title"], row["status"], row["exception_description"]) for row in found.results]
    assert seen == [row for one in suites for row in expected(one)]


START = '<e:started id="{0}" parentId="{1}" name="{2}" time="2026-01-31T12:00:00.5Z">'
TOLD = """
 <metadata><tags><tag>small</tag></tags><phpunit:testDox prettifiedMethodName="Says &lt;{0}&gt;"/></metadata>
 <sources><fileSource path="/p/T.php"><filePosition line="{0}"/></fileSource>
 <phpunit:methodSource className="A\\T" methodName="t{0}"/></sources></e:started>
 <e:finished id="{0}" time="2026-01-31T12:00:00.6Z"><attachments>
 <phpunit:resourceUsage time="0.{0}" memoryUsage="{0}"/><phpunit:assertions count="1"/></attachments>
 <result status="SUCCESSFUL"/></e:finished>
"""


def usual(number, parent="s", name="t{}"):
    return (START + TOLD).format(number, parent, name.format(number))


def several(*cases, times=5):
    """A report with tests made by such functions, over and over, between usual ones."""
    among = (usual, usual, *cases, usual)
    tests = [case(number * len(among) + index) for number in range(times) for index, case in enumerate(among)]
    outer, suite = started("o", name="/srv/phpunit.xml"), started("s", "o", "suite")
    body = f"{outer}{suite}{''.join(tests)}{finished('s')}{finished('o')}"
    return f"<e:events {NAMESPACES}>{body}</e:events>"


def test_the_usual_tests_are_skimmed():
    document = several(times=50)
    assert parsed(OtrParser(), "started", document) < 6
    found = read_both_ways(document, "phpunit")
    last = found.results[-1]
    assert found.counts["passed"] == len(found.results) == 150
    assert (last["title"], last["classification"], last["duration"]) == ("t149", "A\\T", 0.149)
    assert (last["description"], found.path(last)) == ("Says <149>", ["phpunit.xml", "suite"])
    assert last["labels"] == [("tag", "small"), ("file", "/p/T.php"), ("line", "149"), ("assertions", "1")]


def changed(old, new):
    return lambda number: usual(number).replace(old.format(number), new.format(number))


@pytest.mark.parametrize(
    "case",
    [
        changed("SUCCESSFUL", "FAILED"),
        changed("SUCCESSFUL", "NEW"),
        changed('<result status="SUCCESSFUL"/>', '<result status="SUCCESSFUL"><reason>r</reason></result>'),
        changed('<result status="SUCCESSFUL"/>', "<result/>"),
        changed('<result status="SUCCESSFUL"/>', '<result status="SUCCESSFUL"/><result status="SKIPPED"/>'),
        changed("<attachments>", '<attachments><phpunit:issue type="deprecation" message="old"/>'),
        changed("<attachments>", "<attachments><output>said</output>"),
        changed("<attachments>", '<attachments><file path="a.png"/>'),
        changed("<attachments>", '<attachments><phpunit:new a="b"/>'),
        changed('<phpunit:resourceUsage time="0.{0}" memoryUsage="{0}"/>', ""),
        changed('<phpunit:resourceUsage time="0.{0}"', '<phpunit:resourceUsage time="0,{0}x"'),
        changed('<phpunit:resourceUsage time="0.{0}"', "<phpunit:resourceUsage"),
        changed(' count="1"', ""),
        changed("<tag>small</tag>", "<tag/>"),
        changed("<tag>small</tag>", "<tag></tag><tag>two</tag>"),
        changed("<tag>small</tag>", "<tag>a &amp; b</tag>"),
        changed("<tag>small</tag>", "<tag>x</tag>" * 60),
        changed("<phpunit:methodSource className", "<phpunit:classSource className"),
        changed('className="A\\T"', 'className="A&amp;B"'),
        changed('className="A\\T"', ""),
        changed('<e:finished id="{0}"', '<e:finished id="x{0}"'),
        changed("<e:finished", '<e:reported id="1"/><e:finished'),
        changed("12:00:00.5Z", "at noon"),
        changed("12:00:00.6Z", "before"),
        lambda number: usual(number, "o"),
        lambda number: usual(number, ""),
        lambda number: usual(number, "").replace("2026-01-31", "2026-02-31"),
        lambda number: usual(number, "").replace("2026-01-31", "1980-01-31"),
        lambda number: usual(number) + usual(f"x{number}", number),
        lambda number: started(f"n{number}", "s", "not finished") + usual(number),
        lambda number: started(f"n{number}", "s", "never finished", METHOD) + usual(number, f"n{number}"),
        lambda number: usual(number, name="t with data set &quot;{} &lt;b&gt;&quot;"),
        lambda number: usual(number, name="/srv/www/t{}"),
        lambda number: usual(number, name="/srv/www/"),
        lambda number: usual(number, name="/srv/www/ "),
        lambda number: usual(number, name=" "),
        lambda number: usual(number, name=""),
        lambda number: usual(number, name=f"t{'x' * 9_000}"),
        lambda number: usual(number) + "</e:events><e:events>",
    ],
)
def test_what_has_more_to_tell_is_read_as_ever(case):
    read_both_ways(several(case), "phpunit")


@given(st.from_regex(re.compile(RULES["time"].expression, re.ASCII), fullmatch=True))
def test_a_time_that_is_skimmed_can_be_read(text):
    assert moment(text) is not None
