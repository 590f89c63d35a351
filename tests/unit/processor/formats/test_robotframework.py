"""Robot Framework: what its fixtures do not show."""

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import read, read_apart
from support.skimming import read_both_ways

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import CLOSE, OPEN, STATUSES
from report_processor.formats.robotframework import FORMAT
from report_processor.formats.robotframework.held import HeldTests
from report_processor.formats.robotframework.keywords import Keywords
from report_processor.formats.robotframework.parser import RobotParser

ROBOT = '<robot generator="Robot 7.5 (Python 3.11.7 on linux)" generated="2026-01-31T12:00:00">'


def report(inside, tail=""):
    return f'{ROBOT}<suite name="S">{inside}</suite>{tail}</robot>'


def run(name="t", body="", status="PASS", message=""):
    return f'<test name="{name}">{body}<status status="{status}" elapsed="1.5">{escape(message)}</status></test>'


def kw(name="Log", body="", status="PASS", kind=""):
    return f'<kw name="{name}" type="{kind}">{body}<status status="{status}"/></kw>'


def message(text, level="FAIL", html=""):
    return f'<msg level="{level}" {html}>{escape(text)}</msg>'


def only(document):
    (result,) = read(document).results
    return result


def test_it_is_known_by_its_root_and_the_example_is_read():
    assert FORMAT.recognise(Head(FORMAT.example)) == "root element <robot> of Robot 7.5 (Python 3.11.7 on linux)"
    assert [one["status"] for one in read(FORMAT.example).results] == ["passed", "failed"]


@pytest.mark.parametrize("other", ["<testsuite/>", "<robot name='r2d2'><link/></robot>"])
def test_other_roots_and_the_robots_of_others_are_not_it(other):
    assert FORMAT.recognise(Head(other)) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [("PASS", "passed"), ("FAIL", "failed"), ("SKIP", "skipped"), ("NOT RUN", "skipped"), ("NOT SET", "unknown")],
)
def test_every_status_has_its_meaning(word, status):
    found = read(report(run(status=word)))
    assert found.results[0]["status"] == status
    assert ("unknown_status" in found.codes) == (status == "unknown")


def test_the_type_in_front_of_a_message_is_the_exception():
    result = only(report(run(status="FAIL", message="selenium.common.NoSuchElementException: no such thing")))
    assert result["exception_name"] == "selenium.common.NoSuchElementException"
    assert result["exception_description"].endswith(": no such thing")


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ('start="2026-01-31T12:00:00" elapsed="0.25"', 0.25),
        ('starttime="20260131 23:59:59.900" endtime="20260201 00:00:00.150"', 0.25),
        ('starttime="N/A" endtime="N/A" elapsedtime="250"', 0.25),
        ('starttime="N/A" endtime="N/A"', None),
        ('starttime="20261331 00:00:00.000" endtime="20261331 00:00:01.000"', None),
        ("", None),
    ],
)
def test_durations_of_all_versions_are_read(times, seconds):
    assert only(report(f'<test name="t"><status status="PASS" {times}/></test>'))["duration"] == seconds


def test_the_keywords_are_lines_with_their_outcome_though_arguments_come_last():
    inner = kw("Inner", "<arg>a</arg><arg>b  c</arg>", "FAIL")
    result = only(report(run(body=kw("Outer", f"{inner}<var>${{x}}</var><arg>z</arg>", "FAIL"), status="FAIL")))
    assert result["description"] == "FAILED   ${x} =    Outer    z\nFAILED     Inner    a    b c"


def test_of_very_many_keywords_the_first_are_shown_and_those_that_failed():
    deep = kw("Outer", kw("Middle", kw("Deep", message("gone wrong"), "FAIL"), "FAIL"), "FAIL")
    found = read(report(run(body=kw("Early") * 5_000 + deep, status="FAIL", message="gone wrong")))
    lines = found.results[0]["description"].splitlines()
    assert len(lines) == 400 + 3 + 1
    assert lines[-4:] == ["FAILED   Outer", "FAILED     Middle", "FAILED       Deep", "[... 4600 more keywords ...]"]
    assert found.results[0]["exception_backtrace"] == "Outer > Middle > Deep\ngone wrong"
    assert found.codes == ["field_cut"]


def test_long_arguments_are_shortened():
    lines = only(report(run(body=kw("Log", f"<arg>{'x' * 900}</arg>" * 9))))["description"]
    assert lines.endswith("...")
    assert len(lines) < 600


