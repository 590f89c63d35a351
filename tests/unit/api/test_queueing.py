from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.reports import NOON

from report_api import queueing
from report_api.queueing import snapshot
from report_contract.phases import Phase
from report_contract.resource import ReportImport, ReportImportSpec, ReportImportStatus, Source


def waiting(report_id, profile="a", priority=0, phase=None, seconds=None):
    status = {"phase": phase}
    if seconds is not None:
        status |= {"started_at": NOON, "completed_at": NOON + timedelta(seconds=seconds)}
    return ReportImport(
        spec=ReportImportSpec(
            report_id=report_id, profile=profile, priority=priority, source=Source(bucket="bucket", prefix="x")
        ),
        status=ReportImportStatus(**status),
    )


def positions(*resources):
    seen = snapshot(resources)
    return {each.report_id: seen.place(each.report_id).position for each in resources}


def test_first_come_first_served_within_a_profile():
    assert positions(waiting(2), waiting(1), waiting(3)) == {1: 1, 2: 2, 3: 3}


def test_a_higher_priority_goes_first():
    assert positions(waiting(1), waiting(2, priority=5)) == {1: 2, 2: 1}


def test_a_profile_with_many_imports_does_not_push_back_one_with_few():
    many = [waiting(number) for number in range(1, 501)]
    place = snapshot([*many, waiting(501, "b")]).place(501)
    assert (place.position, place.total) == (2, 501)


def test_turns_go_over_the_profiles():
    resources = [waiting(1, "a"), waiting(2, "a"), waiting(3, "b"), waiting(4, "b"), waiting(5, "c")]
    assert positions(*resources) == {1: 1, 3: 2, 5: 3, 2: 4, 4: 5}


def test_a_profile_that_runs_one_already_lets_the_others_go_first():
    assert positions(waiting(2, "a"), waiting(3, "b")) == {2: 1, 3: 2}
    seen = snapshot([waiting(1, "a", phase=Phase.RUNNING), waiting(2, "a"), waiting(3, "b")])
    assert (seen.place(3).position, seen.place(2).position) == (1, 2)


def test_what_runs_or_has_ended_has_no_place():
    seen = snapshot([waiting(1, phase=Phase.RUNNING), waiting(2, phase=Phase.FAILED), waiting(3)])
    assert (seen.place(1), seen.place(2), seen.place(99)) == (None, None, None)
    assert (seen.total, seen.running) == (1, 1)


def test_the_estimate_counts_what_runs_at_once():
    resources = [waiting(n, phase=Phase.RUNNING) for n in (1, 2)]
    resources += [waiting(3, phase=Phase.SUCCEEDED, seconds=10), waiting(4, phase=Phase.FAILED, seconds=30)]
    resources += [waiting(5), waiting(6)]
    seen = snapshot(resources)
    assert (seen.place(5).estimated_seconds, seen.place(6).estimated_seconds) == (10.0, 20.0)


def test_a_queue_too_long_to_look_through_is_counted_only(monkeypatch):
    monkeypatch.setattr(queueing, "MAX_ENTRIES", 3)
    seen = snapshot(waiting(number) for number in range(1, 11))
    assert seen.total == 10
    assert seen.place(1) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), min_size=1, max_size=12))
def test_every_place_is_taken_once(entries):
    resources = [waiting(number, profile, priority) for number, (profile, priority) in enumerate(entries, 1)]
    assert sorted(positions(*resources).values()) == list(range(1, len(entries) + 1))
