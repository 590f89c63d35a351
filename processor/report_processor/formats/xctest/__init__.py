"""Xcode's ``TestSummaries.plist`` as an XML property list: the test results of Xcode 6 to 10.

The keys are those that published readers of these files take (fastlane's trainer, XCTestHTMLReport, FBXCTest), for
Apple documents none of them. A property list has its keys by alphabet, so the name of a group (``TestName``) stands
behind its tests (``Subtests``), and the title of an activity behind the activities inside it.

* ``TestableSummaries`` are test targets, ``Tests`` and ``Subtests`` groups inside each other down to the tests. What
  has ``Subtests`` is a group, whatever it says it is.
* A target that could not be run at all has ``FailureSummaries`` of its own, beside ``Tests`` that are empty.
* Times are seconds since 2001. Until Xcode 8 a screenshot is told by ``HasScreenshotData`` and named by the activity's
  ``UUID``; since Xcode 9 activities have ``Attachments``.
"""

from typing import Final

from report_processor.detect import Head
from report_processor.formats.xctest.parser import XCTestParser
from report_processor.parsing.base import XML, Format


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name != "plist" or "<key>TestableSummaries</key>" not in head.text:
        return None
    return "property list with the key TestableSummaries"


FORMAT: Final = Format(
    key="xctest",
    origin="xctest_xml",
    title="XCTest XML",
    expects="TestSummaries.plist of Xcode 6 to 10 as an XML property list with the key TestableSummaries "
    "(plutil -convert xml1 makes one of a binary property list). Xcode 11 and later write .xcresult instead, which "
    "needs a converter.",
    example="""<plist version="1.0">
<dict>
  <key>TestableSummaries</key>
  <array>
    <dict>
      <key>TestName</key><string>ShopTests</string>
      <key>Tests</key>
      <array>
        <dict>
          <key>Duration</key><real>0.25</real>
          <key>TestName</key><string>testSignsIn()</string>
          <key>TestStatus</key><string>Success</string>
        </dict>
        <dict>
          <key>FailureSummaries</key>
          <array>
            <dict>
              <key>FileName</key><string>ShopTests.swift</string>
              <key>LineNumber</key><integer>17</integer>
              <key>Message</key><string>XCTAssertTrue failed - still signed in</string>
            </dict>
          </array>
          <key>TestName</key><string>testSignsOut()</string>
          <key>TestStatus</key><string>Failure</string>
        </dict>
      </array>
    </dict>
  </array>
</dict>
</plist>
""",
    mapping="Each of TestableSummaries, Tests and Subtests is a container inside the other, down to what has no "
    "Subtests, which is a result. Success is passed, Skipped skipped, Failure failed; but broken when a failure is a "
    "crash, an exception that was not caught or a time-out, by its message. The message of the first failure is the "
    "exception's name, the other values of all failures are its description, and the titles of activities, indented, "
    "the backtrace. TestIdentifier is the description of a result, TargetName and ProjectPath that of a target. "
    "Attachments and screenshots are assets, performance metrics labels. A target that could not be run is a broken "
    "result named like the target.",
    kinds=(XML,),
    recognise=recognise,
    parser=XCTestParser,
    roots=frozenset({"plist"}),
    limits="Not read: binary property lists, .xcresult, TestObjectClass, TestSummaryGUID, snapshots of elements, and "
    "after 2,000 activities of a test the others.",
)