def test_messages_of_lower_levels_are_left_out_and_backtraces_are_kept():
    body = message("hello", "INFO") + message("no") + message("Traceback: at line 1", "DEBUG") + message("x", "DEBUG")
    result = only(report(run(body=kw("Log", body, "FAIL"), status="FAIL", message="no")))
    assert result["exception_backtrace"] == "Log\nno\nTraceback: at line 1"


def test_files_in_html_are_assets_and_addresses_are_not():
    html = (
        "<a href='https://example.org/x.png'>x</a><a href=\"mailto:a@b\">y</a><a href='#top'>t</a><a href='logs/'>l</a>"
        "<img src=\"shots\\1.png?v=2\"><video><source src='a.webm'/></video><a href='file:///tmp/c.txt'>c</a>"
    )
    result = only(report(run(body=kw("Log", message(html, "INFO", 'html="true"')))))
    assert [name for name, _ in result["assets"]] == ["shots\\1.png", "a.webm", "/tmp/c.txt"]


def test_an_embedded_screenshot_is_stored_and_a_damaged_one_is_noted():
    shots = '<img src="data:image/png;base64,aGVsbG8=">', '<img src="data:image/jpeg;base64,x">'
    found = read(report(run(body=kw("Log", "".join(message(one, "INFO", 'html="true"') for one in shots)))))
    assert [name for name, _ in found.results[0]["assets"]] == ["embedding-1.png"]
    assert "field_cut" in found.codes


def test_elements_inside_a_text_do_not_end_it():
    found = read(report("<test name='t'><doc>a<b>b</b>c</doc><tag>x</tag><status status='PASS'/></test>"))
    assert found.results[0]["description"] == "abc"
    assert found.results[0]["labels"] == [("tag", "x")]


def test_a_suite_that_only_had_a_screenshot_names_it():
    shot = message('<img src="a.png">', "INFO", 'html="yes"')
    found = read(report(kw("Open", shot, kind="SETUP") + run()))
    assert found.containers[0]["labels"] == [("attachment", "a.png")]
    assert "PASSED   Setup: Open" in found.containers[0]["description"]


def test_the_generator_tells_where_it_ran_and_the_earliest_date_counts():
    suite = '<status status="PASS" starttime="20260130 10:00:00.000" endtime="N/A"/>'
    summary = read(report(run() + suite)).summary
    assert (summary.get("os"), summary.get("platform")) in {("linux", "Python 3.11.7"), (None, None)}
    assert str(summary["date"]).startswith(("2026-01-30", "176"))


def test_tags_metadata_and_what_is_not_critical_are_labels():
    body = "<tags><tag>a</tag><tag>b</tag></tags><meta name='owner'>me</meta>"
    result = only(report(f'<test name="t">{body}<status status="FAIL" critical="no"/></test>'))
    assert result["labels"] == [("tag", "a"), ("tag", "b"), ("owner", "me"), ("critical", "no")]


def test_statistics_are_compared_with_the_tests():
    total = '<statistics><total><stat pass="9" fail="9">Critical</stat><stat pass="{}" fail="0">All</stat></total>'
    suites = '<tag><stat pass="1">t</stat></tag><suite><stat id="s1" name="S">S</stat></suite></statistics>'
    assert "suite_count_differs" not in read(report(run(), total.format(1) + suites)).codes
    assert "suite_count_differs" in read(report(run(), total.format(2) + suites)).codes


def test_errors_of_the_run_are_messages():
    found = read(report(run(), f"<errors>{message('no library', 'ERROR')}</errors>"))
    assert "ERROR: no library" in found.message("tool_message")["message"]


def test_a_test_in_a_keyword_does_not_confuse_the_one_around_it():
    found = read(report(run("outer", kw("k", run("inner", status="FAIL") + "<suite name='x'/>"))))
    assert [(one["title"], one["status"]) for one in found.results] == [("outer", "passed")]
    assert "unknown_element" in found.codes


@pytest.mark.parametrize("end", ["<kw name='b'><arg>x", "<msg level='FAIL'>half", ""])
def test_a_test_that_the_file_ends_in_is_unknown(end):
    found = read(f"{ROBOT}<suite name='S'>{run('whole')}<test name='torn'>{kw('a')}{end}")
    assert [(one["title"], one["status"]) for one in found.results] == [("whole", "passed"), ("torn", "unknown")]


def test_a_teardown_that_the_file_ends_in_is_no_result():
    found = read(f"{ROBOT}<suite name='S'>{run('whole')}<kw name='Close' type='TEARDOWN'><kw name='x'>")
    assert [one["title"] for one in found.results] == ["whole"]


