"""Boost.Test's own XML: its log (``TestLog``), which tells what happened, and its report (``TestResult``).

* Each ``<TestSuite>`` is a container, the master suite included, and each ``<TestCase>`` a result.
* In a log a test case passed unless there is an ``<Error>``, a ``<FatalError>`` (a check that ends the test: both
  failed) or an ``<Exception>`` (a signal or time-out included: broken) in it. ``skipped="yes"`` is skipped.
* In a report the attribute ``result`` says so. ``aborted`` is all that ended a test early, a ``BOOST_REQUIRE`` that
  failed included: the report does not tell them apart.
* What is wrong with a suite and with none of its test cases (a fixture, a suite that is skipped) is a result of its
  own with the suite's title. A log at the level of errors names no test cases; there each error is a result.
* A report that follows the log of the same suite, in one stream with it or even inside its root, tells the same tests
  once more: it is not read. After a log of errors only it is, and the errors are the text of its suite.
* A report at the level ``confirm`` or ``short`` names no test cases: its suite is the result.

Written by Boost's ``xml_log_formatter`` and ``xml_report_formatter``. The log counts microseconds.
"""

from typing import Final

from report_processor.detect import Head
from report_processor.formats.boost.parser import BoostParser
from report_processor.parsing.base import XML, Format


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in BoostParser.ROOTS or root.namespace:
        return None
    if root.name == "TestResult" and "<TestSuite" not in head.text:
        return None
    return f"root element <{root.qualified}>"


FORMAT: Final = Format(
    key="boost",
    origin="boost_xml",
    title="Boost.Test XML",
    expects="XML with the root element <TestLog> (--logger=XML,test_suite) or <TestResult> (--report_format=XML "
    "--report_level=detailed), as Boost.Test 1.59 and later write it.",
    example="""<TestLog><TestSuite name="login"><TestCase name="signs_in" file="login.cpp" line="5"><TestingTime>250</TestingTime></TestCase>
<TestCase name="signs_out" file="login.cpp" line="9"><Error file="login.cpp" line="12"><![CDATA[check out has failed]]></Error><TestingTime>90</TestingTime></TestCase>
</TestSuite></TestLog>
""",  # noqa: E501
    mapping="Each <TestSuite> is a container, each <TestCase> a result. In a log <Error> and <FatalError> are failed, "
    "<Exception> is broken, skipped='yes' skipped; messages and warnings follow the backtrace; <TestingTime> is the "
    "duration. In a report result='failed' is failed, 'aborted' and 'timed-out' are broken. What is wrong with a suite "
    "itself is a result with its name.",
    kinds=(XML,),
    recognise=recognise,
    parser=BoostParser,
    roots=BoostParser.ROOTS,
    limits="A log below the level test_suite names no test cases: each error is a result then. A log does not say that "
    "failures were expected: such tests are failed there and passed in the report. The report has no messages and no "
    "durations, leaves out disabled tests (but counts them), and calls tests passed that never ran after a crash. "
    "It is not read when it follows the log of the same tests in one file.",
)
