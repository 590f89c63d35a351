import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(st.lists(st.tuples(st.sampled_from(sorted(OPTION_NAMES)) | st.text(max_size=8), st.text(max_size=20))))
def test_any_pairs_give_options_or_an_error_that_names_the_option(pairs):
    refused = None
    try:
        read_options(pairs)
    except OptionError as error:
        refused = error
    assert refused is None or refused.option in refused.message or repr(refused.option) in refused.message
