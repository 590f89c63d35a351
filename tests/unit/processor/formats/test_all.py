"""What holds for every format: its own example, any split of a file, any damage, values of any type."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_contract.formatters import FORMATTERS
from report_processor.detect import Head
from report_processor.formats import load, matches

FIXTURES = Path(__file__).parents[3] / "fixtures"
GOOD = ("good.xml", b"<testsuite name='s'><testcase name='t'/></testsuite>")
JSON_VALUES = [None, True, -1, 1e400, 10**30, "", "x" * 50, "\ud83c", [], {}, [[]], [{}], {"": 0}, ["a", 1, None, {}]]


def fixtures(key):
    """Reports of a format: its fixtures that are no archives, the small ones first, and its example."""
    folder = FIXTURES / key
    found = [path for path in folder.glob("*/*.*") if not path.name.endswith((".expected.json", ".zip"))]
    small = sorted(found, key=lambda path: path.stat().st_size)[:8]
    return [example_of(key), *(path.read_bytes() for path in small)]


def example_of(key):
    """The example's bytes."""
    formatter = FORMATTERS[key]
    return formatter.example.encode("latin-1" if "binary" in formatter.kinds else "utf-8")


def outcome(found):
    return found.results, found.containers, found.counts, [file["messages"] for file in found.files]


def codes(found):
    return {message["code"] for message in found.summary["messages"]}


@pytest.fixture(params=sorted(FORMATTERS))
def key(request):
    return request.param


def test_the_example_is_recognised_and_holds_results(key):
    example = FORMATTERS[key].example
    (detected,) = {found.key for found, _ in matches(Head(example, example_of(key)[:16]))} or {key}
    assert detected in {key, "junit"}
    found = read(("example", example_of(key)), formatter="" if detected == key else key)
    assert found.file["verdict"] == "parsed"
    assert found.counts["total"] >= 1
    assert set(found.codes) <= {"attachment_not_found"}


def test_what_is_listed_is_what_the_module_says(key):
    listed, found = FORMATTERS[key], load(key)
    assert (listed.key, listed.kinds, frozenset(listed.roots)) == (found.key, found.kinds, found.roots)
    assert found.expects.endswith(".")
    assert found.mapping.endswith(".")


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_any_split_of_the_bytes_gives_the_same_report(key, size):
    for data in fixtures(key)[: 3 if size == 1 else 9]:
        whole = read(("x", data), formatter=key)
        assert outcome(read(("x", Trickle(data, size)), formatter=key)) == outcome(whole)


def test_reports_are_not_taken_for_another_format(key):
    for data in fixtures(key):
        text = data.decode("utf-8", errors="replace")
        assert {found.key for found, _ in matches(Head(text[: 1 << 18], data[:16]))} <= {key, "junit"}


def test_a_file_that_ends_anywhere_gives_a_verdict(key):
    for data in fixtures(key)[:5]:
        for stop in random.Random(1).sample(range(len(data)), min(len(data), 25)):
            found = read(("cut", data[:stop]), GOOD, formatter="")
            assert "internal_error" not in codes(found), stop
            assert found.files[1]["counts"]["passed"] == 1


def test_any_damaged_bytes_give_a_verdict_and_spare_the_neighbours(key):
    reports = fixtures(key)

    @given(st.data())
    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    def holds(data):
        report = bytearray(data.draw(st.sampled_from(reports)))
        for _ in range(data.draw(st.integers(1, 3))):
            report[data.draw(st.integers(0, len(report) - 1))] = data.draw(st.integers(0, 255))
        bad, good = (found := read(("bad", bytes(report)), GOOD)).files
        assert "internal_error" not in codes(found)
        assert bad["verdict"] in {"parsed", "partly_parsed", "rejected", "attachment"}
        assert good["counts"]["passed"] == 1

    holds()


@pytest.mark.parametrize("key", sorted(key for key, one in FORMATTERS.items() if "json" in one.kinds))
def test_json_values_of_any_type_give_a_verdict(key):
    chance = random.Random(2)
    tried = 0
    for data in fixtures(key):
        for text in (data.decode(), *data.decode().splitlines()[:3]):
            try:
                document = json.loads(text)
            except ValueError:
                continue
            for _ in range(60):
                changed = json.dumps(mutated(document, chance)).encode()
                found = read(("odd", changed), formatter=key)
                tried += 1
                assert "internal_error" not in codes(found), changed
    assert tried >= 60


def mutated(value, chance):
    """The value with something inside it replaced, left out or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        change = chance.random()
        if change < 0.15:
            return {other: inside for other, inside in value.items() if other != name}
        if change < 0.25:
            return dict(sorted(value.items(), reverse=True))
        return {**value, name: mutated(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        change = chance.random()
        if change < 0.1:
            return [*value[:place], *value[place:], value[place]]
        return [*value[:place], mutated(value[place], chance), *value[place + 1 :]]
    return chance.choice(JSON_VALUES)
