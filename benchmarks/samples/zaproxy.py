"""A report of ZAP as XML: alerts with two instances each. One in 50 is of medium risk, the others informational."""

from collections.abc import Iterator

_INSTANCE = """
  <instance>
  <uri>https://shop.example/lamps/{number}</uri>
  <method>GET</method>
  <param>q{number}</param>
  <attack></attack>
  <evidence>&lt;script src=&quot;/lamps.js&quot;&gt;</evidence>
  <otherinfo></otherinfo>
  </instance>"""


def pieces(tests: int) -> Iterator[str]:
    """The text of a report with so many alerts."""
    yield '<?xml version="1.0"?>\n<OWASPZAPReport programName="ZAP" version="2.16.1" '
    yield 'generated="Tue, 24 Nov 2026 15:03:51">\n'
    yield '<site name="https://shop.example" host="shop.example" port="443" ssl="true"><alerts>'
    for number in range(tests):
        risk, words = (2, "Medium (Medium)") if number % 50 == 49 else (0, "Informational (Medium)")
        instances = "".join(_INSTANCE.format(number=number * 2 + n) for n in range(2))
        yield f"""
<alertitem>
  <pluginid>{10000 + number}</pluginid>
  <alertRef>{10000 + number}</alertRef>
  <alert>Modern Web Application {number}</alert>
  <name>Modern Web Application {number}</name>
  <riskcode>{risk}</riskcode>
  <confidence>2</confidence>
  <riskdesc>{words}</riskdesc>
  <desc>&lt;p&gt;The application appears to be a modern web application.&lt;/p&gt;</desc>
  <instances>{instances}
  </instances>
  <count>2</count>
  <solution>&lt;p&gt;This is an informational alert and so no changes are required.&lt;/p&gt;</solution>
  <otherinfo>&lt;p&gt;Links have been found that have no traditional href attribute.&lt;/p&gt;</otherinfo>
  <reference></reference>
  <cweid>693</cweid>
  <wascid>15</wascid>
  <sourceid>{number}</sourceid>
</alertitem>"""
    yield "\n</alerts></site></OWASPZAPReport>\n"
