"""Dates as tools write them, and what people write and shells print into the option ``date``."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_contract.dates import read_date, written_date


@pytest.mark.parametrize(
    "text",
    [
        "2nd Feb 2024 10:00",
        "2 February 2024 10:00",
        "2-Feb-2024 10:00",
        "02Feb2024 10:00",
        "February 2nd, 2024 at 10:00",
        "Feb. 2 2024, 10 am",
        "Friday, February 2, 2024 10:00:00 AM",
        "2nd of February 2024 10:00",
        "Fri Feb  2 10:00:00 2024",
        "Fri Feb  2 11:00:00 CET 2024",
        "Fri Feb 02 05:00:00 -0500 2024",
        "Fri Feb 02 2024 15:30:00 +05:30",
        "Thu, 01 Feb 2024 23:00:00 -1100",
        "2024 Feb 2 10:00",
        "2024/02/02 10:00",
        "2024.02.02 10:00",
        "2024-2-2 10:00",
        "02/02/2024 10:00",
        "02-02-2024 10:00",
        "2.2.2024 10:00",
        "10:00 2024-02-02",
        "2024-02-02 10:00:00 GMT",
        "2024-02-02T10:00:00 UTC",
        "2024-02-02 11:00:00 CET",
        "2024-02-02 02:00 PST",
        "2024-02-02 11:00 GMT+01:00",
        "20240202T100000Z",
        "20240202100000",
        "202402021000",
        "2024-02-02T10:00:00Z",
    ],
)
def test_a_moment_is_read_however_it_is_written(text):
    assert written_date(text) == datetime(2024, 2, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["13th March 2024", "13/03/2024", "March 13, 2024", "2024-03-13", "20240313"])
def test_a_day_is_its_midnight_and_stands_before_the_month(text):
    assert written_date(text) == datetime(2024, 3, 13, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2024/02/05 10:00", "2024.02.05 10:00", "10:00 2024-02-05", "5/2/2024 10:00"])
def test_the_month_stands_in_the_middle(text):
    assert written_date(text) == datetime(2024, 2, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["12 PM", "12:00 pm", "12:00"])
def test_noon_is_twelve(text):
    assert written_date(f"2024-03-13 {text}") == datetime(2024, 3, 13, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Friday", "10:00", "2024", "Feb 2024", "30 Feb 2024", "2024-02-02 25:00"),
        *(
            "build 2024-02-02",
            "31/31/2024",
            "1706868000",
            "2024-02-02 10:00 +9999",
            "2024-02-02 10:00 XYZ",
            "yesterday",
            "1.2.3",
        ),
        "v1.2.2024-rc1",
    ],
)
def test_other_texts_are_no_dates(text):
    assert written_date(text) is None


@given(st.text(alphabet="0123456789 :-/.,+TZapmfebthCET", max_size=40) | st.text(max_size=40).map("2024 {}".format))
def test_no_text_makes_it_fail(text):
    found = written_date(text)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T13:00:00+01:00",
        "2026-01-31 12:00:00 UTC",
        "2026-01-31 12:00:00",
        "Sat, 31 Jan 2026 12:00:00 GMT",
        "31.01.2026 12:00",
        "2026/01/31 12:00:00",
        "Sat, 31 Jan 2026 13:00:00 +0100",
        "Sat Jan 31 2026 13:00:00 GMT+0100 (Central European Standard Time)",
        "Sat Jan 31 12:00:00 UTC 2026",
        "2026-01-31T13:00:00+01:00[Europe/Paris]",
        "2026-01-31 13:00:00 +0100 CET m=+0.012345",
        "2026-01-31 12:00:00.000000000 +0000 UTC",
        "2026-1-31T12:0:0",
        "1/31/2026 12:00:00 PM",
        "Jan 31, 2026, 12:00:00\u202fPM",
    ],
)
def test_common_forms_of_a_date_are_the_same_moment(text):
    assert read_date(text) == datetime(2026, 1, 31, 12, tzinfo=UTC)


@given(st.text(max_size=40))
def test_no_text_makes_the_date_reader_fail(text):
    moment = read_date(text)
    assert moment is None or moment.tzinfo is not None
