"""TAP: what the fixtures do not show."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read, read_apart

from report_processor import limits
from report_processor.detect import Head
from report_processor.formats.tap import FORMAT, recognise


def results(text):
    return [(found["title"], found["status"]) for found in read(text).results]


def only(text):
    (found,) = read(text).results
    return found


def test_the_example_is_recognised_and_read():
    assert recognise(Head(FORMAT.example))
    assert results(FORMAT.example) == [("signs in", "passed"), ("signs out", "failed"), ("prints", "skipped")]


@pytest.mark.parametrize(
    "text",
    [
        "ok, so this is how it went\nok then\nnot ok for me\n",
        "ok  \texample.com/package\t0.004s\nok  \texample.com/other\t0.1s\n",
        "Report of the day\n1..3 are the rooms\nok\n",
        "- 1..3\n- not ok\n",
        "1..5\n",
        "okay 1\nokay 2\n",
        "ok 2 - b\nok 5 - e\n",
    ],
)
def test_ordinary_text_is_no_tap(text):
    assert recognise(Head(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "TAP version 13\n",
        "> test\n> node --test\n\nTAP version 13\nok 1 - a\n",
        "1..1\nok\n1..1\nok 1\n",
        "ok 1 - a\nok 2 - b\nnot ok 3 - c\n",
        "some output\nok 1 - a\n1..1\n",
        "1..0 # Skipped: no printer\n",
    ],
)
def test_tap_is_recognised_with_and_without_version_and_plan(text):
    assert recognise(Head(text))


def test_a_point_needs_neither_number_nor_title_nor_dash():
    found = read("TAP version 13\nok\nnot ok\nok 3\nok 4 -\nok - five\nok six\n1..6\n")

    assert [result["title"] for result in found.results] == ["test 1", "test 2", "test 3", "test 4", "five", "six"]
    assert found.codes == ["missing_name"]


@pytest.mark.parametrize(
    ("line", "title", "status", "reason"),
    [
        ("ok 1 - a # skip", "a", "skipped", ""),
        ("ok 1 - a # SKIPPED: why", "a", "skipped", "why"),
        ("not ok 1 - a # Skip why", "a", "skipped", "why"),
        ("ok 1 - a # todo why", "a", "unknown", "why"),
        ("ok 1 - a #TODO why", "a", "unknown", "why"),
        ("ok 1 - a \\# SKIP why", "a # SKIP why", "passed", ""),
        ("ok 1 - a # skipper", "a", "skipped", ""),
        ("ok 1 - a # todos", "a # todos", "passed", ""),
        ("ok 1 - issue #12 # SKIP why # not", "issue #12", "skipped", "why # not"),
    ],
)
def test_directives(line, title, status, reason):
    found = only(f"1..1\n{line}\n")

    assert (found["title"], found["status"], found["exception_description"]) == (title, status, reason)


def test_times_of_node_tap_are_durations_also_beside_a_directive():
    text = "TAP version 14\nok 1 - a # time=12.5ms\nok 2 - b # SKIP why # time=2s\nok 3 - c # time=1ms # TODO\n1..3\n"

    assert [result["duration"] for result in read(text).results] == [0.0125, 2.0, 0.001]


def test_a_time_in_a_title_is_only_cut_when_the_first_test_has_one():
    assert results("1..2\nok 1 starts\nok 2 answers in 5ms\n") == [("starts", "passed"), ("answers in 5ms", "passed")]


def test_subtests_in_braces():
    text = """TAP version 13
