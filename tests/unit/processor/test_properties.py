"""Property tests: however the bytes are split or damaged, and whatever the report is, reading holds."""

import io
import itertools
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.damage import Damage
from report_processor.events import COLUMNS, ROWS
from report_processor.formats.junit.parser import JUnitParser
from report_processor.parsing.xml_text import XmlText

SAMPLE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE testsuites [ <!ENTITY a "b"> <!-- "> --> ]>
<!-- a comment with <testcase name="no"/> -->
<testsuites name="all" tests="9">
  <testsuite name="one" tests="5" failures="1" timestamp="2026-01-31T12:00:00Z">
    <properties><property name="p" value="v"/></properties>
    <testcase classname="a.B" name="first" time="0.001"/>
    <testcase classname="a.B" name="second" time="0.002"/>
    <testcase classname="a.B" name="third" time="0.003"/>
    <testcase classname="a.B" name="Gr\u00fc\u00dfe \U0001f389 &lt;&amp;&gt; &nbsp;&#27;" time="1,5">
      <failure type="E" message="m&#10;n">text <![CDATA[<testcase name="no"/> &#27; ]]&gt; ]]]]><![CDATA[>]]></failure>
      <system-out>see [[ATTACHMENT|a/b.png]] \x1b[0m</system-out>
    </testcase>
    <testcase classname="a.B" name="fifth" time="0.005"/>
  </testsuite>
  <?instruction with > in it?>
  <testsuite name="two">
    <testcase classname="a.C" name="single 'quotes'" time='0.1'></testcase>
    <testcase name="no class"><skipped message="why"/></testcase>
    <testcase name="flaky"><flakyFailure message="once"><stackTrace>trace</stackTrace></flakyFailure></testcase>
    <testcase name=""/>
    <system-err>suite</system-err>
  </testsuite>
</testsuites>
"""


def events(pieces, *, skim=True):
    """All events of a text given in pieces, runs taken apart so that only the content counts."""
    parser = JUnitParser()
    if not skim:
        parser._xml.skimmer = None
    found = []
    for piece in pieces:
        found += parser.feed(piece)
    return plain(found + parser.close())


def plain(found):
    result = []
    for event in found:
        if event[0] == ROWS:
            for title, kind, status, duration, line, details in event[1]:
                known = details and any(details)
                result.append(("row", title, kind, status, duration, line, details if known else None))
        elif event[0] == COLUMNS:
            result += list(rows_of(event))
        else:
            result.append(event)
    return result


def rows_of(event):
    _, titles, kinds, durations, line, step, names, values = event
    for index, title in enumerate(titles):
        labels = [(name, of(column, index)) for name, column in zip(names, values, strict=True)]
        details = ("", "", "", "", False, (), labels, []) if labels else None
        time = durations[index] and float(durations[index])
        yield ("row", title, of(kinds, index), 0, time, line + index * step, details)


def of(column, index):
    return column if isinstance(column, str) else column[index]


def test_the_sample_is_read():
    found = read(SAMPLE)
    assert found.counts["total"] == 9
    assert [container["title"] for container in found.containers] == ["one", "two"]


@given(st.lists(st.integers(0, len(SAMPLE)), max_size=30))
@example(list(range(len(SAMPLE))))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_split_of_the_text_gives_the_same_events(cuts):
    places = sorted({0, len(SAMPLE), *cuts})
    pieces = [SAMPLE[start:stop] for start, stop in itertools.pairwise(places)]
    assert events(pieces) == events([SAMPLE])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_any_split_of_the_bytes_gives_the_same_report(encoding, size):
    text = SAMPLE.replace(' encoding="UTF-8"', "").replace("\x1b", "x")
    whole, split = read(("x", text.encode())), read(("x", Trickle(text.encode(encoding), size)))
    assert split.results == whole.results
    assert split.containers == whole.containers
    assert split.codes == whole.codes


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_any_damaged_byte_gives_a_verdict_and_spares_the_neighbours(data):
    damaged = bytearray(SAMPLE.encode())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    found = read(("bad.xml", bytes(damaged)), ("good.xml", "<testsuite name='s'><testcase name='t'/></testsuite>"))
    bad, good = found.files
    assert bad["verdict"] in {"parsed", "partly_parsed", "rejected", "attachment"}
    assert good["verdict"] == "parsed"
    assert good["counts"]["passed"] == 1


@given(st.integers(0, len(SAMPLE.encode())))
@settings(deadline=None)
def test_a_file_that_ends_anywhere_gives_what_stands_before(length):
    found = read(("cut.xml", SAMPLE.encode()[:length]))
    if found.files and found.file["verdict"] == "partly_parsed":
        assert {"truncated_file", "malformed"} & set(found.codes)
    whole = [result["title"] for result in read(SAMPLE).results]
    # The last one may be the one that the end tears.
    assert [result["title"] for result in found.results][:-1] == whole[: max(0, len(found.results) - 1)]


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)
name = text.filter(lambda value: value.strip() != "")
duration = st.one_of(st.none(), st.floats(0, 1e6).map(lambda value: round(value, 3)))
problem = st.tuples(st.sampled_from(["failure", "error", "skipped"]), text, text, text)
result = st.tuples(name, text, duration, st.one_of(st.none(), problem), st.lists(st.tuples(name, text), max_size=2))
results = st.lists(result, max_size=12, unique_by=lambda case: case[:2])  # repeated ones may be attempts
container = st.recursive(
    st.tuples(name, results, st.just([])),
    lambda inner: st.tuples(name, results, st.lists(inner, max_size=3)),
    max_leaves=6,
)
STATUS = {"failure": "failed", "error": "broken", "skipped": "skipped"}


def written(suite, spaces="\n  "):
    title, results, inner = suite
    body = "".join(spaces + written_case(case) for case in results)
    return f"{spaces}<testsuite name={attribute(title)}>{body}{''.join(map(written, inner))}{spaces}</testsuite>"


def written_case(case):
    title, kind, seconds, what, labels = case
    time = "" if seconds is None else f' time="{seconds:.3f}"'
    properties = "".join(f"<property name={attribute(key)} value={attribute(value)}/>" for key, value in labels)
    inside = f"<properties>{properties}</properties>" if labels else ""
    if what:
        element, exception, message, trace = what
        inside += f"<{element} type={attribute(exception)} message={attribute(message)}>{escape(trace)}</{element}>"
    head = f"<testcase classname={attribute(kind)} name={attribute(title)}{time}"
    return f"{head}>{inside}</testcase>" if inside else f"{head}/>"


def attribute(value):
    return quoteattr(value, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def expected(suite, path=()):
    title, results, inner = suite
    path = (*path, title)
    for case_title, kind, seconds, what, labels in results:
        status = STATUS[what[0]] if what else "passed"
        yield (list(path), case_title, kind, status, seconds, labels)
    for one in inner:
        yield from expected(one, path)


@given(st.lists(container, max_size=4), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_as_junit_and_read_back_is_equal(suites, size):
    document = f"<testsuites>{''.join(map(written, suites))}</testsuites>"
    found = read(("r.xml", Trickle(document.encode(), size)))
    seen = [
        (found.path(row), row["title"], row["classification"], row["status"], row["duration"], row["labels"])
        for row in found.results
    ]
    assert seen == [case for suite in suites for case in expected(suite)]
    assert [row["line"] for row in found.results] == lines_of_cases(document)


def lines_of_cases(document):
    return [document.count("\n", 0, at) + 1 for at in range(len(document)) if document.startswith("<testcase", at)]


@given(st.lists(container, min_size=1, max_size=4), st.sampled_from(["\n  ", "", "\n", " \n\t"]), st.integers(1, 3000))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_skimming_changes_nothing(suites, spaces, size):
    document = f"<testsuites>{''.join(written(suite, spaces) for suite in suites)}{spaces}</testsuites>"
    pieces = [document[at : at + size] for at in range(0, len(document), size)]
    assert events(pieces) == events(pieces, skim=False)


parts = st.sampled_from([*"<>&!?-[]xy;#1\n\"' ", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "&#27;", "&nbsp;"])


@pytest.mark.parametrize("change", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("spaces", ["\n  ", ""])
def test_values_that_change_now_and_then_or_always_are_read_all_the_same(change, spaces):
    cases = (
        f'{spaces}<testcase classname="c{n // change}" name="t{n}" file="f{n // (2 * change)}" time="0.{n:03}"/>'
        for n in range(300)
    )
    document = f"<testsuite name='s'>{''.join(cases)}</testsuite>"
    parser = JUnitParser()
    found = parser.feed(document) + parser.close()
    assert plain(found) == events([document], skim=False)
    assert sum(len(event[1]) for event in found if event[0] == COLUMNS) > 250


@given(st.lists(parts, max_size=25).map("".join), st.data())
@settings(deadline=None, max_examples=300)
def test_the_filter_gives_the_same_parse_for_any_split(body, data):
    document = f"<testsuite name='s'><testcase name='t'><system-out>{body}</system-out></testcase></testsuite>"
    cut = data.draw(st.integers(0, len(document)))
    assert outcome_of([document[:cut], document[cut:]]) == outcome_of([document])


def outcome_of(pieces):
    """The events without places, for they are cut short by damage; and whether there was damage."""
    parser = JUnitParser()
    found = []
    try:
        for piece in pieces:
            found += parser.feed(piece)
        found += parser.close()
    except Damage as damage:
        return damage.code, [row[1:5] for row in plain(found) if row[0] == "row"]
    return plain(found)


def test_the_filter_passes_a_document_through_as_it_is():
    document = "<a b='c'>text &amp; <![CDATA[more]]> &#65;</a>"
    assert XmlText(lambda *_: None).feed(document) == document


def test_the_filter_empties_comments_and_instructions_but_keeps_their_lines():
    document = "<a><!-- x\n -- y\n --><?pi z\n?></a>"
    assert XmlText(lambda *_: None).feed(document) == "<a><!--\n\n--><?cut \n?></a>"


def test_a_trickle_is_what_it_says():
    assert Trickle(b"abc", 2).read(10) == b"ab"
    assert io.BytesIO(b"abc").read(10) == b"abc"
