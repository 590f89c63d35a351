"""ZAP: what the fixtures do not show."""

import json
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read


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
