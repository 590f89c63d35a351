"""Skimming changes nothing but the speed: the typical report of each format, as it is and with something odd in it."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_contract.formatters import FORMATTERS
from report_processor.parsing.shapes import Run, Shapes

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "benchmarks"))
from parse_formats import encoding, pieces_of, sample

KEYS = sorted(key for key in FORMATTERS if sample(key).exists())
TESTS = 120
UNSKIMMED = {
    *("junit",),  # has a skimmer of its own
    *("allure", "cargo", "cucumber", "dart", "fink", "gotest", "jest", "mocha", "mochawesome", "newman"),
    *("playwright", "pytest-json-report", "serenity", "subunit", "tap"),
}
ODD = [b"", b"x", b"1", b"0", b" ", b"\n", b"-", b"&lt;", b"\xc3\xa9", b"\\n", b'"', b"FAIL"]


def written(key):
    """A typical report."""
    return "".join(pieces_of(key)(TESTS)).encode(encoding(key))


def assert_same(one, other):
    """All that a person would see; sums of durations may be rounded in another way."""
    assert one.results == other.results
    assert (one.counts, one.codes) == (other.counts, other.codes)
    assert len(one.containers) == len(other.containers)
    for container, same in zip(one.containers, other.containers, strict=True):
        assert container | {"duration": 0} == same | {"duration": 0}
        assert container["duration"] == pytest.approx(same["duration"], abs=2e-6)


def unskimmed(data, key):
    """What comes out without skimming."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shapes, "wants", lambda *_: False)
        return read((f"r.{key}", data), formatter=key)


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
def test_most_of_a_typical_report_is_skimmed(key, monkeypatch):
    skimmed, usual = [], Run.__init__

    def counting(run, plan, values, size, *others):
        skimmed.append(size)
        usual(run, plan, values, size, *others)

    monkeypatch.setattr(Run, "__init__", counting)
    read((f"r.{key}", Trickle(written(key), 5_000)), formatter=key)
    assert sum(skimmed) > 0.7 * TESTS
