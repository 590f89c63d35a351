"""The operator's table, row by row. ``reconcile`` is a pure function, so each rule is one call."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.imports import NOW, a_final_record, ago, an_import, ended, later, queued, running

from report_contract.phases import TERMINAL_PHASES, Phase
from report_contract.resource import ReportImport
from report_operator.actions import (
    Action,
    Announce,
    ApplyStatus,
    DeleteResource,
    LookIntoStorage,
    StartJob,
    StopJob,
    WakeAt,
    WriteFinal,
)
from report_operator.case import Observed
from report_operator.observed import End, JobObservation, Trouble
from report_operator.ports import JobPlan
from report_operator.reconcile import reconcile
from report_operator.requesting import Storage
from report_operator.settings import Limits

LIMITS = Limits(
    max_attempts=3,
    max_disruptions=2,
    retry_delay_seconds=5,
    memory="512Mi",
    memory_cap="2Gi",
    queue_deadline_seconds=3600,
    start_deadline_seconds=600,
    run_deadline_seconds=7200,
    heartbeat_timeout_seconds=180,
    stop_deadline_seconds=120,
    exit_grace_seconds=60,
    finished_ttl_seconds=86400,
)
MIB = 2**20
NOTHING = Storage(bucket="report-import", requested=True)
ARCHIVED = replace(NOTHING, final=a_final_record())


def decide(resource: ReportImport, *jobs: JobObservation, now: datetime = NOW, **observed: Any) -> list[Action]:
    return reconcile(Observed(resource, jobs, **observed), now, LIMITS)


def a_job(attempt: int = 1, **changes: Any) -> JobObservation:
    """A Job whose container has run for 40 seconds."""
    base = {
        "name": f"report-41-{attempt}",
        "attempt": attempt,
        "created_at": ago(50),
        "counted": attempt,
        "memory_bytes": 512 * MIB,
        "started_at": ago(40),
    }
    return JobObservation(**(base | changes))


def an_ended_job(end: End, attempt: int = 1, **changes: Any) -> JobObservation:
    return a_job(attempt, **({"end": end, "alive": False, "ended_at": ago(100), "exit_code": 1} | changes))


def of_type(actions: list[Action], kind: type) -> list[Any]:
    return [action for action in actions if isinstance(action, kind)]


def status_of(actions: list[Action]) -> dict[str, Any]:
    (applied,) = of_type(actions, ApplyStatus)
    return applied.status


def kinds(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def conditions(status: dict[str, Any]) -> dict[str, str]:
    return {one["type"]: one["status"] for one in status["conditions"]}


# No phase


def test_a_new_import_is_first_looked_up_in_storage():
    assert decide(an_import()) == [LookIntoStorage()]


def test_a_new_import_is_put_in_the_queue():
    actions = decide(an_import(), storage=NOTHING)
    assert kinds(actions) == ["ApplyStatus", "Announce"]
    status = status_of(actions)
    assert (status["phase"], status["message"]) == ("Queued", "Import has been put in the queue.")
    assert status["queuedAt"] == "2026-03-01T12:00:00Z"
    assert conditions(status) == {
        "Accepted": "True",
        "Processing": "False",
        "Complete": "False",
        "Ready": "False",
        "Stalled": "False",
    }


def test_a_new_import_that_storage_knows_to_have_ended_is_adopted():
    actions = decide(an_import(), storage=ARCHIVED)
    assert status_of(actions)["phase"] == "Succeeded"
    assert not of_type(actions, WriteFinal)


def test_an_import_made_by_hand_gets_its_request_written_before_it_is_queued():
    storage = replace(NOTHING, requested=False, sizes={"imports/41/upload/1/r.xml": 99})
    actions = decide(an_import(formatter="junit", priority=5), storage=storage)
    assert kinds(actions) == ["WriteRequest", "ApplyStatus", "Announce"]
    request = actions[0].request
    assert (request.report_id, request.profile, request.formatter, request.priority) == (41, "web", "junit", 5)
    assert [(file.key, file.size) for file in request.files] == [("imports/41/upload/1/r.xml", 99)]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ({"bucket": "other-bucket"}, "spec.source.bucket is other-bucket"),
        ({"prefix": "imports/7/"}, "spec.source.prefix is imports/7/"),
        ({"files": []}, "spec.source.files is empty"),
        ({"fileCount": 500}, "spec.source.fileCount is 500"),
        ({}, "has no object imports/41/upload/1/r.xml"),
    ],
)
def test_an_import_made_by_hand_that_cannot_be_read_fails_and_says_which_field(source, complaint):
    good = an_import().spec.source.model_dump()
    actions = decide(an_import(source=good | source), storage=replace(NOTHING, requested=False))
    status = status_of(actions)
    assert (status["phase"], status["reason"]) == ("Failed", "InvalidRequest")
    assert complaint in status["message"]
    assert kinds(actions) == ["WriteFinal", "WriteEntry", "ApplyStatus", "Announce"]


def test_an_import_made_by_hand_with_an_unknown_formatter_fails():
    storage = replace(NOTHING, requested=False, sizes={"imports/41/upload/1/r.xml": 99})
    assert (
        "spec.formatter nonsense is not one of: junit"
        in status_of(decide(an_import(formatter="nonsense"), storage=storage))["message"]
    )


def test_an_import_that_is_being_deleted_is_left_alone():
    resource = an_import()
    resource = resource.model_copy(
        update={"metadata": resource.metadata | {"deletionTimestamp": "2026-03-01T12:00:00Z"}}
    )
    assert decide(resource) == []


# Queued


def test_a_queued_import_without_a_slot_waits_until_its_deadline():
    assert decide(queued(seconds=60)) == [WakeAt(later(3540))]


def test_a_queued_import_with_a_slot_gets_its_first_job_and_then_runs():
    actions = decide(queued(), slot=True)
    assert kinds(actions) == ["StartJob", "ApplyStatus", "Announce"]
    assert actions[0] == StartJob(JobPlan(41, 1, 1, 512 * MIB))
    status = status_of(actions)
    assert (status["phase"], status["reason"], status["job"]) == ("Running", "Starting", "report-41-1")
    assert status["attempts"] == {"started": 1, "counted": 1, "memoryBytes": 512 * MIB, "lastReason": ""}
    assert status["queuedAt"] == "2026-03-01T11:59:00Z"
    assert conditions(status)["Processing"] == "True"


def test_a_job_whose_creation_was_not_told_any_more_is_told_now():
    actions = decide(queued(), a_job(started_at=None))
    assert kinds(actions) == ["ApplyStatus", "WakeAt"]
    assert status_of(actions)["job"] == "report-41-1"


@pytest.mark.parametrize(("seconds", "over"), [(3599, False), (3600, True)])
def test_waiting_in_the_queue_has_a_deadline(seconds, over):
    actions = decide(queued(seconds=seconds), storage=NOTHING)
    assert bool(of_type(actions, ApplyStatus)) is over
    if over:
        status = status_of(actions)
        assert (status["phase"], status["reason"]) == ("Failed", "QueueDeadlineExceeded")
        assert status["message"] == "The import waited for 1 h in the queue and was never started."


def test_an_import_that_waited_too_long_is_not_started_any_more():
    assert not of_type(decide(queued(seconds=3600), slot=True, storage=NOTHING), StartJob)


# Starting


def test_an_attempt_that_starts_waits_until_its_start_deadline():
    assert decide(running(), a_job(started_at=None))[-1] == WakeAt(later(550))


@pytest.mark.parametrize(
    ("trouble", "reason", "text"),
    [
        (Trouble.IMAGE, "ImagePullFailed", "The processor's image cannot be pulled: no such image"),
        (Trouble.UNSCHEDULABLE, "Unschedulable", "No node can run the import: no such image"),
        (Trouble.CONFIG, "Starting", "The processor's container cannot be created: no such image"),
    ],
)
def test_what_keeps_an_attempt_from_starting_is_said_at_once(trouble, reason, text):
    actions = decide(running(), a_job(started_at=None, trouble=trouble, detail="no such image"))
    status = status_of(actions)
    assert (status["phase"], status["reason"], status["message"]) == ("Running", reason, text)
    assert not of_type(actions, StopJob)


@pytest.mark.parametrize(("age", "over"), [(599, False), (600, True)])
def test_starting_has_a_deadline(age, over):
    job = a_job(created_at=ago(age), started_at=None, trouble=Trouble.IMAGE, detail="no such image")
    actions = decide(running(), job)
    assert bool(of_type(actions, StopJob)) is over
    if over:
        assert kinds(actions)[:2] == ["ApplyStatus", "StopJob"]
        status = status_of(actions)
        assert status["reason"] == "StartDeadlineExceeded"
        assert "did not start within 10 min" in status["message"]
        assert "no such image" in status["message"]


def test_an_attempt_that_never_started_fails_once_its_job_is_gone_and_is_not_tried_again():
    told = {"reason": "StartDeadlineExceeded", "message": "The import did not start within 10 min. No image."}
    actions = decide(running(status=told), storage=NOTHING)
    status = status_of(actions)
    assert (status["phase"], status["reason"], status["message"]) == ("Failed", told["reason"], told["message"])


def test_a_job_suspended_by_kueue_waits_for_the_queue_deadline_instead():
    job = a_job(created_at=ago(3000), started_at=None, suspended=True)
    assert not of_type(decide(running(status={"queued_at": ago(3599)}), job), StopJob)
    actions = decide(running(status={"queued_at": ago(3600)}), job)
    assert status_of(actions)["reason"] == "QueueDeadlineExceeded"
    assert of_type(actions, StopJob)


# Running


def test_a_running_attempt_is_told_and_looked_at_again_when_its_heartbeat_would_be_silent():
    actions = decide(running(), a_job(), heartbeat_seen_at=ago(10))
    status = status_of(actions)
    assert (status["reason"], status["message"]) == ("Processing", "Import is being processed.")
    assert actions[-1] == WakeAt(later(170))


def test_what_is_told_already_is_not_told_again():
    told = status_of(decide(running(), a_job()))
    again = running().model_copy(update={"status": running().status.model_validate(told)})
    assert kinds(decide(again, a_job())) == ["WakeAt"]


def test_progress_of_the_processor_changes_nothing():
    told = status_of(decide(running(), a_job()))
    status = running().status.model_validate(
        told | {"progress": {"percent": 50, "heartbeatAt": "2026-03-01T12:00:00Z"}}
    )
    assert kinds(decide(running().model_copy(update={"status": status}), a_job())) == ["WakeAt"]


@pytest.mark.parametrize(("silence", "over"), [(179, False), (180, True)])
def test_a_silent_heartbeat_stops_the_attempt_and_says_why_first(silence, over):
    actions = decide(running(), a_job(started_at=ago(1000)), heartbeat_seen_at=ago(silence))
    assert bool(of_type(actions, StopJob)) is over
    if over:
        assert kinds(actions)[:2] == ["ApplyStatus", "StopJob"]
        assert status_of(actions)["reason"] == "Stalled"


def test_the_first_heartbeat_has_its_time_from_the_start_of_the_container():
    assert not of_type(decide(running(), a_job(started_at=ago(179)), heartbeat_seen_at=None), StopJob)
    assert of_type(decide(running(), a_job(started_at=ago(180)), heartbeat_seen_at=ago(500)), StopJob)


@pytest.mark.parametrize(("age", "over"), [(7199, False), (7200, True)])
def test_running_has_a_deadline(age, over):
    actions = decide(running(), a_job(started_at=ago(age)), heartbeat_seen_at=NOW)
    assert bool(of_type(actions, StopJob)) is over
    if over:
        assert status_of(actions)["reason"] == "DeadlineExceeded"
        assert status_of(actions)["message"] == "Attempt 1 ran longer than 2 h and was stopped."


@pytest.mark.parametrize("reason", ["Stalled", "DeadlineExceeded"])
def test_a_stop_that_was_told_but_not_done_is_done(reason):
    actions = decide(running(status={"reason": reason}), a_job())
    assert kinds(actions) == ["StopJob", "WakeAt"]


def test_a_stop_of_the_attempt_before_is_not_done_to_the_next_one():
    actions = decide(running(status={"reason": "Stalled"}), a_job(2))
    assert not of_type(actions, StopJob)
    assert status_of(actions)["attempts"]["started"] == 2


@pytest.mark.parametrize("reason", ["Stalled", "DeadlineExceeded"])
def test_a_stopped_attempt_is_followed_by_another_once_it_is_gone(reason):
    resource = running(status={"reason": reason, "message": "Attempt 1 was stopped."})
    assert kinds(decide(resource, a_job(stopping_since=ago(10)))) == ["WakeAt"]
    assert decide(resource) == [LookIntoStorage()]
    actions = decide(resource, storage=NOTHING)
    assert actions[0] == StartJob(JobPlan(41, 2, 2, 512 * MIB, reason))
    assert status_of(actions)["message"] == "Attempt 1 was stopped. Attempt 2 follows."


@pytest.mark.parametrize("reason", ["Stalled", "DeadlineExceeded"])
def test_the_last_stopped_attempt_fails_the_import_with_its_reason(reason):
    resource = running(started=3, status={"reason": reason, "message": "Attempt 3 was stopped."})
    status = status_of(decide(resource, storage=NOTHING))
    assert (status["phase"], status["reason"]) == ("Failed", reason)
    assert status["attempts"]["lastReason"] == reason


@pytest.mark.parametrize(("since", "waits"), [(119, True), (120, False)])
def test_a_job_that_does_not_stop_is_not_waited_for_for_ever(since, waits):
    resource = running(status={"reason": "Stalled", "message": "Attempt 1 was stopped."})
    actions = decide(resource, a_job(stopping_since=ago(since)), storage=NOTHING)
    assert bool(of_type(actions, StartJob)) is not waits


# A Job that ended


ENDS = [End.DONE, End.BAD_INPUT, End.OUT_OF_MEMORY, End.CRASHED, End.DISRUPTED, End.DEADLINE]


@pytest.mark.parametrize("end", ENDS)
def test_however_an_attempt_ended_storage_is_asked_first(end):
    assert decide(running(), an_ended_job(end)) == [LookIntoStorage()]


@pytest.mark.parametrize("end", ENDS)
def test_however_an_attempt_ended_an_existing_result_is_adopted(end):
    actions = decide(running(), an_ended_job(end), storage=ARCHIVED)
    status = status_of(actions)
    assert kinds(actions) == ["WriteEntry", "ApplyStatus", "Announce"]
    assert (status["phase"], status["counts"]["total"], status["completedAt"]) == (
        "Succeeded",
        8,
        "2026-03-01T11:59:55Z",
    )
    assert status["expiresAt"] == "2026-03-02T12:00:00Z"
    assert status["attempts"]["started"] == 1
    assert conditions(status) == {
        "Accepted": "True",
        "Processing": "False",
        "Complete": "True",
        "Ready": "True",
        "Stalled": "False",
    }


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (End.DONE, "ProcessorVanished"),
        (End.BAD_INPUT, "ProcessorVanished"),
        (End.CRASHED, "ProcessorCrashed"),
        (End.DEADLINE, "DeadlineExceeded"),
    ],
)
def test_an_attempt_without_a_result_is_tried_again_and_the_last_one_fails_the_import(end, reason):
    retry = decide(running(), an_ended_job(end), storage=NOTHING)
    assert retry[0] == StartJob(JobPlan(41, 2, 2, 512 * MIB, reason))
    assert status_of(retry)["reason"] == "Retrying"
    assert of_type(retry, Announce)[0].warning
    last = decide(running(started=3), an_ended_job(end, 3), storage=NOTHING)
    assert kinds(last) == ["WriteFinal", "WriteEntry", "ApplyStatus", "Announce"]
    assert (status_of(last)["phase"], status_of(last)["reason"]) == ("Failed", reason)
    assert "last of 3 attempts" in status_of(last)["message"]


def test_a_job_that_somebody_removed_is_an_attempt_that_vanished():
    actions = decide(running(), storage=NOTHING)
    assert actions[0] == StartJob(JobPlan(41, 2, 2, 512 * MIB, "ProcessorVanished"))


def test_the_pause_between_attempts_doubles():
    for attempt, pause in ((1, 5), (2, 10)):
        job = an_ended_job(End.CRASHED, attempt, ended_at=NOW)
        resource = running(started=attempt)
        actions = decide(resource, job, storage=NOTHING, now=later(pause - 0.1))
        assert kinds(actions) == ["ApplyStatus", "WakeAt"]
        assert actions[-1] == WakeAt(later(pause))
        assert status_of(actions)["reason"] == "Retrying"
        assert of_type(decide(resource, job, storage=NOTHING, now=later(pause)), StartJob)


def test_the_exit_code_and_what_kubernetes_says_are_told():
    actions = decide(running(), an_ended_job(End.CRASHED, exit_code=137, detail="Killed by hand"), storage=NOTHING)
    assert status_of(actions)["message"] == "Attempt 1 crashed with exit code 137. Killed by hand. Attempt 2 follows."


def test_where_there_is_one_attempt_it_is_the_only_one():
    limits = LIMITS.model_copy(update={"max_attempts": 1})
    actions = reconcile(Observed(running(), (an_ended_job(End.CRASHED),), storage=NOTHING), NOW, limits)
    assert status_of(actions)["message"].endswith("It was the only attempt.")


def test_what_people_are_told_of_a_crash_is_one_line_and_short():
    told = "Traceback\n  File 'x.py'\n" + "x" * 5000
    actions = decide(running(), an_ended_job(End.CRASHED, exit_code=1, detail=told), storage=NOTHING)
    message = status_of(actions)["message"]
    assert message.startswith("Attempt 1 crashed with exit code 1. Traceback File 'x.py' xxx")
    assert "\n" not in message
    assert len(message) < 500


def test_an_ended_container_whose_pod_is_still_there_is_waited_for():
    assert kinds(decide(running(), an_ended_job(End.CRASHED, alive=True), storage=NOTHING)) == ["WakeAt"]


def test_a_job_whose_creation_was_not_told_counts_as_written_on_it():
    job = an_ended_job(End.CRASHED, 3, counted=3, previous_reason="OutOfMemory")
    actions = decide(running(started=2), job, storage=NOTHING)
    assert status_of(actions)["phase"] == "Failed"
    assert status_of(actions)["attempts"]["started"] == 3


# Memory


def test_running_out_of_memory_doubles_it_at_once():
    job = an_ended_job(End.OUT_OF_MEMORY, ended_at=NOW)
    actions = decide(running(), job, storage=NOTHING)
    assert actions[0] == StartJob(JobPlan(41, 2, 2, 1024 * MIB, "OutOfMemory"))
    assert status_of(actions)["message"] == (
        "Attempt 1 ran out of memory at its limit of 512 MiB. Attempt 2 follows with 1 GiB."
    )


def test_memory_doubles_up_to_the_cap_and_no_further():
    job = an_ended_job(End.OUT_OF_MEMORY, 2, memory_bytes=1536 * MIB)
    assert decide(running(started=2), job, storage=NOTHING)[0].plan.memory_bytes == 2048 * MIB


def test_running_out_of_memory_at_the_cap_fails_with_the_numbers():
    job = an_ended_job(End.OUT_OF_MEMORY, 3, memory_bytes=2048 * MIB)
    status = status_of(decide(running(started=3), job, storage=NOTHING))
    assert (status["phase"], status["reason"]) == ("Failed", "OutOfMemory")
    assert "at its limit of 2 GiB" in status["message"]
    assert "More than 2 GiB is not allowed" in status["message"]


def test_the_limit_of_attempts_does_not_stop_the_memory_from_growing():
    job = an_ended_job(End.OUT_OF_MEMORY, 4, counted=4, memory_bytes=1024 * MIB)
    assert decide(running(started=4), job, storage=NOTHING)[0].plan.memory_bytes == 2048 * MIB


# Disruptions


def test_an_evicted_attempt_is_repeated_and_does_not_count():
    actions = decide(running(), an_ended_job(End.DISRUPTED, detail="Evicted"), storage=NOTHING)
    assert actions[0] == StartJob(JobPlan(41, 2, 1, 512 * MIB, "Disrupted"))
    attempts = status_of(actions)["attempts"]
    assert (attempts["started"], attempts["counted"], attempts["lastReason"]) == (2, 1, "Disrupted")


def test_an_evicted_attempt_is_repeated_even_when_it_was_the_last_that_counts():
    job = an_ended_job(End.DISRUPTED, 3, counted=3)
    assert decide(running(started=3), job, storage=NOTHING)[0] == StartJob(JobPlan(41, 4, 3, 512 * MIB, "Disrupted"))


def test_disruptions_have_a_limit_too():
    assert of_type(decide(running(started=2), an_ended_job(End.DISRUPTED, 2, counted=1), storage=NOTHING), StartJob)
    actions = decide(running(started=3), an_ended_job(End.DISRUPTED, 3, counted=1), storage=NOTHING)
    assert (status_of(actions)["phase"], status_of(actions)["reason"]) == ("Failed", "TooManyDisruptions")
    assert "3 attempts were lost" in status_of(actions)["message"]


def test_an_attempt_on_a_lost_node_is_given_up_after_the_stop_deadline():
    job = an_ended_job(End.DISRUPTED, alive=True, stopping_since=ago(119))
    assert kinds(decide(running(), job, storage=NOTHING)) == ["WakeAt"]
    assert of_type(decide(running(), replace(job, stopping_since=ago(120)), storage=NOTHING), StartJob)


# Several attempts


def test_an_earlier_attempt_that_came_back_is_stopped():
    actions = decide(running(started=2), a_job(1), a_job(2))
    assert of_type(actions, StopJob) == [StopJob("report-41-1")]


def test_ended_attempts_before_the_latest_do_not_matter():
    actions = decide(running(started=2), an_ended_job(End.OUT_OF_MEMORY, 1), a_job(2, memory_bytes=1024 * MIB))
    assert kinds(actions) == ["ApplyStatus", "WakeAt"]
    assert status_of(actions)["message"] == "Import is being processed (attempt 2)."


def test_why_there_is_another_attempt_is_told_until_its_container_runs():
    retrying = running(started=2, status={"reason": "Retrying", "message": "Attempt 1 crashed. Attempt 2 follows."})
    assert kinds(decide(retrying, a_job(2, started_at=None))) == ["WakeAt"]
    actions = decide(retrying, a_job(2, started_at=None, trouble=Trouble.UNSCHEDULABLE, detail="0/1 nodes"))
    assert status_of(actions)["reason"] == "Unschedulable"


# Cancelling


@pytest.mark.parametrize("resource", [an_import(cancel=True), queued(cancel=True)], ids=["new", "queued"])
def test_a_cancelled_import_that_never_ran_ends_at_once(resource):
    assert decide(resource) == [LookIntoStorage()]
    actions = decide(resource, storage=NOTHING)
    status = status_of(actions)
    assert kinds(actions) == ["WriteFinal", "WriteEntry", "ApplyStatus", "Announce"]
    assert (status["phase"], status["reason"]) == ("Cancelled", "CancelledByRequest")
    assert (conditions(status)["Complete"], conditions(status)["Ready"]) == ("True", "False")


def test_a_cancelled_import_s_job_is_stopped_first():
    actions = decide(running(cancel=True), a_job())
    assert kinds(actions) == ["ApplyStatus", "StopJob", "WakeAt"]
    status = status_of(actions)
    assert (status["phase"], status["reason"]) == ("Running", "Cancelling")
    assert status["attempts"]["started"] == 1


def test_a_cancelled_import_waits_for_its_job_to_be_gone():
    resource = running(cancel=True, status={"reason": "Cancelling", "message": "Import is being cancelled."})
    assert not of_type(decide(resource, a_job(stopping_since=ago(5))), WriteFinal)
    assert status_of(decide(resource, storage=NOTHING))["phase"] == "Cancelled"
    ended_job = an_ended_job(End.CRASHED)
    assert status_of(decide(resource, ended_job, storage=NOTHING))["phase"] == "Cancelled"


@pytest.mark.parametrize(("since", "waits"), [(119, True), (120, False)])
def test_a_cancelled_import_does_not_wait_for_ever(since, waits):
    actions = decide(running(cancel=True), a_job(stopping_since=ago(since)), storage=NOTHING)
    assert bool(of_type(actions, WriteFinal)) is not waits


def test_a_cancelled_import_that_finished_just_before_keeps_its_result():
    actions = decide(running(cancel=True), an_ended_job(End.DONE), storage=ARCHIVED)
    assert status_of(actions)["phase"] == "Succeeded"
    assert not of_type(actions, WriteFinal)


def test_cancelling_what_has_ended_changes_nothing():
    resource = ended(status={"expires_at": later(100)})
    cancelled = resource.model_copy(update={"spec": resource.spec.model_copy(update={"cancel": True})})
    assert decide(cancelled) == [WakeAt(later(100))]


# After the end


@pytest.mark.parametrize("phase", sorted(TERMINAL_PHASES))
def test_an_import_that_the_processor_ended_is_indexed_and_gets_its_time_to_live(phase):
    assert decide(ended(phase=phase)) == [LookIntoStorage()]
    actions = decide(ended(phase=phase), storage=replace(NOTHING, final=a_final_record(phase=phase)))
    assert kinds(actions) == ["WriteEntry", "ApplyStatus", "Announce"]
    assert actions[0].entry.phase is phase
    assert status_of(actions)["expiresAt"] == "2026-03-02T12:00:00Z"


def test_after_the_end_the_operator_never_applies_phase_reason_or_message():
    status = status_of(decide(ended(), storage=ARCHIVED))
    assert not {"phase", "reason", "message", "counts", "progress", "messages"} & set(status)
    assert status["attempts"]["started"] == 1
    assert status["job"] == "report-41-1"


def test_conditions_that_the_processor_did_not_write_are_mended():
    written = [
        {"type": kind, "status": flag, "reason": "Imported", "lastTransitionTime": "2026-03-01T11:59:50Z"}
        for kind, flag in (("Processing", "False"), ("Complete", "True"))
    ]
    assert conditions(status_of(decide(ended(), storage=ARCHIVED))) == {
        "Accepted": "True",
        "Processing": "False",
        "Complete": "True",
        "Ready": "True",
        "Stalled": "False",
    }
    kept = status_of(decide(ended(status={"conditions": written}), storage=ARCHIVED))["conditions"]
    assert [one["lastTransitionTime"] for one in kept if one["type"] in {"Processing", "Complete"}] == [
        "2026-03-01T11:59:50Z"
    ] * 2
    assert [one["lastTransitionTime"] for one in kept if one["type"] in {"Ready", "Stalled"}] == [
        "2026-03-01T12:00:00Z"
    ] * 2


def test_an_import_that_ended_without_an_archive_gets_one_first():
    actions = decide(ended(), storage=NOTHING)
    assert kinds(actions) == ["WriteFinal", "WriteEntry", "ApplyStatus", "Announce"]
    assert actions[0].record.status.message == "All is well."


@pytest.mark.parametrize(("left", "over"), [(1, False), (0, True), (-100, True)])
def test_a_finished_import_is_deleted_when_its_time_is_over(left, over):
    actions = decide(ended(status={"expires_at": later(left)}), storage=ARCHIVED)
    assert actions == ([DeleteResource()] if over else [WakeAt(later(left))])


def test_nothing_is_deleted_that_is_not_archived():
    resource = ended(status={"expires_at": ago(1)})
    assert decide(resource) == [LookIntoStorage()]
    assert kinds(decide(resource, storage=NOTHING)) == ["WriteFinal", "DeleteResource"]


@pytest.mark.parametrize(("since", "stopped"), [(59, False), (60, True)])
def test_a_processor_that_does_not_end_after_the_end_is_stopped(since, stopped):
    resource = ended(status={"completed_at": ago(since), "expires_at": later(1000)})
    actions = decide(resource, a_job())
    assert bool(of_type(actions, StopJob)) is stopped
    if not stopped:
        assert WakeAt(later(1)) in actions


# Laws


@pytest.mark.parametrize("phase", sorted(TERMINAL_PHASES))
@pytest.mark.parametrize("end", [None, *ENDS])
def test_a_terminal_phase_never_leads_to_another_job_or_phase(phase, end):
    job = a_job() if end is None else an_ended_job(end)
    for storage in (None, NOTHING, ARCHIVED):
        actions = decide(ended(phase=phase), job, storage=storage, slot=True, now=later(10**6))
        assert not of_type(actions, StartJob)
        assert all("phase" not in action.status for action in of_type(actions, ApplyStatus))


def test_every_import_that_has_not_ended_has_a_next_moment_or_something_to_do():
    jobs = [
        (),
        (a_job(),),
        (a_job(started_at=None),),
        (a_job(started_at=None, suspended=True),),
        (a_job(stopping_since=NOW),),
        *((an_ended_job(end),) for end in ENDS),
        *((an_ended_job(end, alive=True),) for end in ENDS),
    ]
    for resource in (
        an_import(),
        queued(),
        running(),
        an_import(cancel=True),
        queued(cancel=True),
        running(cancel=True),
    ):
        for some in jobs:
            for storage in (None, NOTHING, ARCHIVED):
                assert decide(resource, *some, storage=storage) != []


def test_every_import_ends_however_badly_its_jobs_behave():
    """Play the worst: each attempt behaves the same way, for ever; time passes from wake to wake."""
    behaviours = [
        {"started_at": None},
        {"started_at": None, "trouble": Trouble.IMAGE},
        {},
        *({"end": end, "alive": False} for end in ENDS),
        {"end": End.DISRUPTED, "alive": True},
    ]
    for behaviour in behaviours:
        assert _life(behaviour) is Phase.FAILED, behaviour


def _life(behaviour: dict[str, Any]) -> Phase | None:
    """Perform the actions on values, with Jobs that never vanish by themselves but obey a stop."""
    resource, job, now, storage = queued(), None, NOW, None
    for _ in range(200):
        if resource.status.phase is not None and resource.status.phase.terminal:
            return resource.status.phase
        actions = decide(resource, *([job] if job else []), now=now, storage=storage, slot=True)
        storage = None
        for action in actions:
            match action:
                case LookIntoStorage():
                    storage = NOTHING
                case StartJob(plan):
                    started = {"started_at": now} | behaviour
                    job = a_job(
                        plan.attempt, created_at=now, counted=plan.counted, memory_bytes=plan.memory_bytes, **started
                    )
                    if job.end is not None and job.alive:
                        job = replace(job, stopping_since=now)
                case StopJob():
                    job = None
                case ApplyStatus(status):
                    changed = resource.status.model_validate(resource.status.model_dump(by_alias=True) | status)
                    resource = resource.model_copy(update={"status": changed})
                case WakeAt(moment):
                    now = max(now + timedelta(seconds=1), moment)
    return None
