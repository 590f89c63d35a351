"""Nessus: what the fixtures do not show."""

from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import parsed, read_both_ways

from report_processor.formats.nessus import FORMAT


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def item(severity="2", inside="", name="plugin", port="0"):
    severity = "" if severity is None else f'severity="{severity}"'
    return f'<ReportItem port="{port}" protocol="tcp" {severity} pluginName={quoteattr(name)}>{inside}</ReportItem>'


def report(*items, properties="", policy=""):
    host = f'<ReportHost name="h"><HostProperties>{properties}</HostProperties>{"".join(items)}</ReportHost>'
    return f'<NessusClientData_v2>{policy}<Report name="r">{host}</Report></NessusClientData_v2>'


def tag(name, value):
    return f'<tag name="{name}">{value}</tag>'


def only(*items, **more):
    (found,) = read(report(*items, **more)).results
    return found


@pytest.mark.parametrize(
    ("severity", "status"),
    [("0", "informational"), ("1", "failed"), ("4", "failed"), ("", "unknown"), (None, "unknown"), ("high", "unknown")],
)
def test_the_severity_tells_the_status(severity, status):
    found = read(report(item(severity)))
    assert found.results[0]["status"] == status
    assert found.codes == (["unknown_status"] if status == "unknown" else [])


@pytest.mark.parametrize(
    ("word", "status"), [("PASSED", "passed"), ("ERROR", "broken"), ("SKIPPED", "skipped"), ("NEW", "failed")]
)
def test_a_check_of_compliance_tells_its_own(word, status):
    inside = f"<compliance-result>{word}</compliance-result><compliance-check-name>1.1</compliance-check-name>"
    found = only(item("3", inside))
    assert (found["title"], found["status"]) == ("1.1", status)


def test_an_element_of_a_later_version_is_a_label():
    found = read(report(item(inside="<epss_score>0.9</epss_score>")))
    assert ("epss_score", "0.9") in found.results[0]["labels"]
    assert found.codes == []


def test_a_port_that_is_not_0_is_part_of_the_title():
    assert only(item(port="443"))["title"] == "plugin (tcp/443)"


def test_the_scan_as_a_whole_has_the_duration_of_the_host():
    properties = tag("HOST_START", "Tue Nov 24 15:00:00 2026") + tag("HOST_END", "Tue Nov 24 15:00:30 2026")
    document = report(item(), item("0").replace("<ReportItem", '<ReportItem pluginID="19506"'), properties=properties)
    found = read(document)
    assert [row["duration"] for row in found.results] == [None, 30.0]
    assert found.summary["date"] == seconds("2026-11-24T15:00:30+00:00")


def test_a_scan_that_took_a_thousand_years_has_no_duration():
    properties = tag("HOST_START", "Tue Nov 24 15:00:00 2026") + tag("HOST_END", "Tue Nov 24 15:00:30 3026")
    found = read(report(item("0").replace("<ReportItem", '<ReportItem pluginID="19506"'), properties=properties))
    assert found.results[0]["duration"] is None
    assert "invalid_duration" in found.codes


def test_a_time_that_is_none_is_noted():
    found = read(report(item(), properties=tag("HOST_START", "yesterday")))
    assert found.codes == ["invalid_date"]


def test_a_name_of_the_policy_that_comes_late_is_its_name():
    preferences = "<preference><name>a</name><value>1</value></preference>"
    parts = f"<Preferences><ServerPreferences>{preferences}</ServerPreferences></Preferences>"
    found = read(report(policy=f"<Policy>{parts}<policyName>late</policyName></Policy>"))
    assert [one["title"] for one in found.containers[:2]] == ["Policies: late", "ServerPreferences"]
    assert found.containers[1]["description"] == "a: 1"
    assert not found.results


def test_a_policy_without_a_name_has_none():
    found = read(report(item(), policy="<Policy><x>y</x></Policy>"))
    assert found.containers[0]["title"] == "Policies: "


def test_the_value_of_a_password_is_nowhere():
    setting = "<item><preferenceType>password</preferenceType><selectedValue>hunter2</selectedValue></item>"
    policy = f"<Policy><Preferences><PluginsPreferences>{setting}</PluginsPreferences></Preferences></Policy>"
    found = read(report(policy=policy))
    assert "hunter2" not in repr((found.results, found.containers))


