"""Skimming changes nothing but the speed: the typical report of each format, as it is and with something odd in it."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import assert_same, skimmed, unskimmed

from report_contract.formatters import FORMATTERS

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "benchmarks"))
from parse_formats import encoding, pieces_of, sample

KEYS = sorted(key for key in FORMATTERS if sample(key).exists())
TESTS = 120
UNSKIMMED = {
    *("junit",),  # has a skimmer of its own
    *(
        "cucumber",
        "gotest",
        "jest",
        "mocha",
        "mochawesome",
        "newman",
        "playwright",
        "pytest-json-report",
        "subunit",
        "tap",
    ),
}
RESULTS = {"serenity": 5}
"""Of a record, where it is not one."""
ODD = [b"", b"x", b"1", b"0", b" ", b"\n", b"-", b"&lt;", b"\xc3\xa9", b"\\n", b'"', b"FAIL"]


def written(key):
    """A typical report."""
    return "".join(pieces_of(key)(TESTS)).encode(encoding(key))


@pytest.mark.parametrize("key", KEYS)
def test_a_typical_report_is_the_same_with_and_without(key):
    data = written(key)
    assert_same(read((f"r.{key}", Trickle(data, 5_000)), formatter=key), unskimmed(data, key))


@pytest.mark.parametrize("key", KEYS)
@given(data=st.data())
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=15)
def test_one_with_something_odd_in_it_is_too(key, data):
    text = written(key)
    at = data.draw(st.integers(len(text) // 4, len(text) - 1))
    size = data.draw(st.integers(0, 12))
    odd = data.draw(st.sampled_from(ODD))
    changed = text[:at] + odd + text[at + size :]
    cut = data.draw(st.integers(300, 9_000))
    assert_same(read((f"r.{key}", Trickle(changed, cut)), formatter=key), unskimmed(changed, key))


@pytest.mark.parametrize("key", sorted(set(KEYS) - UNSKIMMED))
def test_most_of_a_typical_report_is_skimmed(key):
    data = written(key)
    records = len(unskimmed(data, key).results) // RESULTS.get(key, 1)
    assert skimmed(data, key) > 0.6 * records
