"""A .nessus file: 40 findings for each host. One in 50 is of medium severity, the others informational."""

from collections.abc import Iterator


def pieces(tests: int) -> Iterator[str]:
    """The text of a file with so many findings."""
    yield '<?xml version="1.0" ?>\n<NessusClientData_v2>\n<Report name="weekly" xmlns:cm="http://www.nessus.org/cm">\n'
    for number in range(tests):
        if number % 40 == 0:
            yield ("</ReportHost>\n" if number else "") + _host(number // 40)
        severity, risk = (2, "Medium") if number % 50 == 49 else (0, "None")
        yield f"""<ReportItem port="{1 + number % 40}" svc_name="www" protocol="tcp" severity="{severity}" \
pluginID="{10000 + number}" pluginName="Service Detection {number}" pluginFamily="Service detection">
<asset_inventory>True</asset_inventory>
<description>Nessus was able to identify the remote service by its banner or by looking at the error message it sends \
when it receives an HTTP request.</description>
<fname>find_service.nasl</fname>
<plugin_modification_date>2023/07/10</plugin_modification_date>
<plugin_name>Service Detection</plugin_name>
<plugin_publication_date>2007/08/19</plugin_publication_date>
<plugin_type>remote</plugin_type>
<risk_factor>{risk}</risk_factor>
<script_version>1.{number}</script_version>
<solution>n/a</solution>
<synopsis>The remote service could be identified.</synopsis>
<plugin_output>A web server is running on this port.
It answered in {number} ms.</plugin_output>
</ReportItem>
"""
    yield ("</ReportHost>\n" if tests else "") + "</Report>\n</NessusClientData_v2>\n"


def _host(number: int) -> str:
    address = f"192.0.{number // 250}.{number % 250}"
    return f"""<ReportHost name="{address}"><HostProperties>
<tag name="HOST_END">Tue Nov 24 15:02:30 2026</tag>
<tag name="operating-system">Linux Kernel 6.1</tag>
<tag name="host-ip">{address}</tag>
<tag name="HOST_START">Tue Nov 24 15:00:00 2026</tag>
</HostProperties>
"""
