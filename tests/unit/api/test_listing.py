import pytest
from support.api import running_api
from support.reports import COUNTS, NOON, store

from report_contract import objectkeys
from report_contract.accesskeys import KeyFile, Role, new_key
from report_contract.phases import Phase
from report_contract.requests import ProfileEntry


def enter(api, report_id, profile="web", phase=Phase.SUCCEEDED):
    entry = ProfileEntry(report_id=report_id, profile=profile, phase=phase, counts=COUNTS, requested_at=NOON)
    store(api, objectkeys.profile_entry(profile, report_id), entry)


def listed(api, **query):
    answer = api.client.get("/api/v2/reports", params={"profile": "web", **query})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return [report["report_id"] for report in body["reports"]], body["next_before"]


def test_the_reports_of_a_profile_are_listed_newest_first_page_by_page(api):
    for report_id in (1, 2, 9, 10, 11, 100):
        enter(api, report_id)
    enter(api, 50, profile="other")
    assert listed(api) == ([100, 11, 10, 9, 2, 1], None)
    assert listed(api, limit=4) == ([100, 11, 10, 9], 9)
    assert listed(api, limit=4, before=9) == ([2, 1], None)
    assert listed(api, before=10**11) == ([100, 11, 10, 9, 2, 1], None)


def test_an_entry_tells_how_the_import_ended(api):
    enter(api, 7, phase=Phase.PARTIALLY_SUCCEEDED)
    (report,) = api.client.get("/api/v2/reports?profile=web").json()["reports"]
    assert (report["import_status"], report["counts"]["total"]) == ("partial", 8)
    assert report["report_url"].endswith("/reports/7")


def test_an_entry_that_is_none_is_left_out_and_the_list_goes_on(api):
    for report_id in range(1, 8):
        enter(api, report_id)
    for report_id, data in ((6, b"{}"), (5, b"x" * 100_000), (4, b"")):
        api.objects.kept[objectkeys.profile_entry("web", report_id)] = data
    api.objects.kept["profiles/web/imports/notes.txt"] = b"mine"
    assert listed(api) == ([7, 3, 2, 1], None)
    assert listed(api, limit=2) == ([7], 6)
    assert listed(api, limit=2, before=6) == ([], 4)
    assert listed(api, limit=3, before=4) == ([3, 2, 1], 1)


def test_an_entry_of_a_report_that_is_deleted_leads_to_a_404_and_harms_nothing(api):
    api.upload()
    enter(api, 1, profile="1")
    enter(api, 2, profile="1")
    answer = api.client.get("/api/v2/reports?profile=1")
    assert [each["report_id"] for each in answer.json()["reports"]] == [2, 1]
    assert api.client.get("/api/v2/reports/2").status_code == 404


def test_a_profile_without_reports_has_an_empty_list(api):
    assert listed(api) == ([], None)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "The query has no parameter profile."),
        ("?profile=", "profile: '' cannot be."),
        ("?profile=A", "profile: 'A' cannot be."),
        ("?profile=web&limit=0", "limit: must be at least 1, not '0'."),
        ("?profile=web&limit=101", "limit: must be at most 100, not '101'."),
        ("?profile=web&limit=1.5", "limit: '1.5' is not a whole number."),
        ("?profile=web&before=x", "before: 'x' is not a whole number."),
        ("?profile=web&before=" + "9" * 5000, f"before: '{'9' * 60}' is not a whole number."),
        ("?profile=web&before=" + "9" * 12 + "0", "before: must be less than 1000000000000, not '9999999999990'."),
    ],
)
def test_a_question_that_is_none_is_refused_in_our_words(api, query, message):
    answer = api.client.get(f"/api/v2/reports{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"code": "invalid_parameter", "message": message}]


def test_a_profile_that_the_key_does_not_see_is_not_listed():
    key, record = new_key("web only", Role.USER, ["web"])
    with running_api(keys=KeyFile(keys=[record])) as api:
        client = api.client_with(**{"x-api-key": key})
        assert client.get("/api/v2/reports?profile=web").status_code == 200
        assert client.get("/api/v2/reports?profile=other").status_code == 404
