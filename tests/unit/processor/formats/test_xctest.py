"""XCTest as a property list: what its fixtures do not show. For JSON see ``test_xcresult``."""

import plistlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import read, read_apart

from report_processor import limits
from report_processor.detect import Head
from report_processor.formats.xctest import FORMAT


def plist(value, *, sort=True):
    return plistlib.dumps(value, fmt=plistlib.FMT_XML, sort_keys=sort).decode()


def report(*tests, sort=True, **more):
    target = {"TestName": "Target", "Tests": list(tests), **more}
    return plist({"FormatVersion": "1.2", "TestableSummaries": [target]}, sort=sort)


def one(name="test()", status="Success", **more):
    return {"TestName": name, "TestStatus": status, **more}


def group(name, *tests, **more):
    return {"Subtests": list(tests), "TestName": name, **more}


def failure(message, **more):
    return {"FailureSummaries": [{"Message": message, "PerformanceFailure": False, **more}]}


def statuses(found):
    return [(result["title"], result["status"]) for result in found.results]


def test_it_is_known_by_its_key():
    document = report(one(), one("other", "Failure"))
    assert FORMAT.recognise(Head(document)) == "property list with the key TestableSummaries"
    assert statuses(read(document)) == [("test()", "passed"), ("other", "failed")]


@pytest.mark.parametrize("other", ["<testsuite/>", plist({"CFBundleName": "x"}), "<a><key>TestableSummaries</key></a>"])
def test_other_property_lists_are_not_it(other):
    assert FORMAT.recognise(Head(other)) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Success", "passed"),
        ("Failure", "failed"),
        ("Skipped", "skipped"),
        ("Expected Failure", "unknown"),
        ("Exploded", "unknown"),
    ],
)
def test_every_status_has_its_meaning(word, status):
    found = read(report(one(status=word)))
    assert statuses(found) == [("test()", status)]
    assert ("unknown_status" in found.codes) == (word == "Exploded")


def test_a_test_without_a_status_is_unknown():
    found = read(report({"TestName": "t", "TestIdentifier": "C/t"}))
    assert statuses(found) == [("t", "unknown")]
    assert "unknown_status" in found.codes


@pytest.mark.parametrize("sort", [True, False])
def test_the_order_of_keys_does_not_matter(sort):
    tests = {"TestName": "Class", "Subtests": [{"TestStatus": "Failure", "TestName": "t", **failure("failed - m")}]}
    found = read(report(tests, sort=sort))
    (result,) = found.results
    assert (found.path(result), result["status"], result["exception_name"]) == (
        ["Target", "Class"],
        "failed",
        "failed - m",
    )


def test_one_broken_failure_of_several_breaks_the_test():
    summaries = failure("XCTAssertTrue failed - ")["FailureSummaries"] + failure("App crashed in x")["FailureSummaries"]
    (result,) = read(report(one(status="Failure", FailureSummaries=summaries))).results
    assert (result["status"], result["exception_name"]) == ("broken", "XCTAssertTrue failed -")
    assert result["exception_description"] == "App crashed in x"


def test_a_long_or_many_lined_message_is_whole_in_the_description():
    (result,) = read(report(one(status="Failure", **failure("a\nb", LineNumber=3)))).results
    assert result["exception_description"] == "a\nb\nLineNumber: 3"


def test_a_group_that_failed_itself_is_a_result_in_it():
    found = read(report(group("Class", one(), TestStatus="Failure", **failure("setUp failed"))))
    assert statuses(found) == [("test()", "passed"), ("Class", "broken")]
    assert [found.path(result) for result in found.results] == [["Target", "Class"]] * 2


def test_an_empty_group_is_a_container_without_results():
    found = read(report({"TestName": "Empty", "TestObjectClass": "IDESchemeActionTestSummaryGroup"}))
    assert [container["title"] for container in found.containers] == ["Target", "Empty"]
    assert not found.results


def test_other_values_of_a_test_are_labels():
    (result,) = read(report(one(Retries=2, Flaky=True, TestSummaryGUID="x", TestObjectClass="y"))).results
    assert result["labels"] == [("Flaky", "true"), ("Retries", "2")]


def test_very_many_activities_are_counted():
    activities = [{"Title": f"a{number}"} for number in range(3_000)]
    found = read(report(one(ActivitySummaries=activities)))
    assert found.results[0]["exception_backtrace"].endswith("a1999\n[... 1000 more activities ...]")
    assert "field_cut" in found.codes


def test_the_first_activity_tells_the_date():
    found = read(report(one(ActivitySummaries=[{"StartTimeInterval": 0.5 + 568_000_000, "Title": "a"}])))
    assert found.summary["date"] == 568_000_000.5 + 978_307_200


