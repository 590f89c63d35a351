"""Catch2's own XML (``-r xml``): root ``Catch`` of version 2 (and 1), ``Catch2TestRun`` of version 3; and doctest's.

* The run and, in version 2, each ``<Group>`` with another name are containers. Each ``<TestCase>`` is a result, as it
  is in Catch2's own counts: its ``<Section>`` elements (which are runs of the same test case) are lines of its
  description, and what fails in one is told with the section's name.
* ``<OverallResult success>`` is the tool's verdict. A failed test case is broken when an exception or a signal ended
  it, failed otherwise; an exception in an assertion about exceptions (``CHECK_NOTHROW``) is failed.
* With success, ``skips`` or ``<Skip>`` is skipped, as Catch2 counts it. Success in spite of a failure
  (``[!mayfail]``, ``[!shouldfail]``) is skipped, as in Catch2's own JUnit file.
* Assertions that passed (``--success``) are not kept; those that may fail (``CHECK_NOFAIL``, ``WARN``) are output.

doctest's XML (root ``doctest``) looks alike: suites are containers, ``<SubCase>`` is a section, ``<Message>`` a warning
or a failure, and the verdict stands in ``<OverallResultsAsserts>``. A failure that doctest expected is a pass there,
as it is in its summary.
"""

from typing import Final

from report_processor.detect import Head
from report_processor.formats.catch2.parser import Catch2Parser
from report_processor.parsing.base import XML, Format


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in Catch2Parser.ROOTS or root.namespace:
        return None
    return f"root element <{root.qualified}>"


FORMAT: Final = Format(
    key="catch2",
    origin="catch2_xml",
    title="Catch2 XML",
    expects="XML with the root element <Catch> (Catch2 2, also 1) or <Catch2TestRun> (Catch2 3), as -r xml writes it; "
    "also <doctest>, which -r=xml of doctest 2 writes. Files of their junit reporters are JUnit XML.",
    example="""<Catch2TestRun name="login" rng-seed="1" xml-format-version="3" catch2-version="3.12.0">
  <TestCase name="signs in" tags="[smoke]" filename="login.cpp" line="5">
    <OverallResult success="true" skips="0" durationInSeconds="0.25"/>
  </TestCase>
  <TestCase name="signs out" filename="login.cpp" line="9">
    <Expression success="false" type="CHECK" filename="login.cpp" line="12">
      <Original>out</Original>
      <Expanded>false</Expanded>
    </Expression>
    <OverallResult success="false" skips="0"/>
  </TestCase>
</Catch2TestRun>
""",
    mapping="The run is a container, each <TestCase> a result; sections are lines of its description. A failed test "
    "case is broken when an exception or a signal ended it. <Skip> is skipped, and so is a failure that may or should "
    "be ([!mayfail], [!shouldfail]); for doctest that is passed. Tags are labels, benchmarks lines of "
    "the description, output follows the backtrace.",
    kinds=(XML,),
    recognise=recognise,
    parser=Catch2Parser,
    roots=Catch2Parser.ROOTS,
    limits="Assertions that passed (--success) are not kept. There are durations only with --durations yes (doctest: "
    "-d).",
)
