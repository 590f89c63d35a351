"""What is told about the time when the tests ran."""

from datetime import UTC, datetime, timedelta

import pytest
from support.reading import read

from report_contract.options import ImportOptions
from report_processor import importing, outcome
from report_processor.formats import load

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def told(days=None, **options):
    detected = None if days is None else (NOW + timedelta(days=days)).timestamp()
    note = outcome.date_note(ImportOptions(**options), detected, NOW)
    return note and note["code"]


@pytest.mark.parametrize(
    ("days", "code"), [(0, None), (-30, None), (0.003, None), (0.01, "future_report_date"), (-31, "old_report_date")]
)
def test_a_date_that_is_long_ago_or_still_to_come_is_told_but_clocks_may_differ(days, code):
    assert told(days) == code


def test_that_no_date_is_known_is_told():
    assert told() == "no_report_date"
    assert told(date="now") is None


def test_the_date_of_the_call_counts_and_is_told_alike():
    assert told(0, date="1st Feb 2019") == "old_report_date"
    assert told(-400, date="now") is None
    assert told(0, date="2026-06-02") == "future_report_date"


def test_an_old_date_may_be_wanted_but_not_one_to_come():
    assert told(-400, ignore_old_report_date=True) is None
    assert told(2, ignore_old_report_date=True) == "future_report_date"


def test_a_file_that_fits_two_formats_is_rejected_and_both_are_named(monkeypatch):
    both = [(load("junit"), "a root"), (load("nunit"), "a root")]
    monkeypatch.setattr(importing, "matches", lambda *_: both)
    found = read("<testsuite/>")
    assert found.file["verdict"] == "rejected"
    assert "it could be junit, nunit" in found.message("multiple_formatter_match")["message"]
