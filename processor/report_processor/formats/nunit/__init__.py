"""NUnit's XML of versions 2 (``<test-results>``) and 3 (``<test-run>``), and what other tools write in these forms.

* ``<test-suite>`` is a container: ``type`` is its classification, ``name`` its title, ``fullname`` and ``id`` are its
  description. An assembly's or file's absolute path is cut: to what stands below the ``cwd`` of ``<environment>``, or
  to the name of the file.
* ``<test-case>`` is a result with its ``classname`` as classification.
* A suite that failed while nothing in it did (a fixture's teardown, an assembly that cannot be loaded) is a
  result of its own. When tests in it failed, too, its message is part of its description.
* What the run as a whole has, such as the command line and the filter, are labels of the first container.

Version 2 writes ``total`` without the tests that did not run, version 3 with them.
"""

from typing import Final

from report_processor.detect import Head
from report_processor.formats.nunit.parser import NUnitParser
from report_processor.parsing.base import XML, Format

_SUITE_MARKS: Final = frozenset({"type", "result", "executed", "success", "fullname", "testcasecount"})


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in NUnitParser.ROOTS:
        return None
    if root.name == "test-suite" and (
        root.namespace or "name" not in root.attributes or not _SUITE_MARKS & root.attributes.keys()
    ):
        return None
    return f"root element <{root.qualified}>"


FORMAT: Final = Format(
    key="nunit",
    origin="nunit_xml",
    title="NUnit XML",
    expects="XML with the root element <test-run> (NUnit 3 and 4, NunitXml.TestLogger, pytest-nunit, TestCafe) or "
    "<test-results> (NUnit 2, Pester, jest-nunit-reporter, karma-nunit2-reporter), or a single <test-suite> of them.",
    example="""<test-run id="2" testcasecount="2" result="Failed" total="2" passed="1" failed="1">
  <test-suite type="TestFixture" name="LoginTest" fullname="Shop.LoginTest" result="Failed" total="2">
    <test-case name="SignsIn" classname="Shop.LoginTest" result="Passed" duration="0.25" />
    <test-case name="SignsOut" classname="Shop.LoginTest" result="Failed" duration="0.01">
      <failure><message>Expected: False</message><stack-trace>at Shop.LoginTest.SignsOut()</stack-trace></failure>
    </test-case>
  </test-suite>
</test-run>
""",
    mapping="Each <test-suite> is a container with its type as classification, each <test-case> a result with its "
    "classname as classification. Failed and Failure are failed; Error, NotRunnable, Invalid and Cancelled (as result, "
    "or as label of a failure) are broken; Skipped, Ignored and Explicit are skipped; Inconclusive and Warning are "
    "unknown. A suite that failed while no test in it did is a result of its own. Output follows the backtrace, "
    "attachments are assets, properties and categories labels.",
    kinds=(XML,),
    recognise=recognise,
    parser=NUnitParser,
    roots=NUnitParser.ROOTS,
    rows_alike=True,
    limits="Settings of the machine other than its system, and random seeds, are not read.",
)
