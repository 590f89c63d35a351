"""Repeated test cases: which become attempts of one result, and which stay apart."""

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
    assert [row["id"] for row in found.results] == list(range(1, 303))


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
