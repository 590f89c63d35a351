"""ZAP: what the fixtures do not show."""

import json
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import parsed, read_both_ways

from report_processor.events import NOTE
from report_processor.formats.zaproxy.xml_report import ZapXmlParser


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def alert(name="a", risk="2", **more):
    return {"pluginid": "1", "alert": name, "name": name, "riskcode": risk, "riskdesc": "r", **more}


def as_json(*alerts, **more):
    site = {"@name": "https://shop.example", "alerts": [*alerts]}
    return json.dumps({"@version": "2.16", "@generated": "Tue, 24 Nov 2026 15:03:51", "site": [site], **more})


def as_xml(*alerts):
    items = ""
    for one in alerts:
        fields = {key: value for key, value in one.items() if key != "instances"}
        inside = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
        instances = "".join(
            "<instance>" + "".join(f"<{key}>{escape(value)}</{key}>" for key, value in place.items()) + "</instance>"
            for place in one.get("instances", [])
        )
        items += f"<alertitem>{inside}<instances>{instances}</instances></alertitem>\n"
    site = f"<site name={quoteattr('https://shop.example')}><alerts>{items}</alerts></site>"
    return f'<OWASPZAPReport version="2.16" generated="Tue, 24 Nov 2026 15:03:51">{site}</OWASPZAPReport>'


@pytest.mark.parametrize("written", [as_json, as_xml])
@pytest.mark.parametrize(
    ("risk", "status"), [("0", "informational"), ("1", "failed"), ("3", "failed"), ("", "unknown"), ("x", "unknown")]
)
def test_the_risk_tells_the_status(written, risk, status):
    found = read(written(alert(risk=risk)))
    assert found.results[0]["status"] == status
    assert found.codes == (["unknown_status"] if status == "unknown" else [])


@pytest.mark.parametrize("written", [as_json, as_xml])
def test_a_date_without_a_zone_is_read(written):
    assert read(written(alert())).summary["date"] == seconds("2026-11-24T15:03:51+00:00")


def test_a_date_in_another_language_is_noted():
    document = as_json(alert()).replace("Tue, 24 Nov", "Di., 24 Nov.")
    assert read(document).codes == ["invalid_date"]


def test_the_name_of_a_site_may_stand_behind_its_alerts():
    document = {"site": {"alerts": [alert()], "@name": "late"}, "@version": "2", "@generated": ""}
    found = read(json.dumps(document))
    assert found.path(found.results[0]) == ["late"]


def test_white_space_before_the_document_changes_nothing():
    for document in (as_json(alert()), as_xml(alert())):
        found = read(("r", Trickle(b"\n\n" + document.encode(), 1)), formatter="zaproxy")
        assert found.counts["failed"] == 1


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<\ufffe\uffff"), max_size=20).map(
    str.strip
)
name = text.filter(bool)
model = st.tuples(
    name,
    st.sampled_from([("0", "informational"), ("1", "failed"), ("2", "failed"), ("3", "failed")]),
    text,
    text,
    st.lists(st.tuples(st.sampled_from(["GET", "POST"]), name), max_size=3),
)


