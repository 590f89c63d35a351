"""JUnit XML, in the dialects that test tools write.

There is no standard. What is read, from the tools' own sources and output:

* ``<testsuites>`` is the report itself, each ``<testsuite>`` a container of the classification
  ``testsuite``, each ``<testcase>`` a result with its ``classname`` as classification. Test cases
  straight under the root (node:test) lie in no container.
* ``<failure>`` is failed, ``<error>`` broken, ``<skipped>`` skipped; PHPUnit's ``<warning>`` and ``<risky>``
  are unknown. Of several the worst counts, broken before failed before unknown before skipped, and all
  their texts are kept; but node:test's ``<skipped type="todo">`` and Catch2's ``!mayfail`` keep a test
  from failing, and a ``status`` that fits one of several decides (godog). Without any of them attributes
  decide, see ``status``. Straight in a suite, where
  a hook broke, each is a result that is named like the suite.
* Surefire's ``<rerunFailure>`` and ``<rerunError>`` come after the first failed attempt, which is
  the ``<failure>`` or ``<error>``; the last attempt decides. ``<flakyFailure>`` and
  ``<flakyError>`` are failed attempts before the pass.
* ``system-out`` and ``system-err`` of a test follow its backtrace, those of a suite are its
  description. ``[[ATTACHMENT|path]]`` in them and in the text of a failure names a file (Playwright,
  Jenkins): of a test it is an asset, of a suite, which has none, a label ``attachment``.
* Properties, and attributes without a meaning of their own here, are labels.

Counts are those of the test cases; when a suite's own attributes differ, that is a message. They
may count a suite's own tests or all below it (PHPUnit), its children of any kind (node:test), or only the tests
that ran (Ginkgo 1).

IntelliJ's export of test results is read, too: ``<suite>``, ``<test>`` with milliseconds, ``<output>``.
"""

from typing import Final

from report_processor.detect import Head
from report_processor.formats.junit.elements import ROOTS
from report_processor.formats.junit.parser import JUnitParser
from report_processor.parsing.base import XML, Format


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in ROOTS:
        return None
    return f"root element <{root.qualified}>"


FORMAT: Final = Format(
    key="junit",
    origin="junit_xml",
    title="JUnit XML",
    expects="XML with the root element <testsuites> or <testsuite>, as pytest, Maven Surefire, Gradle, "
    "Ant, Jest, Mocha, Playwright, gotestsum, PHPUnit, node:test and many others write it; also test results that "
    "IntelliJ exports.",
    example="""<testsuite name="login">
  <testcase classname="LoginTest" name="signs in" time="0.25"/>
  <testcase classname="LoginTest" name="signs out" time="0.01">
    <failure type="AssertionError" message="still signed in">LoginTest.java:17</failure>
  </testcase>
</testsuite>
""",
    mapping="Each <testsuite> is a container, each <testcase> a result with its classname as classification. "
    "<failure> is failed, <error> broken, <skipped> skipped. Reruns and flaky failures are attempts. system-out and "
    "system-err follow the backtrace; [[ATTACHMENT|path]] in them names a file; properties are labels.",
    kinds=(XML,),
    recognise=recognise,
    parser=JUnitParser,
    roots=frozenset(ROOTS),
)
