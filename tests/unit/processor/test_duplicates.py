"""Results with the same identity: found among any number of them, in memory that does not grow with it."""

import hashlib
import tracemalloc

import pytest

from report_processor.duplicates import Duplicates


def digest(text: object) -> bytes:
    return hashlib.sha1(str(text).encode()).digest()


@pytest.fixture
def duplicates(tmp_path):
    found = Duplicates(tmp_path)
    yield found
    found.close()


def test_each_is_found_with_its_count_and_the_file_it_is_in(duplicates):
    duplicates.add(1, [digest("a"), digest("b"), digest("a")])
    duplicates.add(2, [digest("c"), digest("b")])
    duplicates.add(3, [digest("c"), digest("d"), digest("c")])
    assert sorted(duplicates.find()) == sorted([(digest("a"), 2, 1), (digest("b"), 2, 0), (digest("c"), 3, 0)])


def test_without_any_nothing_is_found(duplicates):
    duplicates.add(1, [digest(number) for number in range(1000)])
    assert list(duplicates.find()) == []


def test_a_million_results_of_one_name_cost_no_more_than_two(duplicates):
    many = [digest("same")] * 10_000
    for _ in range(100):
        duplicates.add(1, many)
    tracemalloc.start()
    try:
        assert list(duplicates.find()) == [(digest("same"), 1_000_000, 1)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000
