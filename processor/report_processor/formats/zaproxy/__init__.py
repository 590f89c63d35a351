"""Reports of ZAP (OWASP ZAP, by Checkmarx), as XML and as JSON.

The facts are from the templates of ZAP's reports add-on (traditional and traditional plus, in XML and JSON), from
what older versions wrote, and from the mapping that is documented for scanners: informational findings are
informational, others failed.
"""

from typing import Final

from report_processor.detect import Head
from report_processor.formats.zaproxy.json_report import ZapJsonParser
from report_processor.formats.zaproxy.xml_report import ROOTS, ZapXmlParser
from report_processor.parsing.base import JSON, XML, Format
from report_processor.parsing.either import Either
from report_processor.parsing.json_format import dict_of

_BLANK: Final = 10_000
"""White space at the beginning that is looked through for the first sign."""
_MARKS: Final = ("@programName", "@version", "@generated")


def _parser() -> Either:
    return Either(lambda sign: ZapJsonParser() if sign in {"{", "["} else ZapXmlParser())


def recognise(head: Head) -> str | None:
    """The root element, or the members of the report or a site that begin with an at sign."""
    if (root := head.xml_root) is not None:
        return f"root element <{root.qualified}>" if root.name in ROOTS else None
    for value in head.json[:1]:
        found = dict_of(value)
        marks = [mark for mark in _MARKS if mark in found]
        if marks and ("site" in found or len(marks) == len(_MARKS)):
            return f"keys {', '.join([*marks, 'site'])}"
    return None


FORMAT: Final = Format(
    key="zaproxy",
    origin="zap_xml",
    title="ZAP XML and JSON",
    expects="Reports of ZAP, the web application scanner, from version 2.7: XML with the root element <OWASPZAPReport> "
    "(zap-baseline.py -x, traditional-xml, traditional-xml-plus) or JSON with the keys @version, @generated and site "
    "(zap-baseline.py -J, traditional-json, traditional-json-plus).",
    example="""<OWASPZAPReport programName="ZAP" version="2.16.1" generated="Tue, 24 Nov 2026 15:03:51">
  <site name="https://shop.example" host="shop.example" port="443" ssl="true">
    <alerts>
      <alertitem>
        <pluginid>10038</pluginid>
        <alert>Content Security Policy (CSP) Header Not Set</alert>
        <riskcode>2</riskcode>
        <confidence>3</confidence>
        <riskdesc>Medium (High)</riskdesc>
        <desc>The site sends no Content-Security-Policy header.</desc>
        <instances>
          <instance><uri>https://shop.example/</uri><method>GET</method></instance>
        </instances>
        <count>1</count>
      </alertitem>
    </alerts>
  </site>
</OWASPZAPReport>
""",
    mapping="Each site is a container, each alert a result with its plugin id as classification. The risk code 0 is "
    "informational, any other failed; an alert whose confidence is 0, a false positive, is informational, too. The "
    "risk in words is the name of the exception, the description what it says, and the instances with their requests "
    "and responses are the backtrace. Solution, other information and references are the description; ids, confidence, "
    "counts and tags are labels. In JSON, a sequence is a container and each of its steps a result, passed or failed, "
    "and errors of the automation plan are one broken result.",
    kinds=(XML, JSON),
    recognise=recognise,
    parser=_parser,
    roots=ROOTS,
    limits="Statistics are not read. ZAP writes local time without a zone before version 2.11; it is taken as UTC.",
)
