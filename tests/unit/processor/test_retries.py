"""Repeated test cases: which become attempts of one result, and which stay apart."""

import pytest
from support.reading import read


def suite(*cases):
    return f'<testsuite name="s">{"".join(cases)}</testsuite>'


def case(name="t", inside="", time="1"):
    return f'<testcase classname="C" name="{name}" time="{time}">{inside}</testcase>'


FAILURE = '<failure type="E" message="m">trace</failure>'
ERROR = '<error type="X" message="n">other</error>'


def test_a_pass_after_failures_of_the_same_name_is_one_flaky_result_with_all_attempts():
    found = read(suite(case(inside=FAILURE, time="1"), case("other"), case(inside=ERROR, time="2"), case(time="3")))
    assert found.counts == {**found.counts, "total": 2, "passed": 2, "failed": 0, "broken": 0}
    first, other = found.results
    assert (first["title"], first["status"], first["flaky"], first["duration"]) == ("t", "passed", True, 3)
    assert [(attempt[0], attempt[1]) for attempt in first["attempts"]] == [(1, 1), (2, 2), (0, 3)]
    assert first["attempts"][0][2:] == ("E", "m", "trace")
    assert other["title"] == "other"
    assert found.summary["attempt_count"] == 4
    assert found.summary["flaky_count"] == 1
    assert found.summary["duration"] == 4
    assert found.codes == []


def test_failures_without_a_pass_stay_apart_so_that_none_is_hidden():
    found = read(suite(case(inside=FAILURE), case(inside=FAILURE), case(inside=ERROR)))
    assert (found.counts["failed"], found.counts["broken"]) == (2, 1)
    assert found.codes == ["duplicate_names"]


def test_failures_are_attempts_where_another_test_shows_that_runs_are_written_so():
    flaky = (case("f", FAILURE), case("f"))
    found = read(suite(case(inside=FAILURE), *flaky, case(inside=FAILURE), case(inside=FAILURE, time="5")))
    assert (found.counts["failed"], found.counts["passed"]) == (1, 1)
    assert len(found.results[0]["attempts"]) == 3
    assert found.results[0]["duration"] == 5
    assert found.summary["duration"] == 6
    assert found.codes == []


def test_what_repeats_a_pass_stays_apart():
    found = read(suite(case(), case(), case(inside=FAILURE)))
    assert (found.counts["passed"], found.counts["failed"]) == (2, 1)


def test_a_skip_is_no_attempt():
    found = read(suite(case(inside=FAILURE), case(inside="<skipped/>")))
    assert (found.counts["failed"], found.counts["skipped"]) == (1, 1)


def test_equal_names_in_another_suite_or_class_are_another_test():
    found = read(f"<testsuites>{suite(case(inside=FAILURE))}{suite(case())}</testsuites>")
    assert (found.counts["failed"], found.counts["passed"]) == (1, 1)


def test_a_pass_in_the_middle_of_plain_ones_is_found_too():
    plain = [case(f"p{n}").replace("></testcase>", "/>") for n in range(300)]
    again = case().replace("></testcase>", "/>")
    found = read(suite(case(inside=FAILURE), *plain, again, *plain[:1]))
    assert found.counts["total"] == found.counts["passed"] == 302
    assert found.results[0]["flaky"]
    ids = [row["id"] for row in found.results]
    assert (ids[0], ids[1], ids[-1], len(set(ids))) == (1, 2, 303, 302)
    assert ids == sorted(ids)


def test_many_failures_are_held_in_bounded_memory_and_all_of_them_come_out():
    found = read(suite(*(case(f"t{n}", FAILURE) for n in range(5_000)), case("t4999"), case("t0")))
    assert found.counts["failed"] == 4_999
    assert found.counts["passed"] == 2  # t0 had to go before it passed
    assert len({row["id"] for row in found.results}) == found.counts["total"] == 5_001