@pytest.mark.parametrize("written", [as_json, as_xml])
@given(st.lists(model, max_size=8, unique_by=lambda one: one[0]), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_alerts_written_as_zap_and_read_back_are_equal(written, alerts, size):
    document = written(
        *(
            alert(
                title,
                risk,
                desc=description,
                solution=solution,
                instances=[{"uri": uri, "method": method} for method, uri in places],
            )
            for title, (risk, _), description, solution, places in alerts
        )
    )
    found = read(("r", Trickle(document.encode(), size)))
    seen = [
        (
            found.path(row),
            row["title"],
            row["status"],
            row["exception_description"],
            row["description"],
            row["exception_backtrace"],
        )
        for row in found.results
    ]
    assert seen == [
        (
            ["https://shop.example"],
            title,
            word,
            description,
            solution,
            "\n".join(f"{method} {uri}" for method, uri in places),
        )
        for title, (_, word), description, solution, places in alerts
    ]


INSTANCE = """
  <instance>
  <uri>https://shop.example/{0}?a&amp;b</uri>
  <method>GET</method>
  <param></param>
  <evidence>&lt;b&gt; {0}</evidence>
  <otherinfo>of instance</otherinfo>
  </instance>"""
USUAL = """<alertitem>
  <pluginid>1{0}</pluginid>
  <alert>Alert {0}</alert>
  <name>Name &amp;lt; {0}</name>
  <riskcode>0</riskcode>
  <confidence>2</confidence>
  <riskdesc>Low</riskdesc>
  <desc>&lt;p&gt;One {0}&lt;/p&gt;&lt;p&gt;two
 lines&lt;/p&gt;</desc>
  <instances>{1}
  </instances>
  <count>1</count>
  <solution>&lt;p&gt;None&lt;/p&gt;</solution>
  <otherinfo>of alert</otherinfo>
  <reference></reference>
</alertitem>
"""


def usual(number):
    return USUAL.format(number, INSTANCE.format(number) * (number % 4))


def several(*cases, times=5):
    """A report with alerts made by such functions, over and over, between usual ones."""
    among = (usual, usual, *cases, usual)
    alerts = [case(number * len(among) + index) for number in range(times) for index, case in enumerate(among)]
    site = f'<site name="https://shop.example" host="h" port="443"><alerts>{"".join(alerts)}</alerts></site>'
    return f"<OWASPZAPReport>{site}</OWASPZAPReport>"


def test_the_usual_alerts_are_skimmed():
    document = several(times=50)
    assert parsed(ZapXmlParser(), "alertitem", document) < 5
    found = read_both_ways(document, "zaproxy")
    last = found.results[-1]
    assert (len(found.results), last["title"], last["classification"]) == (150, "Name &lt; 149", "1149")
    assert (last["status"], last["exception_name"]) == ("informational", "Low")
    assert last["exception_description"] == "One 149\n\ntwo\n lines"
    assert last["exception_backtrace"] == (
        "GET https://shop.example/149?a&b\n    evidence: <b> 149\n    otherinfo: of instance"
    )
    assert last["description"] == "None\nof alert"
    assert last["labels"] == [("pluginid", "1149"), ("riskcode", "0"), ("confidence", "2"), ("count", "1")]


def changed(old, new):
    return lambda number: usual(number).replace(old.format(number), new.format(number))


def with_instances(text, times=1):
    return lambda number: USUAL.format(number, text * times)


@pytest.mark.parametrize(
    "case",
    [
        changed("<riskcode>0", "<riskcode>3"),
        changed("<riskcode>0", "<riskcode>00"),
        changed("<riskcode>0", "<riskcode> 1 "),
        changed("<riskcode>0", "<riskcode>high"),
        changed("<riskcode>0", "<riskcode>"),
        changed("<riskcode>0</riskcode>", ""),
        changed("<riskcode>0</riskcode>", "<riskcode>0</riskcode><riskcode>2</riskcode>"),
        lambda number: changed("<riskcode>0", "<riskcode>3")(number).replace("confidence>2", "confidence>0"),
        changed("<name>Name &amp;lt; {0}</name>", ""),
        changed("<name>Name &amp;lt; {0}", "<name>"),
        changed("<name>Name &amp;lt; {0}", "<name>  "),
        changed("<name>Name &amp;lt; {0}", "<name>\n {0} "),
        changed("<name>Name &amp;lt; {0}", "<name>&lt;b&gt;"),
        changed("<name>Name &amp;lt; {0}", f"<name>{'x' * 7_999}"),
        changed("<name>Name &amp;lt; {0}", f"<name>{'x' * 9_000}"),
        changed("<alert>Alert {0}</alert>", ""),
        lambda number: usual(number).replace("<alert>", "<x>").replace("</alert>", "</x>"),
        lambda number: usual(number).replace("<name>", "<x>").replace("</name>", "</x>"),
        lambda number: (
            changed("<alert>Alert {0}", "<alert>")(number).replace("<name>", "<x>").replace("</name>", "</x>")
        ),
        changed("<pluginid>1", f"<pluginid>{'1' * 9_000}"),
        changed("<riskdesc>Low", f"<riskdesc>{'x' * 3_000}"),
        changed("One", "x" * 7_000),
        changed("One", "x" * 70_000),
        changed("One", "&amp;lt;p&amp;gt; &lt;br/&gt; &lt;P&gt;"),
        changed("<reference>", f"<reference>{'r' * 7_000}"),
        changed("<reference>", "<reference>&#233; &quot;"),
        changed("<reference>", "<reference><![CDATA[a]]>"),
        changed("<reference>", "<reference><a>b</a>"),
        changed("<reference>", "<reference>one</reference><reference>"),
        changed("<count>1", '<count x="y">1'),
        changed("<count>1", "<count>1\r\n"),
        changed("<count>1", "<count> \ufffe"),
        changed("<count>", "<new>a</new><count>"),
        changed("<count>", "text <count>"),
        changed("<count>", "<tags><tag><tag>t</tag><link>l</link></tag></tags><count>"),
        changed("</instances>", f"</instances><instances>{INSTANCE}</instances>"),
        changed("<instances>", "<instances><name>x</name>"),
        changed("<instances>", '<instances a="b">'),
        changed("<instances>", "<instances/><instances>"),
        with_instances("<instance/>"),
        with_instances("<instance></instance>"),
        with_instances("<instance> <method> GET </method></instance>"),
        with_instances("<instance><uri> /a </uri><param> </param></instance>"),
        with_instances("<instance><param>a</param><param>b</param></instance>"),
        with_instances("<instance><name>other</name></instance>"),
        with_instances("<instance><count>7</count><uri>/</uri></instance>"),
        with_instances("<instance><uri>/<b>x</b></uri></instance>"),
        with_instances("<instance><id>3</id><uri>/a</uri></instance>"),
        with_instances("<instance>text<uri>/a</uri></instance>"),
        with_instances("<!-- x --><instance><uri>/a</uri></instance>"),
        with_instances(f"<instance><uri>/{'u' * 9_000}</uri></instance>"),
        with_instances(INSTANCE, 40),
        lambda _: "<alertitem/>",
        lambda _: "</alerts></site><site name='other'><alerts>",
    ],
)
def test_what_is_out_of_the_ordinary_is_read_as_ever(case):
    read_both_ways(several(case), "zaproxy")


def test_more_instances_than_a_backtrace_may_have_are_cut_as_ever():
    parser = ZapXmlParser()
    one = f"<instance><uri>/{'u' * 7_000}</uri></instance>"
    document = several(with_instances(one, 90), times=2)
    events = parser.feed(document) + parser.close()
    assert [event[1] for event in events if event[0] == NOTE] == ["field_cut", "field_cut"]
