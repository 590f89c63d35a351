"""xUnit.net's XML: what the fixtures do not show."""

import base64
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.events import EMBED
from report_processor.formats.xunit import XUnitParser


def run(body):
    return read(f'<assemblies><assembly name="a.dll"><collection name="c">{body}</collection></assembly></assemblies>')


def only(body):
    (result,) = run(body).results
    return result


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Pass", "passed"),
        ("pass", "passed"),
        ("Passed", "passed"),
        ("Fail", "failed"),
        ("Failed", "failed"),
        ("Skip", "skipped"),
        ("NotRun", "skipped"),
        ("Unknown", "unknown"),
    ],
)
def test_each_word_has_its_status(word, status):
    assert only(f'<test name="t" result="{word}"/>')["status"] == status


@pytest.mark.parametrize("attributes", ['result="Perfect"', ""])
def test_a_word_that_is_not_known_is_never_a_pass_and_is_told(attributes):
    found = run(f'<test name="t" {attributes}/>')
    assert found.results[0]["status"] == "unknown"
    assert found.codes == ["unknown_status"]


@pytest.mark.parametrize(
    "document",
    [
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0" name="x" environment="y"/>',
        '<assembly xmlns="http://maven.apache.org/ASSEMBLY/2.0.0"><id>bin</id></assembly>',
        '<assembly name="mscorlib"/>',
    ],
)
def test_other_assemblies_are_not_taken_for_one_of_ours(document):
    assert read(document).files[0]["format"] != "xunit"


def test_an_assembly_s_title_is_the_name_of_its_file_whatever_the_system():
    for name in (r"C:\work\bin\a.dll", "/work/bin/a.dll", "a.dll"):
        found = read(f'<assembly name="{name}" total="0"/>')
        assert found.containers[0]["title"] == "a.dll"


def test_counts_are_those_of_the_tests_and_a_difference_is_told():
    found = read('<assembly name="a.dll" total="3"><class name="c"><test name="t" result="Pass"/></class></assembly>')
    assert 'total="3", but there are 1 of a.dll' in found.message("suite_count_differs")["message"]


def test_tests_that_were_not_run_may_be_counted_or_not():
    for total in (1, 2, 3):
        tests = '<test name="t" result="Pass"/><test name="u" result="NotRun"/><test name="v" result="Skip"/>'
        assert read(f'<assembly name="a.dll" total="{total}">{tests}</assembly>').codes == []


@pytest.mark.parametrize(("name", "statuses"), [("Adds", ["passed"]), ("Adds(o: Order)", ["failed", "passed"])])
def test_rows_of_data_that_share_a_name_are_no_runs_of_one_test(name, statuses):
    found = run("".join(f'<test name="{name}" type="T" result="{word}"/>' for word in ("Fail", "Pass")))
    assert sorted(result["status"] for result in found.results) == statuses


def test_a_duration_may_be_written_as_a_time_span_only():
    assert only('<test name="t" result="Pass" time-rtf="00:01:02.5000000"/>')["duration"] == 62.5


def embedded(body):
    parser = XUnitParser()
    events = parser.feed(f'<assembly name="a.dll" total="1"><test name="t" result="Pass">{body}</test></assembly>')
    return [event[1:] for event in events + parser.close() if event[0] == EMBED]


def test_attachments_with_a_media_type_become_files_with_names_of_their_own():
    data = base64.b64encode(bytes(range(256))).decode()
    attachment = f'<attachment name="x" media-type="application/{{}}">{data}</attachment>'
    found = embedded(attachment.format("json") + attachment.format("vnd.x+zip") + attachment.format("octet-stream"))
    assert [name for name, _ in found] == ["embedding-1.json", "embedding-2.zip", "embedding-3.octet"]
    assert {data for _, data in found} == {bytes(range(256))}


def test_an_attachment_that_is_no_base64_is_told_but_no_file():
    result = only(
        '<test name="t" result="Pass"><attachments><attachment name="x" media-type="image/png">a</attachment>'
        "</attachments></test>"
    )
    assert result["assets"] == []
    assert result["labels"] == [("x", "image/png, not readable")]


def test_a_long_text_attachment_follows_the_output():
    text = "word " * 5_000
    result = only(
        f'<test name="t" result="Pass"><attachments><attachment name="x">{text}</attachment></attachments></test>'
    )
    assert result["labels"] == []
    assert result["exception_backtrace"].startswith("x:\nword word")


def test_a_file_that_ends_in_a_test_has_that_test():
    found = read('<assemblies><assembly name="a.dll"><collection name="c"><test name="t" result="Fail"><failure>')
    assert [(result["title"], result["status"]) for result in found.results] == [("t", "failed")]
    assert found.codes == ["truncated_file"]


def test_the_date_is_made_of_day_and_time_or_is_exact():
    assert read('<assembly name="a" run-date="2026-01-31" run-time="12:00:00"/>').summary["date"] == 1769860800
    exact = read('<assembly name="a" total="0" start-rtf="2026-01-31T13:00:00.0000000+01:00" run-date="2026-01-31"/>')
    assert exact.summary["date"] == 1769860800


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)
name = text.filter(lambda value: value.strip() != "")
outcome = st.sampled_from(["passed", "failed", "skipped", "unknown"])
duration = st.one_of(st.none(), st.integers(0, 10**9))
result = st.tuples(name, text, outcome, duration, text, st.lists(st.tuples(name, text), max_size=2))
collection = st.tuples(name, st.lists(result, max_size=8, unique_by=lambda one: one[:2]))
assembly = st.tuples(st.from_regex(r"[A-Z][a-z]{1,8}\.dll", fullmatch=True), st.lists(collection, max_size=3))
WORDS = {"passed": "Pass", "failed": "Fail", "skipped": "Skip", "unknown": "Unknown"}


def attribute(value):
    return quoteattr(value, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def written(assembly):
    file, collections = assembly
    body = "".join(map(written_collection, collections))
    return f'<assembly name="/work/{file}" run-date="2026-01-31" run-time="12:00:00"><errors/>{body}</assembly>\n'


def written_collection(collection):
    title, results = collection
    body = "".join(map(written_test, results))
    return f'<collection name={attribute(title)} total="{len(results)}">\n{body}</collection>\n'


def written_test(test):
    title, kind, status, micros, message, labels = test
    time = "" if micros is None else f' time="{micros / 1e6:.6f}"'
    inside = "".join(f"<trait name={attribute(key)} value={attribute(value)}/>" for key, value in labels)
    inside = f"<traits>{inside}</traits>" if labels else ""
    if status == "failed":
        inside += f'<failure exception-type="X"><message>{escape(message)}</message></failure>'
    elif status == "skipped":
        inside += f"<reason>{escape(message)}</reason>"
    return f'<test name={attribute(title)} type={attribute(kind)} result="{WORDS[status]}"{time}>{inside}</test>\n'


def expected(assemblies):
    for file, collections in assemblies:
        for title, results in collections:
            for test, kind, status, micros, message, labels in results:
                seconds = None if micros is None else round(micros / 1e6, 6)
                told = message if status in {"failed", "skipped"} and message.strip() else ""
                yield [file, title], test, kind, status, seconds, told, labels


@given(st.lists(assembly, max_size=3), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_report_written_as_xunit_and_read_back_is_equal(assemblies, size):
    document = f"<assemblies>{''.join(map(written, assemblies))}</assemblies>"
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
    assert seen == list(expected(assemblies))