def test_failures_of_all_open_suites_share_one_room(monkeypatch):
    monkeypatch.setattr("report_processor.retries._ROWS", 3)
    outer = "".join(case(f"o{n}", FAILURE) for n in range(3))
    inner = "".join(case(f"i{n}", FAILURE) for n in range(2))
    found = read(
        f'<testsuite name="a">{outer}<testsuite name="b">{inner}{case("i1")}</testsuite>{case("o2")}</testsuite>'
    )
    titles = {row["title"]: row["status"] for row in found.results if row["flaky"]}
    assert titles == {"o2": "passed"}  # those of the inner suite had no room
    assert found.counts["total"] == 6


def test_a_duration_that_only_a_failed_attempt_had_is_not_that_of_the_suite():
    passed = '<testcase classname="C" name="t"/>'
    found = read(suite(case(inside=FAILURE, time="0"), passed))
    assert found.results[0]["duration"] is None
    assert found.containers[0]["duration"] is None


PLAIN = '<testcase classname="C" name="t" time="1"/>\n'


@pytest.mark.parametrize(
    ("cases", "failed", "passed"),
    [
        ([case(inside=FAILURE), PLAIN, PLAIN], 1, 2),
        ([PLAIN, case(inside=FAILURE), PLAIN], 1, 2),
        ([case(inside=FAILURE), PLAIN, case(inside=FAILURE)], 2, 1),
        ([case(inside=FAILURE), PLAIN, case("other"), case(inside=FAILURE), PLAIN], 2, 3),
        ([case(inside=FAILURE), PLAIN.replace("/>", "><system-out>x</system-out></testcase>"), *[PLAIN] * 40], 1, 41),
    ],
)
def test_failures_are_no_attempts_where_the_name_is_used_again_after_a_pass(cases, failed, passed):
    # As data of one parametrised test, or single assertions (testthat).
    found = read(suite(*cases))
    assert (found.counts["failed"], found.counts["passed"]) == (failed, passed)
    assert found.summary["flaky_count"] == 0
    assert found.codes == ["duplicate_names"]
    assert sorted(row["id"] for row in found.results) == list(range(1, len(cases) + 1))
    assert found.summary["duration"] == len(cases)


@pytest.mark.parametrize("shared", [PLAIN * 2, PLAIN * 40, case() * 2, case(inside=FAILURE) + PLAIN * 2])
@pytest.mark.parametrize("shared_first", [True, False])
def test_nothing_is_joined_in_a_container_whose_tests_share_names(shared, shared_first):
    pair = case("u", FAILURE) + case("u")
    found = read(suite(shared + pair if shared_first else pair + shared))
    assert found.summary["flaky_count"] == 0
    assert found.counts["total"] == shared.count("<testcase") + 2


def test_other_containers_are_joined_all_the_same():
    found = read(f"<testsuites>{suite(PLAIN * 2)}{suite(case('u', FAILURE), case('u'))}</testsuites>")
    assert (found.summary["flaky_count"], found.counts["passed"]) == (1, 3)


def test_a_pass_that_had_to_go_for_want_of_room_stays_joined(monkeypatch):
    monkeypatch.setattr("report_processor.retries._ROWS", 4)
    found = read(
        suite(*(case(f"t{n}", FAILURE) + case(f"t{n}") for n in range(5)), *(case(f"u{n}", FAILURE) for n in range(5)))
    )
    assert (found.summary["flaky_count"], found.counts["passed"], found.counts["failed"]) == (5, 5, 5)
    assert sorted(row["id"] for row in found.results) == [1, 3, 5, 7, 9, *range(11, 16)]


def test_what_shares_a_name_and_is_not_joined_stays_in_the_order_of_the_file():
    found = read(suite(case(inside=FAILURE), case(time="2"), case(time="3"), case("other", time="4")))
    rows = sorted(found.results, key=lambda row: row["id"])
    assert [(row["id"], row["status"], row["duration"]) for row in rows] == [
        (1, "failed", 1),
        (2, "passed", 2),
        (3, "passed", 3),
        (4, "passed", 4),
    ]


def test_what_one_file_shows_at_the_top_does_not_bear_on_the_next():
    bare = "<testsuites>{}</testsuites>"
    found = read(bare.format(PLAIN * 2), bare.format(PLAIN), bare.format(case("u", FAILURE) + case("u")))
    assert found.summary["flaky_count"] == 1