def test_very_many_properties_of_a_host_are_cut_and_counted():
    found = read(report(item(), properties="".join(tag(f"n{number}", "v") for number in range(700))))
    assert found.codes == ["field_cut"]
    assert len(next(one for one in found.containers if one["title"] == "h")["labels"]) == 500


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)
text = text.map(str.strip)
name = text.filter(bool)
finding = st.tuples(
    name,
    st.sampled_from([("0", "informational"), ("1", "failed"), ("4", "failed")]),
    name,
    text,
    text,
    text,
    st.lists(name, max_size=2),
)
host = st.tuples(name, st.lists(finding, max_size=5, unique_by=lambda one: (one[0], one[2])))


def written(one):
    title, (severity, _), family, synopsis, output, solution, cves = one
    inside = f"<synopsis>{escape(synopsis)}</synopsis><solution>{escape(solution)}</solution>"
    inside += "".join(f"<cve>{escape(cve)}</cve>" for cve in cves)
    inside += f"<plugin_output>{escape(output)}</plugin_output>"
    names = f"pluginName={quoteattr(title)} pluginFamily={quoteattr(family)}"
    return f'<ReportItem port="0" severity="{severity}" {names}>\n{inside}</ReportItem>'


@given(st.lists(host, max_size=4), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_findings_written_as_nessus_and_read_back_are_equal(hosts, size):
    body = "".join(
        f"<ReportHost name={quoteattr(title)}>{''.join(map(written, all_))}</ReportHost>" for title, all_ in hosts
    )
    document = f'<NessusClientData_v2><Report name="r">{body}</Report></NessusClientData_v2>'
    found = read(("r", Trickle(document.encode(), size)))
    seen = [
        (
            found.path(row),
            row["title"],
            row["classification"],
            row["status"],
            row["exception_description"],
            row["exception_backtrace"],
            row["description"],
            [value for name, value in row["labels"] if name == "cve"],
        )
        for row in found.results
    ]
    assert seen == [
        (["r", title, plugin], plugin, family, word, synopsis, output, solution, cves)
        for title, findings in hosts
        for plugin, (_, word), family, synopsis, output, solution, cves in findings
    ]


def test_findings_of_a_plugin_share_a_container_unless_smart_is_off():
    items = "".join(
        f'<ReportItem port="{port}" severity="1" pluginID="{plugin}" pluginName="p{plugin}"/>'
        for port, plugin in ((1, 7), (2, 8), (3, 7))
    )
    hosts = f'<ReportHost name="h">{items}</ReportHost>'
    document = f'<NessusClientData_v2><Report name="r">{hosts}</Report></NessusClientData_v2>'
    assert [one["title"] for one in read(document).containers] == ["r", "h", "p7", "p8"]
    assert [one["title"] for one in read(document, smart=False).containers] == ["r", "h", "p7", "p8", "p7"]


USUAL = """<ReportItem port="443" svc_name="www" protocol="tcp" severity="0" pluginID="{0}" pluginName="P &lt; {0}" \
pluginFamily="General">
<cve>CVE-{0}</cve>
<cve>CVE-1</cve>
<description>Says
 {0} &amp; more.
</description>
<fname>a.nasl</fname>
<empty></empty>
<risk_factor>None</risk_factor>
<solution>n/a</solution>
<synopsis>Short {0}.</synopsis>
<plugin_output>
  {0}
two</plugin_output>
</ReportItem>
"""


def usual(number):
    return USUAL.format(number)


def several(*cases, times=5):
    """A file with findings made by such functions, over and over, between usual ones."""
    among = (usual, usual, *cases, usual)
    items = [case(number * len(among) + index) for number in range(times) for index, case in enumerate(among)]
    return report(*items, properties=tag("HOST_START", "Tue Nov 24 15:00:00 2026") + tag("HOST_END", "x"))


def test_the_usual_findings_are_skimmed():
    document = several(times=50)
    assert parsed(FORMAT.parser(), "ReportItem", document) < 5
    found = read_both_ways(document, "nessus")
    last = found.results[-1]
    assert (len(found.results), last["title"], found.path(last)[-1]) == (150, "P < 149 (tcp/443)", "P < 149")
    assert (last["status"], last["classification"], last["exception_name"]) == ("informational", "General", "None")
    assert last["description"] == "Says\n 149 & more.\nn/a"
    assert (last["exception_description"], last["exception_backtrace"]) == ("Short 149.", "149\ntwo")
    assert last["labels"][-3:] == [("cve", "CVE-149"), ("cve", "CVE-1"), ("fname", "a.nasl")]


def changed(old, new):
    return lambda number: usual(number).replace(old.format(number), new.format(number))


@pytest.mark.parametrize(
    "case",
    [
        changed('severity="0"', 'severity="3"'),
        changed('severity="0"', 'severity="00"'),
        changed('severity="0"', 'severity=" 0"'),
        changed('severity="0"', 'severity="high"'),
        changed('severity="0"', 'severity="\u0663"'),
        changed('severity="0"', ""),
        changed('port="443"', 'port="0"'),
        changed('port="443"', 'port=""'),
        changed('port="443"', f'port="{"4" * 7_000}"'),
        changed('protocol="tcp"', ""),
        changed('pluginID="{0}"', 'pluginID="19506"'),
        changed('pluginID="{0}"', ""),
        changed('pluginName="P &lt; {0}"', ""),
        changed('pluginName="P &lt; {0}"', 'pluginName=""'),
        changed('pluginName="P &lt; {0}"', 'pluginName=" "'),
        lambda number: changed('pluginName="P &lt; {0}"', 'pluginName=" "')(number).replace('"443"', '"0"'),
        changed('pluginName="P &lt; {0}"', f'pluginName="{{0}}{"x" * 3_500}"'),
        changed('pluginName="P &lt; {0}"', f'pluginName="{{0}}{"x" * 7_995}"'),
        changed('pluginName="P &lt; {0}"', 'pluginName="P &#60; {0}"'),
        changed('pluginName="P &lt; {0}"', 'pluginName="P &amp;lt; {0}"'),
        changed('pluginFamily="General"', f'pluginFamily="{"x" * 9_000}"'),
        changed("Says", "x" * 7_000),
        changed("Says", "x" * 70_000),
        changed("n/a", "y" * 17_000),
        changed("<solution>", "<solution>more</solution><solution>" * 9),
        changed("<cve>CVE-1", f"<cve>{'x' * 17_000}"),
        changed("<cve>CVE-1</cve>", "<cve>CVE-1</cve>" * 600),
        changed("<risk_factor>", "<risk_factor>High</risk_factor><risk_factor>"),
        changed("<risk_factor>None", f"<risk_factor>{'x' * 3_000}"),
        changed("<fname>", '<fname x="y">'),
        changed("<fname>", "<fname><a>b</a>"),
        changed("<fname>", "<fname><![CDATA[<b>]]>"),
        changed("<fname>", "<fname>\r\n"),
        changed("<fname>", "<fname>\ufffe"),
        changed("<fname>", "<tag name='HOST_END'>Tue Nov 24 15:02:00 2026</tag><fname>"),
        changed("<fname>", "text <fname>"),
        changed("<fname>", "<severity>3</severity><fname>"),
        changed("<fname>", "<attachment name='a.txt'>YWJj</attachment><fname>"),
        changed("<fname>", "<cm:compliance-result>FAILED</cm:compliance-result><fname>"),
        changed("<fname>", "<cm:compliance-check-name>1.{0}</cm:compliance-check-name><fname>"),
        changed("<fname>", "<cm:compliance-actual-value>{0}</cm:compliance-actual-value><fname>"),
        changed("<fname>", "<cm:compliance-info>{0}</cm:compliance-info><fname>"),
        changed("<fname>", "<item><name>a</name></item><fname>"),
        lambda number: '<ReportItem port="1" severity="0" pluginID="2" pluginName="a"/>',
        lambda number: '<ReportItem port="1" severity="0" pluginID="2" pluginName="a">text</ReportItem>',
        lambda number: f'</ReportHost><ReportHost name="h{number}">',
        lambda number: f"</ReportHost><Policy><policyName>p</policyName></Policy><ReportHost name='h{number}'>",
    ],
)
def test_what_is_out_of_the_ordinary_is_read_as_ever(case):
    read_both_ways(several(case), "nessus")