ok 1 - outer # time=5ms {
    ok 1 - first
    not ok 2 - inner {
        not ok 1 - second
        1..1
    }
    1..2
}
not ok 2 - late
  ---
  message: why
  ...
{
    ok 1 - third
    1..1
}
1..2
"""
    found = read(text)

    assert [(found.path(row), row["title"], row["status"]) for row in found.results] == [
        (["outer"], "first", "passed"),
        (["outer", "inner"], "second", "failed"),
        (["late"], "third", "passed"),
        (["late"], "late", "failed"),
    ]
    assert found.results[-1]["exception_description"] == "why"
    assert found.codes == []


def test_a_failed_subtest_is_a_result_only_when_no_test_in_it_failed():
    one = "# Subtest: a\n    1..2\n    ok 1 - x\nnot ok 1 - a\n"
    other = "# Subtest: b\n    not ok 1 - y\n    1..1\nnot ok 2 - b\n"
    found = read(f"TAP version 14\n{one}{other}1..2\n")

    assert [(found.path(row), row["title"]) for row in found.results] == [
        (["a"], "x"),
        (["a"], "a"),
        (["b"], "y"),
    ]
    assert found.codes == ["suite_count_differs"]


def test_a_subtest_may_be_named_inside_of_it():
    text = "1..1\n    # Subtest: inside\n    ok 1 - x\n    1..1\nok 1 - inside\n"
    found = read(text)

    assert found.path(found.results[0]) == ["inside"]


def test_indented_output_is_no_subtest():
    assert results("1..1\n    ok then\n    not ok at all\nnot ok 1 - a\n") == [("a", "failed")]


def test_equal_titles_are_told_apart_so_that_no_failure_looks_like_an_attempt():
    found = read("1..3\nnot ok 1 - is true\nok 2 - is true\nok 3 - is true\n")

    assert [row["title"] for row in found.results] == ["is true", "is true #2", "is true #3"]
    assert found.counts["failed"] == 1


def test_several_streams_in_one_file():
    text = "1..2\nok 1 - a\nok 2 - b\n1..1\nok 1 - a\nTAP version 13\nok 1 - c\nok 2 - d\n1..2\nok 1 - e\n1..1\n"
    found = read(text)

    assert [row["title"] for row in found.results] == ["a", "b", "a", "c", "d", "e"]
    assert found.codes == ["duplicate_names"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ok 1 - a\nok 3 - c\n1..2\n", ["suite_count_differs"]),
        ("ok 1 - a\nok 1 - b\n1..2\n", ["suite_count_differs"]),
        ("ok 1 - a\nok 2 - b\n1..3\n", ["suite_count_differs"]),
        ("ok 1 - a\nok 2 - b\n", ["suite_count_differs"]),
        ("1..1\nok 1 - a\nok 2 - b\n", ["suite_count_differs"]),
        ("ok 1 - a\nok 2 - b\n1..2\n", []),
        ("1..2\nok - a\nok - b\n", []),
    ],
)
def test_plans_and_numbers_that_do_not_fit_are_told(text, codes):
    assert read(text).codes == codes


def test_a_plan_that_promised_more_means_that_the_file_is_cut():
    found = read("1..3\nok 1 - a\n# Looks like your test exited with 2 just after 1.\n")

    assert found.file["verdict"] == "partly_parsed"
    assert "exited with 2" in found.message("truncated_file")["message"]


def test_bail_out_is_one_result_at_whatever_depth_it_is_said():
    text = "TAP version 14\n# Subtest: a\n    ok 1 - x\n    Bail out! no disk\nBail out! no disk\n"

    assert results(text) == [("x", "passed"), ("Bail out!", "broken")]


def test_yaml_that_is_none_and_a_block_without_end():
    text = "1..2\nnot ok 1 - a\n  ---\n  : : :\n\tname\n  - x\n  key: 'it''s'\n  \"q\": \"\\ud800\"\nok 2 - b\n"
    found = read(text)

    assert [row["title"] for row in found.results] == ["a", "b"]
    assert ("key", "it's") in found.results[0]["labels"]


def test_output_that_has_no_end_is_cut_and_the_memory_is_bounded():
    lines = "x" * 100 + "\n"
    found = read("1..1\nnot ok 1 - a\n" + lines * 20_000)

    assert len(found.results[0]["exception_backtrace"]) < limits.BACKTRACE + 100
    assert "field_cut" in found.codes


def test_a_duration_that_is_none_is_told():
    text = "1..2\nok 1 - a\n  ---\n  duration_ms: soon\n  ...\nok 2 - b\n  ---\n  duration_ms: -1\n  ...\n"

    assert read(text).codes == ["invalid_duration"]


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)
title = (
    st.lists(words, min_size=1, max_size=3).map(" ".join).filter(lambda text: text[0] not in "-{" and text[-1] != "{")
)
outcome = st.sampled_from(["passed", "failed", "skipped", "unknown"])
point = st.tuples(title, outcome, st.one_of(st.none(), st.integers(0, 10**7).map(lambda value: value / 1000)))
stream = st.recursive(
    st.tuples(title, st.lists(point, min_size=1, max_size=4), st.just([])),
    lambda inner: st.tuples(title, st.lists(point, min_size=1, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=5,
)


def escaped(text):
    return text.replace("\\", "\\\\").replace("#", "\\#")


def written(items, depth):
    pad, lines, number = "    " * depth, [], 0
    _, points, inner = items
    for name, status, milliseconds in points:
        number += 1
        good = "not ok" if status == "failed" else "ok"
        directive = {"skipped": " # SKIP why", "unknown": " # TODO why"}.get(status, "")
        lines.append(f"{pad}{good} {number} - {escaped(name)}{directive}")
        if milliseconds is not None:
            lines += [f"{pad}  ---", f"{pad}  duration_ms: {milliseconds:.3f}", f"{pad}  ..."]
    for one in inner:
        number += 1
        lines += [f"{pad}# Subtest: {escaped(one[0])}", *written(one, depth + 1)]
        lines.append(f"{pad}{'not ok' if bad(one) else 'ok'} {number} - {escaped(one[0])}")
    return [*lines, f"{pad}1..{number}"]


def bad(items):
    return any(status == "failed" for _, status, _ in items[1]) or any(map(bad, items[2]))


def expected(items, path):
    seen = {}
    for name, status, milliseconds in items[1]:
        seen[name] = times = seen.get(name, 0) + 1
        seconds = None if milliseconds is None else round(milliseconds / 1000, 9)
        yield path, f"{name} #{times}" if times > 1 else name, status, seconds
    for one in items[2]:
        yield from expected(one, [*path, one[0]])


@given(stream, st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_stream_written_as_tap_and_read_back_is_equal(items, size):
    text = "TAP version 14\n" + "\n".join(written(items, 0)) + "\n"
    found = read_apart(("r.tap", Trickle(text.encode(), size)))

    seen = [(found.path(row), row["title"], row["status"], row["duration"]) for row in found.results]
    assert seen == list(expected(items, []))


@pytest.mark.parametrize(
    "text", ["1..0\n", "1..1\nnot ok\n", "\x1b[32mok\x1b[0m 1 - a\n1..1\n", "KTAP version 1\n1..0\n"]
)
def test_scant_and_coloured_tap_is_tap(text):
    assert recognise(Head(text))


@pytest.mark.parametrize(
    ("line", "title", "status", "reason"),
    [
        ("ok 1 a # XFAIL known", "a", "unknown", "known"),
        ("not ok 1 a # TIMEOUT 45 seconds", "a", "broken", "45 seconds"),
        ("not ok 1 a # ERROR no device", "a", "broken", "no device"),
        ("not ok 1 selftests: net: a # exit=1", "selftests: net: a", "failed", "exit=1"),
        ("not ok 1 the # error", "the # error", "failed", ""),
        ("not ok 1 - Failure: FooTest::testB", "FooTest::testB", "failed", ""),
        (
            r"not ok 1 - Error: App\FooTest::testB with data set #0",
            r"App\FooTest::testB with data set #0",
            "broken",
            "",
        ),
        ("not ok 1 - Error: it is late", "Error: it is late", "failed", ""),
        ("\x1b[31mnot ok\x1b[0m 1 - \x1b[1mred\x1b[22m", "red", "failed", ""),
    ],
)
def test_what_tools_write_around_a_title_is_no_title(line, title, status, reason):
    found = only(f"1..1\n{line}\n")
    assert (found["title"], found["status"], found["exception_description"]) == (title, status, reason)


def test_subtests_of_ktap_may_be_indented_by_two():
    found = read("""KTAP version 1