def test_suites_very_deep_keep_their_texts_within_bounds():
    deep = "".join(f"<suite name='{n}'><doc>{'d' * 60_000}</doc>" for n in range(200))
    found = read(f"{ROBOT}{deep}{run()}{'</suite>' * 200}</robot>")
    assert found.counts["total"] == 1
    assert sum(len(one["description"]) for one in found.containers) < limits.OPEN_TEXT + limits.DEPTH * 1_000


text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"], exclude_characters="\ufffe\uffff*<"))
name = text.filter(bool)
keyword = st.recursive(
    st.tuples(name, st.sampled_from(["PASS", "FAIL", "NOT RUN"]), st.lists(text.filter(bool), max_size=2), st.just([])),
    lambda inner: st.tuples(name, st.just("PASS"), st.just([]), st.lists(inner, max_size=3)),
    max_leaves=5,
)
case = st.tuples(
    name,
    st.sampled_from(["PASS", "FAIL", "SKIP"]),
    text,
    st.integers(0, 10**9).map(lambda value: value / 1_000_000),
    st.lists(text, max_size=3),
    st.lists(keyword, max_size=3),
)
suite = st.recursive(
    st.tuples(name, text, st.lists(case, max_size=4), st.just([])),
    lambda inner: st.tuples(name, text, st.lists(case, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=4,
)


def write_keyword(one):
    title, status, arguments, inner = one
    parts = "".join(f"<arg>{escape(part)}</arg>" for part in arguments)
    body = "".join(map(write_keyword, inner))
    return f'<kw name={quoteattr(title)}>{body}{parts}<status status="{status}"/></kw>'


def write_suite(one):
    title, about, cases, inner = one
    yield f"<suite name={quoteattr(title)}>"
    for part in inner:
        yield from write_suite(part)
    for test, status, said, time, tags, keywords in cases:
        yield f"<test name={quoteattr(test)}>{''.join(map(write_keyword, keywords))}"
        yield "".join(f"<tag>{escape(tag)}</tag>" for tag in tags)
        yield f'<status status="{status}" elapsed="{time:.6f}">{escape(said)}</status></test>'
    yield f'<doc>{escape(about)}</doc><status status="PASS"/></suite>'


WORDS = {"PASS": "PASSED", "FAIL": "FAILED"}
STATUS = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}


def lines_of(keywords, level=0):
    for title, status, arguments, inner in keywords:
        yield f"{WORDS.get(status, status):<8} {'  ' * level}{'    '.join([title, *arguments])}"
        yield from lines_of(inner, level + 1)


def expected(one, path=()):
    title, _, cases, inner = one
    for part in inner:
        yield from expected(part, (*path, title))
    for test, status, said, time, tags, keywords in cases:
        labels = [("tag", tag) for tag in tags]
        told = "\n".join(lines_of(keywords))
        yield [*path, title], test, STATUS[status], time, said, told, labels


@given(suite)
@settings(deadline=None, max_examples=60)
def test_a_report_that_is_written_and_read_is_the_same(model):
    found = read_apart(f"{ROBOT}{''.join(write_suite(model))}</robot>")
    seen = [
        (
            found.path(one),
            one["title"],
            one["status"],
            one["duration"],
            one["exception_description"],
            one["description"],
            one["labels"],
        )
        for one in found.results
    ]
    assert seen == list(expected(model))


def _of_keywords(*keywords):
    """A test with these keywords, as it is read with and without skimming."""
    text = (
        '<robot generator="Robot 7.0 (Python 3.12.0 on linux)"><suite name="S"><test name="T">'
        + "\n".join(keywords)
        + '<status status="PASS" elapsed="1"/></test></suite></robot>'
    )
    taken = []
    with pytest.MonkeyPatch.context() as patch:
        add = Keywords.add
        patch.setattr(Keywords, "add", lambda *args: (taken.append(args[3]), add(*args)))
        read(("output.xml", text.encode()), formatter="robotframework")
    read_both_ways(text, "robotframework")
    return sum(taken)


def _keyword(name="Log", arg="x", level="INFO", said="hello", status="PASS"):
    return (
        f'<kw name="{name}" owner="BuiltIn"><msg time="2026-01-01T00:00:00" level="{level}">{said}</msg>'
        f'<arg>{arg}</arg><doc>Logs.</doc><status status="{status}" start="2026-01-01T00:00:00" elapsed="0.1"/></kw>'
    )


def test_most_keywords_are_skimmed():
    assert _of_keywords(*[_keyword(arg=str(number)) for number in range(500)]) > 490


@pytest.mark.parametrize(
    "odd",
    [
        {"name": ""},
        {"name": "a &amp; b"},
        {"name": "n" * 2000},
        {"arg": ""},
        {"arg": "a  b\nc"},
        {"arg": "&lt;p&gt;" * 100},
        {"arg": "a<doc/>b"},
        {"arg": "y" * 300},
        {"said": "one\ntwo &amp; three"},
        {"level": "WARN"},
        {"level": "FAIL"},
        {"status": "FAIL"},
        {"status": "NOT RUN"},
        {"status": "ODD"},
    ],
)
def test_a_keyword_that_is_odd_is_the_same_with_and_without_skimming(odd):
    usual = [_keyword(arg=str(number)) for number in range(5)]
    _of_keywords(*usual, _keyword(**odd), *usual, *[_keyword(**odd)] * 3, *usual * 90, _keyword(**odd))


def _tests(*tests):
    """These tests, read with and without skimming; how many were taken whole."""
    text = (
        '<robot generator="Robot 7.0 (Python 3.12.0 on linux)" rpa="false"><suite name="S">\n'
        + "\n".join(tests)
        + '\n<status status="PASS" elapsed="1"/></suite></robot>'
    )
    whole = []
    with pytest.MonkeyPatch.context() as patch:
        take = RobotParser._whole_test
        patch.setattr(RobotParser, "_whole_test", lambda self, test: (whole.append(test), take(self, test)))
        read_both_ways(text, "robotframework")
    return len(whole)


def _whole(number, *, name="T{}", keywords=("",), behind="", status='status="PASS" elapsed="0.5"', said="", more=""):
    inside = "\n".join(
        f'<kw name="Outer"><kw name="Inner"><arg>{number}</arg>{one}<status status="PASS"/></kw>'
        '<status status="PASS"/></kw>'
        for one in keywords
    )
    return (
        f'<test id="t{number}" name="{name.format(number)}"{more}>\n{inside}\n{behind}'
        f"<status {status}>{said}</status>\n</test>"
    )


def test_tests_that_ran_the_same_are_taken_whole():
    assert _tests(*[_whole(number, behind="<doc>d</doc><tag>a</tag><tag>b</tag>") for number in range(50)]) > 40


@pytest.mark.parametrize(
    "odd",
    [
        {"name": ""},
        {"name": " "},
        {"name": "a &lt;b&gt; {}"},
        {"name": "n" * 9000},
        {"keywords": ()},
        {"keywords": ("<var>${x}</var>",)},
        {"keywords": ('<msg level="INFO">m</msg>', "<doc>of a keyword</doc>")},
        {"keywords": ('<msg level="WARN">m</msg>',)},
        {"keywords": ("<arg>two</arg>", "")},
        {"behind": "<doc>one\ntwo &amp; three</doc><tag>&lt;x&gt;</tag>"},
        {"behind": "<doc/>"},
        {"behind": "<tag></tag>"},
        {"behind": '<timeout value="1 minute"/>'},
        {"behind": '<msg level="WARN">of the test</msg>'},
        {"status": 'status="FAIL" elapsed="0.5"'},
        {"status": 'status="SKIP" elapsed="0.5"'},
        {"status": 'status="PASS"'},
        {"status": 'status="PASS" elapsed="soon"'},
        {"status": 'status="PASS" elapsed="1" critical="no"'},
        {"status": 'status="PASS" starttime="20260131 12:00:00.000" endtime="20260131 12:00:01.000"'},
        {"said": "passed, all the same"},
        {"said": "\n"},
        {"more": ' line="7"'},
        {"more": ' odd="yes"'},
    ],
)
def test_a_test_that_is_odd_is_the_same_with_and_without_skimming(odd):
    usual = [_whole(number) for number in range(5)]
    _tests(*usual, _whole(5, **odd), *usual, *[_whole(number, **odd) for number in range(6)], *usual)


def teardown(status="FAIL", text="the server stays"):
    return kw("Close", message(text) if status == "FAIL" else "", status, "TEARDOWN")


def outcomes_of(inside, generator="Robot 7.4"):
    found = read(report(inside).replace("Robot 7.5", generator))
    return [(one["title"], one["status"], one["exception_description"]) for one in found.results]


def test_when_the_teardown_of_a_suite_fails_so_have_its_tests():
    inside = run("a") + run("b", status="FAIL", message="no") + run("c", status="SKIP", message="later") + teardown()
    assert outcomes_of(inside) == [
        ("a", "failed", "Parent suite teardown failed:\nthe server stays"),
        ("b", "failed", "no\n\nAlso parent suite teardown failed:\nthe server stays"),
        ("c", "skipped", "later\n\nAlso parent suite teardown failed:\nthe server stays"),
    ]
    assert [status for _, status, _ in outcomes_of(inside, "Robot 4.0.3")] == ["failed"] * 3


def test_a_teardown_that_fails_concerns_the_suites_inside_but_not_those_beside():
    inner = f'<suite name="I">{run("b")}</suite>'
    inside = f'<suite name="A">{run("a")}</suite><suite name="B">{inner}{run("c")}{teardown()}</suite>{run("d")}'
    assert [one[:2] for one in outcomes_of(inside)] == [
        ("a", "passed"),
        ("b", "failed"),
        ("c", "failed"),
        ("d", "passed"),
    ]


def test_what_rebot_has_written_of_a_teardown_is_not_said_twice():
    said = "Parent suite teardown failed:\nthe server stays"
    assert outcomes_of(run("a", status="FAIL", message=said) + teardown()) == [("a", "failed", said)]


def test_a_teardown_that_was_skipped_skips_the_tests():
    assert outcomes_of(run("a") + run("b", status="FAIL", message="no") + teardown("SKIP")) == [
        ("a", "skipped", "Skipped in parent suite teardown"),
        ("b", "skipped", "Skipped in parent suite teardown\n\nno"),
    ]


def test_the_counts_agree_when_a_teardown_failed():
    tail = '<statistics><total><stat pass="0" fail="2" skip="0">All Tests</stat></total></statistics>'
    assert not read(report(run("a") + run("b") + teardown(), tail)).codes


def test_of_more_tests_than_are_held_the_first_stay_and_the_teardown_is_a_result():
    found = read(report("".join(run(f"t{number}") for number in range(6_000)) + teardown()))
    statuses = [one["status"] for one in found.results]
    assert statuses[0] == "passed"
    assert statuses[-2:] == ["failed", "broken"]
    assert 1_900 < statuses.count("failed") <= 2_100


def test_suites_without_tests_do_not_wait_without_bound():
    held = HeldTests()
    held.put([(OPEN, "s", "", 1, ""), (CLOSE, "", ())] * 10_000)
    assert len(held.take()) >= 17_000
    held.put([(OPEN, "s", "", 1, ""), (CLOSE, "x" * 60_000, [("name", "y" * 10_000)])] * 200)
    assert len(held.take()) >= 250


MERGED = """*HTML* <span class="merge">Test has been re-executed and results merged.</span><hr>\
<span class="new-status">New status:</span> <span class="{0}">{1}</span><br>{2}<hr>\
<span class="old-status">Old status:</span> <span class="skip">SKIP</span><br>\
<span class="old-message">Old message:</span> not yet<br><hr>\
<span class="old-status">Old status:</span> <span class="fail">FAIL</span><br>\
<span class="old-message">Old message:</span> 0 &lt; 1<br>"""
MERGED_3_0 = """*HTML* Re-executed test has been merged.<hr>\
New status: <span class="{0}">{1}</span><br>New message: {3}<hr>\
Old status: <span class="skip">SKIP</span><br>Old message: Re-executed test has been merged.<hr>\
New status: <span class="skip">SKIP</span><br>New message: not yet<hr>\
Old status: <span class="fail">FAIL</span><br>Old message: 0 &lt; 1"""
MERGED_2_9 = """Re-executed test has been merged.
-  -  -
New status:  {1}
New message:  {3}
-  -  -
Old status:  SKIP
Old message:  not yet
-  -  -
Old status:  FAIL
Old message:  0 < 1"""


@pytest.mark.parametrize("form", [MERGED, MERGED_3_0, MERGED_2_9])
@pytest.mark.parametrize("status", ["PASS", "FAIL"])
def test_the_runs_that_rebot_merged_are_attempts(form, status):
    said = "" if status == "PASS" else "again"
    told = f'<span class="new-message">New message:</span> {said}<br>' if said else ""
    test = only(report(run(status=status, message=form.format(status.lower(), status, told, said))))
    last = "passed" if status == "PASS" else "failed"
    assert (test["status"], test["exception_description"], test["flaky"]) == (last, said, status == "PASS")
    attempts = [(STATUSES[one[0]], one[3]) for one in test["attempts"]]
    assert attempts == [("failed", "0 < 1"), ("skipped", "not yet"), (last, said)]


@pytest.mark.parametrize(
    "said",
    [
        "*HTML* Test added from merged output.<hr>again",
        '*HTML* Test has been re-executed and results merged. Latter result had <span class="skip">SKIP</span> status '
        "and was ignored. Message:\nagain",
    ],
)
def test_other_words_of_a_merge_stay_as_they_are(said):
    test = only(report(run(status="FAIL", message=said)))
    assert not test["attempts"]
    assert "again" in test["exception_description"]
