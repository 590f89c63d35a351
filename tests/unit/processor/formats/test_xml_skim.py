"""Skimming changes nothing but the speed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.events import COLUMNS
from report_processor.formats import load
from report_processor.parsing.xml_skim import XmlSkimmer

value = st.text(st.sampled_from("ab(); &<\n\u00e9\ufffe"), max_size=4)
word = st.sampled_from(["Passed", "Passed", "Passed", "Success", "Pass", "Pass", "Pass", "Failed", "Fail", ""])
attribute = st.tuples(
    st.sampled_from(["name", "classname", "type", "duration", "time", "id", "fullname", "label", "runstate", "x"]),
    value,
)
child = st.sampled_from(["", "", "<traits><trait name='p' value='v'/></traits>", "<output>o</output>"])
case = st.tuples(
    word, st.lists(attribute, max_size=4, unique_by=lambda one: one[0]), child, st.sampled_from(["\n  ", "", "\n"])
)
SHELLS = {
    "nunit": ("<test-run><test-suite name='s'>", "test-case", "</test-suite></test-run>"),
    "xunit": ("<assembly name='a' total='1'><collection name='c'>", "test", "</collection></assembly>"),
}


def written(key, cases):
    before, element, after = SHELLS[key]
    body = []
    for word, attributes, inside, space in cases:
        texts = [f'{name}="{value.replace("&", "&amp;").replace("<", "&lt;")}"' for name, value in attributes]
        head = f'<{element} result="{word}" {" ".join(texts)}'
        body.append(f"{head}>{inside}</{element}>{space}" if inside else f"{head} />{space}")
    return before + "".join(body) + after


def outcome(found):
    return found.results, found.containers, found.counts, found.codes


@given(st.sampled_from(sorted(SHELLS)), st.lists(case, max_size=6), st.integers(1, 4), st.integers(1, 500))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
def test_any_report_is_the_same_with_and_without(key, cases, times, size):
    data = written(key, cases * times).encode()
    with_it = read(("r.xml", Trickle(data, size)), formatter=key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(XmlSkimmer, "learn", lambda *_: None)
        without = read(("r.xml", data), formatter=key)
    assert outcome(with_it) == outcome(without)


@pytest.mark.parametrize(("key", "word"), [("nunit", "Passed"), ("xunit", "Pass")])
def test_the_usual_tests_are_skimmed(key, word):
    cases = [(word, [("name", f"t{number}"), ("time", "0.5"), ("id", str(number))], "", "\n") for number in range(100)]
    parser = load(key).parser()
    events = parser.feed(written(key, cases)) + parser.close()
    assert sum(len(event[1]) for event in events if event[0] == COLUMNS) > 90


word = st.sampled_from(["Passed", "Passed", "Passed", "Failed"])
usual = st.sampled_from(["", "", "", ' priority="1"'])
inside = st.sampled_from(["", "", "", "<Owners><Owner name='o'/></Owners>", "<!-- x -->", " text "])
space = st.sampled_from(["\n", "\n", "", " "])
test = st.tuples(value, word, st.sampled_from(["00:00:01", "00:00:01.5", "1"]), st.integers(0, 5), usual, inside, space)


@given(st.lists(test, max_size=8), st.integers(1, 4), st.integers(1, 900))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
def test_a_trx_file_is_the_same_with_and_without(tests, times, size):
    data = written_trx(tests * times).encode()
    with_it = read(("r.trx", Trickle(data, size)), formatter="trx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(XmlSkimmer, "learn", lambda *_: None)
        without = read(("r.trx", data), formatter="trx")
    assert outcome(with_it) == outcome(without)


def written_trx(tests):
    results, definitions, entries = [], [], []
    for number, (name, word, time, kind, priority, inside, space) in enumerate(tests):
        title = f"t{number} {name}".replace("&", "&amp;").replace("<", "&lt;")
        results.append(
            f'<UnitTestResult testId="{number}" testName="{title}" duration="{time}" outcome="{word}" />{space}'
        )
        definitions.append(
            f'<UnitTest name="{title}" storage="a.dll" id="{number}"{priority}>{space}{inside}'
            f'<Execution id="{number}" />{space}<TestMethod className="C{kind}" name="x" />{space}</UnitTest>{space}'
        )
        entries.append(f'<TestEntry testId="{number}" executionId="{number}" />{space}')
    return (
        '<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">'
        f"<Results>{''.join(results)}</Results><TestDefinitions>{''.join(definitions)}</TestDefinitions>"
        f"<TestEntries>{''.join(entries)}</TestEntries></TestRun>"
    )
