"""Robot Framework's ``output.xml``, of versions 2.8 to 7.

From the output of 2.8.7, 2.9.2, 3.0.4, 3.2.2, 4.0.3, 4.1.3, 5.0.1, 6.1.1 and 7.0 to 7.5, their writers and the
schemas that come with them:

* ``<suite>`` is a container, ``<test>`` a result. What a test ran (``<kw>``, ``<for>``, ``<if>``, ``<try>``, ...) are
  lines of its description, with the outcome of each; see ``keywords``. In version 7 the arguments of a keyword
  stand behind the keywords inside it, before that they stand first.
* Until version 3 tags, arguments and metadata have an element around them, ``for`` is a ``<kw type="for">``, and
  nothing is skipped. Until 6 times are ``starttime`` and ``endtime`` as ``20260131 12:00:00.000``, from 7 on
  ``start`` in ISO 8601 and ``elapsed`` in seconds.
* A suite's teardown runs after its tests are written. When it fails, Robot Framework counts all of them as failed,
  though the file says otherwise: see ``held``.
* ``rebot --merge`` tells the outcomes of earlier runs in the message of a test: see ``merged``.
"""

from typing import Final

from report_processor.detect import Head
from report_processor.formats.robotframework.parser import RobotParser
from report_processor.parsing.base import XML, Format


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name != "robot":
        return None
    if not root.attributes.keys() & {"generator", "generated", "rpa", "schemaversion"}:
        return None  # other things are called robots, too
    return f"root element <robot> of {root.attributes.get('generator', 'Robot Framework')[:100]}"


FORMAT: Final = Format(
    key="robotframework",
    origin="robotframework_xml",
    title="Robot Framework XML",
    expects="output.xml, which Robot Framework (versions 2.8 to 7) and Rebot write. log.html, report.html and "
    "screenshots may be sent along. What --xunit writes is JUnit XML.",
    example="""<robot generator="Robot 7.5 (Python 3.11.7 on linux)" generated="2026-01-31T12:00:00" schemaversion="5">
  <suite id="s1" name="Login">
    <test id="s1-t1" name="Signs In">
      <kw name="Open Page"><arg>login</arg><status status="PASS"/></kw>
      <status status="PASS" start="2026-01-31T12:00:00" elapsed="0.25"/>
    </test>
    <test id="s1-t2" name="Signs Out">
      <kw name="Should Be Empty"><msg level="FAIL">still signed in</msg><status status="FAIL"/></kw>
      <status status="FAIL" start="2026-01-31T12:00:01" elapsed="0.01">still signed in</status>
    </test>
  </suite>
</robot>
""",
    mapping="Each <suite> is a container with its documentation, source, id, setup and teardown as description and its "
    "metadata as labels. Each <test> is a result, as Robot Framework itself counts (not each keyword); the keywords "
    "that it ran are lines of its description, indented, each with its outcome. FAIL is failed: Robot Framework tells "
    "no errors from failures. SKIP and NOT RUN are skipped. The test's message is what the exception says; messages of "
    "failing keywords and their backtraces are the backtrace, messages of the levels WARN and ERROR follow it. "
    "Screenshots and other files that messages link to are assets, those that stand in the file are stored. Tags, "
    "timeout and metadata of a test are labels. When the teardown of a suite fails, its tests have failed, as Robot "
    "Framework counts them; of more than 2,000 tests the first stay what they were, and the teardown is a broken "
    "result. The runs that rebot --merge put together are attempts. What stands in <errors> is a message of the "
    "import.",
    kinds=(XML,),
    recognise=recognise,
    parser=RobotParser,
    roots=frozenset({"robot"}),
    limits="Not read: output.json; messages of the levels INFO, DEBUG and TRACE, but for files they link to and "
    "backtraces; documentation, tags, timeouts and times of keywords. Of a test with more than 400 keywords the later "
    "ones are shown only when they failed, and long arguments are shortened.",
)
