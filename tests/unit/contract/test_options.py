from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_contract.dates import read_date
from report_contract.options import OPTION_NAMES, ImportOptions, OptionError, read_options


def test_without_options_the_documented_defaults_hold():
    options = read_options([])
    assert options == ImportOptions()
    assert (options.smart, options.process_async, options.ignore_empty_report) == (True, True, False)


def test_tags_add_up_in_the_order_sent_and_lose_their_trailing_newline():
    assert read_options([("tag[]", "os:linux\n"), ("tag", "env:test")]).tags == ["os:linux", "env:test"]


def test_the_last_value_of_an_option_wins():
    assert read_options([("smart", "true"), ("smart", "false")]).smart is False


@pytest.mark.parametrize("word", ["true", "True", "1", "yes", "on"])
def test_a_flag_is_true_in_every_usual_spelling(word):
    assert read_options([("merge_containers", word)]).merge_containers is True


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("smart", "perhaps", "neither true nor false"),
        ("colour", "red", "'colour' is not an import option"),
        ("date", "rubbish", "'rubbish' is neither 'now' nor a date"),
        ("os", "x" * 1001, "at most 1000 characters, this value has 1001"),
        ("tag[]", "x" * 1001, "at most 1000 characters, this one has 1001"),
    ],
)
def test_an_option_that_is_not_understood_names_itself_and_its_rule(name, value, part):
    with pytest.raises(OptionError) as caught:
        read_options([(name, value)])
    assert caught.value.option == name
    assert part in caught.value.message


def test_more_tags_than_the_limit_are_refused_with_both_numbers():
    with pytest.raises(OptionError, match="at most 100 tags, this import has 101"):
        read_options([("tag[]", str(n)) for n in range(101)])


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


@given(st.lists(st.tuples(st.sampled_from(sorted(OPTION_NAMES)) | st.text(max_size=8), st.text(max_size=20))))
def test_any_pairs_give_options_or_an_error_that_names_the_option(pairs):
    refused = None
    try:
        read_options(pairs)
    except OptionError as error:
        refused = error
    assert refused is None or refused.option in refused.message or repr(refused.option) in refused.message