1..2
  KTAP version 1
  1..1
    KTAP version 1
    1..2
    ok 1 a
    ok 2 b # SKIP
  ok 1 inner
ok 1 outer
  KTAP version 1
  1..2
  ok 1 c
  not ok 2 d
not ok 2 other
# Totals: pass:2 fail:1 xfail:0 xpass:0 skip:1 error:0
""")
    assert not found.codes
    assert [(one["container_path"], one["title"], one["status"]) for one in found.results] == [
        ("outer > inner", "a", "passed"),
        ("outer > inner", "b", "skipped"),
        ("other", "c", "passed"),
        ("other", "d", "failed"),
    ]


def test_prove_may_tell_times():
    found = read("""[10:00:01] t/a.t ..
1..1
ok 1 - one
ok     1512 ms ( 0.00 usr  0.00 sys +  0.04 cusr  0.00 csys =  0.04 CPU)
[10:00:02] t/b.t .. skipped: no net
[10:00:02] t/c.t ..
ok 1 - two
1..1
ok        3 ms
[10:00:03]
All tests successful.
""")
    assert not found.codes
    assert [(one["container_path"], one["title"]) for one in found.results] == [
        ("t/a.t", "one"),
        ("t/b.t", "all tests"),
        ("t/c.t", "two"),
    ]


def test_a_comment_before_the_plan_is_no_group():
    found = only("TAP version 13\n# random seed: R02S1f1a\n1..1\n# Start of a tests\nok 1 /a/b\n")
    assert (found["container_path"], found["description"]) == ("", "random seed: R02S1f1a\nStart of a tests")