def test_an_attachment_that_cannot_be_decoded_is_noted():
    document = report(one(ActivitySummaries=[{"Attachments": [{"Name": "a", "Payload": b"hello"}], "Title": "t"}]))
    found = read(document.replace("aGVsbG8=", "aGVsb"))
    assert found.results[0]["assets"] == []
    assert "field_cut" in found.codes


def test_a_file_that_ends_in_a_test_has_what_is_known_of_it():
    document = report(group("Class", one("first"), one("second", "Failure", **failure("failed - m"))))
    found = read(document[: document.rindex("<key>TestStatus")])
    assert statuses(found) == [("first", "passed"), ("second", "unknown")]
    assert found.containers[0]["title"] == "Target"


def test_an_element_inside_a_text_is_damage_and_what_stands_before_is_read():
    found = read(report(one("first"), one("second")).replace("second", "<key>x</key>"))
    assert statuses(found)[0] == ("first", "passed")
    assert "malformed" in found.codes


def test_a_long_text_is_cut_however_it_arrives():
    document = report(one("n" * 100_000))
    parser = FORMAT.parser()
    pieces = [document[start : start + 1_000] for start in range(0, len(document), 1_000)]
    split = [event for piece in pieces for event in parser.feed(piece)] + parser.close()
    parser = FORMAT.parser()
    assert [event for event in split if event[0] != 3] == [
        event for event in parser.feed(document) + parser.close() if event[0] != 3
    ]
    assert "field_cut" in read(document).codes


def test_nonsense_in_every_place_is_read_past():
    nested = {"Tests": [1, "a", [one()], {"Subtests": "no"}, {"TestName": {"x": 1}}], "TestName": []}
    found = read(plist({"TestableSummaries": [nested, 5, "x"], "RunDestination": [{"TargetDevice": 1}]}))
    assert found.file["verdict"] == "parsed"


def test_groups_very_deep_are_joined_and_keep_their_tests():
    document = plist({"TestableSummaries": [{"TestName": "T", "Tests": ["HERE"]}]})
    opening = "<dict><key>Subtests</key><array>" * 300
    closing = "</array><key>TestName</key><string>g</string></dict>" * 300
    inner = "<dict><key>TestName</key><string>t</string><key>TestStatus</key><string>Success</string></dict>"
    found = read(document.replace("<string>HERE</string>", opening + inner + closing))
    assert statuses(found) == [("t", "passed")]
    assert len(found.containers) == limits.DEPTH
    assert "depth_flattened" in found.codes


characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
text = st.text(characters, max_size=20).map(str.strip)
name = text.filter(bool)
leaf = st.fixed_dictionaries(
    {
        "TestName": name,
        "TestIdentifier": text,
        "TestStatus": st.sampled_from(["Success", "Failure", "Skipped"]),
        "Duration": st.integers(0, 10**9).map(lambda value: value / 1_000_000),
        "FailureSummaries": st.lists(
            st.fixed_dictionaries({"Message": name, "LineNumber": st.integers(1, 99)}), max_size=2
        ),
        "ActivitySummaries": st.lists(st.fixed_dictionaries({"Title": name}), max_size=2),
    }
)
tree = st.recursive(
    st.lists(leaf, max_size=4),
    lambda inner: st.lists(
        st.one_of(leaf, st.fixed_dictionaries({"TestName": name, "Subtests": inner})),
        max_size=3,
    ),
    max_leaves=6,
)


def expected(tests, path):
    for test in tests:
        if "Subtests" in test:
            yield from expected(test["Subtests"], [*path, test["TestName"]])
            continue
        status = {"Success": "passed", "Failure": "failed", "Skipped": "skipped"}[test["TestStatus"]]
        messages = [summary["Message"] for summary in test["FailureSummaries"]]
        said = []
        for index, summary in enumerate(test["FailureSummaries"]):
            said += [*([summary["Message"]] if index else []), f"LineNumber: {summary['LineNumber']}"]
        trace = "\n".join(activity["Title"] for activity in test["ActivitySummaries"])
        first = messages[0] if messages else ""
        yield path, test["TestName"], test["TestIdentifier"], status, test["Duration"], first, "\n".join(said), trace


@given(tree, st.booleans())
@settings(deadline=None, max_examples=60)
def test_a_report_that_is_written_and_read_is_the_same(tests, sort):
    found = read_apart(report(*tests, sort=sort))
    seen = [
        (
            found.path(result),
            result["title"],
            result["description"],
            result["status"],
            result["duration"],
            result["exception_name"],
            result["exception_description"],
            result["exception_backtrace"],
        )
        for result in found.results
    ]
    assert seen == list(expected(tests, ["Target"]))
