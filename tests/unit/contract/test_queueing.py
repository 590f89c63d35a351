"""Who runs next."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from report_contract.queueing import Waiting, queue_order

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def waiting(report_id: int, profile: str = "web", priority: int = 0, at: float | None = None) -> Waiting:
    return Waiting(report_id, profile, priority, START + timedelta(seconds=report_id if at is None else at))


def order(items: list[Waiting], running: dict[str, int] | None = None, served: dict[str, datetime] | None = None):
    return [item.report_id for item in queue_order(items, running or {}, served)]


def test_first_in_is_first_out():
    assert order([waiting(3), waiting(1), waiting(2)]) == [1, 2, 3]


def test_of_the_same_moment_the_lower_number_is_first():
    assert order([waiting(2, at=0), waiting(1, at=0)]) == [1, 2]


def test_higher_priority_goes_first_whatever_the_profile():
    assert order([waiting(1), waiting(2, priority=5), waiting(3, "other", priority=-1)]) == [2, 1, 3]


def test_a_profile_with_many_does_not_starve_one_with_few():
    many = [waiting(number, "big") for number in range(1, 501)]
    assert order([*many, waiting(900, "small")])[:3] == [1, 900, 2]


def test_profiles_take_turns():
    items = [waiting(n, "a") for n in (1, 2, 3)] + [waiting(n, "b") for n in (4, 5)] + [waiting(6, "c")]
    assert order(items) == [1, 4, 6, 2, 5, 3]


def test_a_profile_that_runs_many_waits_for_the_others():
    items = [waiting(1, "a"), waiting(2, "b"), waiting(3, "b")]
    assert order(items, {"a": 2}) == [2, 3, 1]


def test_of_profiles_that_run_equally_many_the_one_longest_not_served_is_next():
    items = [waiting(1, "a"), waiting(2, "a"), waiting(3, "b"), waiting(4, "c")]
    served = {"a": START + timedelta(seconds=90), "b": START + timedelta(seconds=80)}
    assert order(items, {}, served)[:3] == [4, 3, 1]


def test_with_one_slot_profiles_take_turns_too():
    queue = [waiting(number, "big") for number in range(1, 6)] + [waiting(9, "small"), waiting(10, "small")]
    served: dict[str, datetime] = {}
    ran = []
    for turn in range(4):
        chosen = next(queue_order(queue, {}, served))
        served[chosen.profile] = START + timedelta(minutes=turn)
        queue.remove(chosen)
        ran.append(chosen.report_id)
    assert ran == [1, 9, 2, 10]


items_of_any_kind = st.lists(
    st.builds(
        Waiting,
        report_id=st.integers(1, 10**6),
        profile=st.sampled_from("abc"),
        priority=st.integers(-2, 2),
        queued_at=st.integers(0, 100).map(lambda seconds: START + timedelta(seconds=seconds)),
    ),
    unique_by=lambda item: item.report_id,
    max_size=40,
)


@given(items_of_any_kind, st.dictionaries(st.sampled_from("abc"), st.integers(0, 5)))
def test_everybody_is_in_the_queue_once_and_nobody_overtakes_within_a_profile(items, running):
    ordered = list(queue_order(items, running))
    assert sorted(item.report_id for item in ordered) == sorted(item.report_id for item in items)
    assert [item.priority for item in ordered] == sorted((item.priority for item in items), reverse=True)
    for profile in "abc":
        mine = [(-item.priority, item.queued_at, item.report_id) for item in ordered if item.profile == profile]
        assert mine == sorted(mine)
