"""Test results of Xcode: JSON of an .xcresult (Xcode 16 and later), and ``TestSummaries.plist`` (Xcode 6 to 10).

For the JSON see ``json_report``. In the property list, the keys are those that published readers of these files take
(fastlane's trainer, XCTestHTMLReport, FBXCTest), for Apple documents none of them. A property list has its keys by
alphabet, so the name of a group (``TestName``) stands behind its tests (``Subtests``), and the title of an activity
behind the activities inside it.

* ``TestableSummaries`` are test targets, ``Tests`` and ``Subtests`` groups inside each other down to the tests. What
  has ``Subtests`` is a group, whatever it says it is.
* A target that could not be run at all has ``FailureSummaries`` of its own, beside ``Tests`` that are empty.
* Times are seconds since 2001. Until Xcode 8 a screenshot is told by ``HasScreenshotData`` and named by the activity's
  ``UUID``; since Xcode 9 activities have ``Attachments``.
"""

from typing import Final

from report_processor.detect import Head
from report_processor.formats.xctest.json_report import XCResultParser
from report_processor.formats.xctest.parser import XCTestParser
from report_processor.parsing.base import JSON, XML, Format
from report_processor.parsing.either import Either
from report_processor.parsing.json_format import dict_of, dicts_of

_BESIDE: Final = ("devices", "testPlanConfigurations")
_OF_NODES: Final = frozenset({"children", "name", "nodeType"})


def _parser() -> Either:
    return Either(lambda sign: XCResultParser() if sign in {"{", "["} else XCTestParser())


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    if (root := head.xml_root) is not None:
        if root.name != "plist" or "<key>TestableSummaries</key>" not in head.text:
            return None
        return "property list with the key TestableSummaries"
    for value in head.json[:1]:
        found = dict_of(value)
        beside = [key for key in _BESIDE if key in found]
        nodes = dicts_of(found.get("testNodes"))
        if beside and "testNodes" in found:
            return f"keys {', '.join([*beside, 'testNodes'])}"
        if nodes and nodes[0].keys() & _OF_NODES:
            return "key testNodes with nodes of a tree"
    return None


FORMAT: Final = Format(
    key="xctest",
    origin="xctest_xml",
    title="XCTest XML and JSON",
    expects="JSON of the tests in an .xcresult, with the keys testNodes, devices and testPlanConfigurations, as Xcode"
    " 16 and later write it (xcrun xcresulttool get test-results tests --path Shop.xcresult). Also "
    "TestSummaries.plist of Xcode 6 to 10 as an XML property list with the key TestableSummaries (plutil -convert "
    "xml1 makes one of a binary property list). An .xcresult itself cannot be read, nor what xcresulttool get "
    "--format json --legacy writes.",
    example="""{
  "devices": [{"deviceName": "iPhone 16", "modelName": "iPhone 16", "osVersion": "18.0", "platform": "iOS Simulator"}],
  "testNodes": [{"name": "Shop", "nodeType": "Test Plan", "result": "Failed", "children": [
    {"name": "ShopTests", "nodeType": "Unit test bundle", "result": "Failed", "children": [
      {"name": "LoginTests", "nodeType": "Test Suite", "result": "Failed", "children": [
        {"duration": "0.25s", "name": "testSignsIn()", "nodeIdentifier": "LoginTests/testSignsIn()",
         "nodeType": "Test Case", "result": "Passed"},
        {"children": [{"name": "LoginTests.swift:17: XCTAssertTrue failed - still signed in",
                       "nodeType": "Failure Message", "result": "Failed"}],
         "duration": "0.5s", "name": "testSignsOut()", "nodeIdentifier": "LoginTests/testSignsOut()",
         "nodeType": "Test Case", "result": "Failed"}
      ]}
    ]}
  ]}],
  "testPlanConfigurations": [{"configurationId": "1", "configurationName": "Test Scheme Action"}]
}
""",
    mapping="In JSON, a Test Plan, a test bundle and a Test Suite are containers inside each other, a Test Case is a "
    "result; but one that has Arguments, Devices or Test Plan Configurations inside it is a container of these. "
    "Passed is passed, Skipped skipped, Expected Failure and unknown are unknown, Failed is failed; but broken when "
    "a failure is a crash, an exception that was not caught or a time-out, by its message. Each Repetition is an "
    "attempt: the test's own result decides, else the last run; a pass after a failure is flaky. A Failure Message is "
    "the exception: its text the name, its place, its details and further failures the description, source code "
    "references, expressions and values the backtrace. Reasons of a skip and failures that were expected are the "
    "description, too, runtime warnings follow the backtrace. nodeIdentifier and details are the description of a "
    "result; tags and the names of attachments are labels. A container that failed although nothing in it did is a "
    "broken result named like it. Of a run on one device, that device is the platform, its system the operating "
    "system, and the system's build the build. In a property list, each of TestableSummaries, Tests and Subtests is "
    "a container inside the other, down to what has no Subtests, which is a result. Success is passed, Skipped "
    "skipped, Failure failed or broken as above. The message of the first failure is the exception's name, the other"
    " values of all failures are its description, and the titles of activities, indented, the backtrace. "
    "TestIdentifier is the description of a result, TargetName and ProjectPath that of a target. Attachments and "
    "screenshots are assets, performance metrics labels. A target that could not be run is a broken result named "
    "like the target.",
    kinds=(JSON, XML),
    recognise=recognise,
    parser=_parser,
    roots=frozenset({"plist"}),
    rows_alike=True,
    limits="Not read: the .xcresult itself, and of its JSON nodeIdentifierURL and the attachments, which xcresulttool"
    " export attachments writes under other names. Of a property list: binary ones, TestObjectClass, "
    "TestSummaryGUID, snapshots of elements, and after 2,000 activities of a test the others.",
)
