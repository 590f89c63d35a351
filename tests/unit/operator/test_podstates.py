"""What the JSON of Jobs and Pods says about attempts. The cases are those that clusters produce."""

from datetime import UTC, datetime
from typing import Any

import pytest

from report_operator.observed import End, JobObservation, Trouble
from report_operator.podstates import observe, report_id_of

T0, T1, T2 = "2026-03-01T12:00:00Z", "2026-03-01T12:00:05Z", "2026-03-01T12:01:00Z"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def metadata(attempt: int = 1, **changes: Any) -> dict[str, Any]:
    labels = {"reportimport.dev/report-id": "41", "reportimport.dev/attempt": str(attempt)}
    annotations = {
        "reportimport.dev/memory-bytes": "1024",
        "reportimport.dev/counted-attempts": "1",
        "reportimport.dev/previous-reason": "Disrupted",
    }
    return {"name": "x", "labels": labels, "annotations": annotations, "creationTimestamp": T0} | changes


def job(*conditions: dict[str, Any], attempt: int = 1, suspend: bool = False, **meta: Any) -> dict[str, Any]:
    return {"metadata": metadata(attempt, **meta), "spec": {"suspend": suspend}, "status": {"conditions": conditions}}


def pod(state: dict[str, Any] | None = None, phase: str = "Running", attempt: int = 1, **rest: Any) -> dict[str, Any]:
    statuses = [{"name": "processor", "state": state}] if state is not None else None
    status = {"phase": phase, "containerStatuses": statuses} | rest.pop("status", {})
    spec = {"containers": [{"name": "processor", "image": "report-import:1"}]}
    return {"metadata": metadata(attempt, **rest), "spec": spec, "status": status}


def condition(kind: str, reason: str = "", message: str = "", status: str = "True") -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": T2}


def terminated(code: int, reason: str = "Error", message: str = "") -> dict[str, Any]:
    state = {"exitCode": code, "reason": reason, "message": message, "startedAt": T1, "finishedAt": T2}
    return {"terminated": state}


RUNNING = {"running": {"startedAt": T1}}


def one(jobs: list[Any], pods: list[Any]) -> JobObservation:
    (observation,) = observe(jobs, pods)
    return observation


# What an attempt is


def test_an_attempt_knows_its_number_memory_and_history():
    seen = one([job(attempt=3)], [])
    assert (seen.name, seen.attempt, seen.counted, seen.memory_bytes) == ("report-41-3", 3, 1, 1024)
    assert seen.previous_reason == "Disrupted"
    assert seen.created_at == moment(T0)


def test_attempts_are_in_the_order_of_their_numbers_not_of_their_names():
    assert [seen.attempt for seen in observe([job(attempt=n) for n in (10, 9, 2)], [pod(RUNNING, attempt=11)])] == [
        2,
        9,
        10,
        11,
    ]


def test_a_job_without_annotations_is_taken_at_its_number():
    seen = one([job(attempt=2, annotations=None)], [])
    assert (seen.counted, seen.memory_bytes, seen.previous_reason) == (2, 0, "")


def test_what_is_not_labelled_as_ours_is_left_out():
    assert observe([job(labels={"app": "other"})], [pod(RUNNING, labels=None)]) == ()
    assert report_id_of(job(labels=None)) is None
    assert report_id_of(job()) == 41


# Alive


def test_a_new_job_without_a_pod_is_alive_and_has_not_started():
    seen = one([job()], [])
    assert (seen.alive, seen.started_at, seen.end, seen.trouble) == (True, None, None, None)


def test_a_running_container_is_alive_and_has_started():
    seen = one([job()], [pod(RUNNING)])
    assert (seen.alive, seen.started_at, seen.end) == (True, moment(T1), None)


def test_an_ended_pod_is_dead_before_the_job_controller_knows():
    seen = one([job()], [pod(terminated(1), "Failed")])
    assert (seen.alive, seen.end) == (False, End.CRASHED)


def test_an_ended_container_of_a_pod_that_has_not_ended_is_still_alive():
    assert one([job()], [pod(terminated(0), "Running")]).alive


def test_a_pod_whose_job_is_gone_is_still_alive():
    seen = one([], [pod(RUNNING, deletionTimestamp=T2, deletionGracePeriodSeconds=20)])
    assert seen.alive
    assert seen.stopping_since == datetime(2026, 3, 1, 12, 0, 40, tzinfo=UTC)


def test_a_job_that_is_being_deleted_is_stopping_until_it_is_gone():
    seen = one([job(deletionTimestamp=T1)], [pod(RUNNING)])
    assert (seen.alive, seen.stopping_since) == (True, moment(T1))
    assert one([job(deletionTimestamp=T1)], []).alive
    assert not one([job(deletionTimestamp=T1)], [pod(terminated(143), "Failed")]).alive


def test_a_finished_job_whose_pod_is_gone_is_dead():
    assert not one([job(condition("Failed", "BackoffLimitExceeded"))], []).alive


def test_of_two_pods_of_an_attempt_the_younger_speaks_and_either_keeps_it_alive():
    seen = one([job()], [pod(RUNNING, creationTimestamp=T0), pod(terminated(0), "Succeeded", creationTimestamp=T1)])
    assert (seen.alive, seen.end) == (True, End.DONE)


# Ends, as the Pod tells them


@pytest.mark.parametrize(
    ("state", "end"),
    [
        (terminated(0, "Completed"), End.DONE),
        (terminated(42), End.BAD_INPUT),
        (terminated(137, "OOMKilled"), End.OUT_OF_MEMORY),
        (terminated(1), End.CRASHED),
        (terminated(137), End.CRASHED),
        (terminated(128, "StartError"), End.CRASHED),
    ],
)
def test_the_exit_code_tells_the_end(state, end):
    seen = one([job()], [pod(state, "Succeeded" if end is End.DONE else "Failed")])
    assert (seen.end, seen.exit_code, seen.ended_at) == (end, state["terminated"]["exitCode"], moment(T2))


TRACEBACK = """^^^^^
  File "/usr/lib/report_processor/decode.py", line 117, in feed
    return self._codec.decode(data)
           ^^^^^^^^^^^^^^^^^^^^^^^^
MemoryError: no space left for 16 MiB
"""


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        (TRACEBACK, "MemoryError: no space left for 16 MiB"),
        ("2026-03-01 12:00:00,123 ERROR This attempt ends: no answer\n\n", "This attempt ends: no answer"),
        ("KeyError: 'x'\r\n  \n", "KeyError: 'x'"),
        ("\n \n", ""),
        ("the end " + "x" * 1000, "the end " + "x" * 391 + "\N{HORIZONTAL ELLIPSIS}"),
    ],
)
@pytest.mark.parametrize("code", [0, 1, 42])
def test_the_last_line_of_the_log_is_the_detail(message, detail, code):
    assert one([job()], [pod(terminated(code, message=message), "Failed")]).detail == detail


DISRUPTION = condition("DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting")


@pytest.mark.parametrize(
    "status",
    [
        {"conditions": [DISRUPTION]},
        {"conditions": [DISRUPTION], "reason": "Evicted", "message": "The node was low on resource: memory."},
        {"reason": "NodeLost"},
        {"reason": "NodeShutdown", "message": "Pod was rejected"},
        {"reason": "Terminated", "message": "Pod was terminated in response to imminent node shutdown."},
        {"reason": "OutOfcpu", "message": "Node didn't have enough resource: cpu"},
        {"reason": "OutOfmemory"},
        {"reason": "NodeAffinity"},
        {"reason": "UnexpectedAdmissionError"},
        {"reason": "Preempting"},
    ],
)
@pytest.mark.parametrize("state", [None, terminated(137)])
def test_a_lost_node_or_an_eviction_is_a_disruption(status, state):
    seen = one([job()], [pod(state, "Failed", status=status)])
    assert seen.end is End.DISRUPTED
    assert not seen.alive


def test_a_pod_on_a_lost_node_is_disrupted_though_it_never_ends():
    status = {"conditions": [condition("DisruptionTarget", "DeletionByTaintManager", "Taint manager: deleting")]}
    seen = one([job()], [pod(RUNNING, status=status, deletionTimestamp=T2, deletionGracePeriodSeconds=20)])
    assert (seen.end, seen.alive) == (End.DISRUPTED, True)
    assert seen.stopping_since is not None
    assert "Taint manager" in seen.detail


@pytest.mark.parametrize("code", [0, 42])
def test_a_processor_that_finished_while_it_was_evicted_has_finished(code):
    seen = one([job()], [pod(terminated(code), "Failed", status={"conditions": [DISRUPTION]})])
    assert seen.end in {End.DONE, End.BAD_INPUT}


def test_running_out_of_memory_while_being_evicted_is_out_of_memory():
    seen = one([job()], [pod(terminated(137, "OOMKilled"), "Failed", status={"conditions": [DISRUPTION]})])
    assert seen.end is End.OUT_OF_MEMORY


def test_writing_more_than_allowed_is_the_import_s_own_doing():
    message = 'Usage of EmptyDir volume "tmp" exceeds the limit "10Gi".'
    seen = one([job()], [pod(None, "Failed", status={"reason": "Evicted", "message": message})])
    assert seen.end is End.CRASHED
    assert seen.detail == f"Evicted: {message}"


def test_the_deadline_of_the_pod_is_a_deadline():
    assert one([job()], [pod(None, "Failed", status={"reason": "DeadlineExceeded"})]).end is End.DEADLINE


# Ends, as the Job tells them when the Pod is gone


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (condition("Complete"), End.DONE),
        (condition("SuccessCriteriaMet", "CompletionsReached"), End.DONE),
        (condition("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"), End.CRASHED),
        (condition("Failed", "DeadlineExceeded", "Job was active longer than specified deadline"), End.DEADLINE),
        (condition("FailureTarget", "DeadlineExceeded"), End.DEADLINE),
        (
            condition(
                "Failed", "PodFailurePolicy", "Pod n/p has condition DisruptionTarget matching FailJob rule at index 1"
            ),
            End.DISRUPTED,
        ),
        (
            condition(
                "Failed",
                "PodFailurePolicy",
                "Container processor for pod n/p failed with exit code 42 matching FailJob",
            ),
            End.BAD_INPUT,
        ),
    ],
)
def test_a_job_without_its_pod_tells_the_end(told, end):
    seen = one([job(told)], [])
    assert (seen.end, seen.ended_at, seen.alive) == (end, moment(T2), False)


def test_a_pod_that_the_job_s_deadline_killed_is_a_deadline():
    told = condition("Failed", "DeadlineExceeded")
    assert one([job(told)], [pod(terminated(137), "Failed")]).end is End.DEADLINE


def test_the_pod_knows_better_than_the_job_why_it_crashed():
    seen = one([job(condition("Failed", "BackoffLimitExceeded"))], [pod(terminated(3, message="why"), "Failed")])
    assert (seen.end, seen.exit_code, seen.detail) == (End.CRASHED, 3, "why")


# Trouble


@pytest.mark.parametrize(
    "reason", ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"]
)
def test_an_image_that_cannot_be_pulled_is_named(reason):
    seen = one([job()], [pod({"waiting": {"reason": reason, "message": "not found"}}, "Pending")])
    assert (seen.trouble, seen.detail) == (Trouble.IMAGE, f"report-import:1: {reason}: not found")
    assert (seen.alive, seen.end) == (True, None)


@pytest.mark.parametrize("reason", ["CreateContainerConfigError", "CreateContainerError", "RunContainerError"])
def test_a_container_that_cannot_be_made_says_why(reason):
    waiting = {"waiting": {"reason": reason, "message": 'secret "s" not found'}}
    seen = one([job()], [pod(waiting, "Pending")])
    assert (seen.trouble, seen.detail) == (Trouble.CONFIG, f'{reason}: secret "s" not found')


def test_a_pod_that_no_node_takes_says_why():
    unschedulable = condition("PodScheduled", "Unschedulable", "0/3 nodes are available", status="False")
    seen = one([job()], [pod(None, "Pending", status={"conditions": [unschedulable]})])
    assert (seen.trouble, seen.detail) == (Trouble.UNSCHEDULABLE, "0/3 nodes are available")


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing"])
def test_a_container_that_is_being_made_is_no_trouble(reason):
    assert one([job()], [pod({"waiting": {"reason": reason}}, "Pending")]).trouble is None


# Kueue


def test_a_suspended_job_waits():
    seen = one([job(suspend=True)], [])
    assert (seen.suspended, seen.alive, seen.end) == (True, True, None)


def test_a_job_that_was_admitted_late_counts_from_then():
    admitted = job()
    admitted["status"]["startTime"] = T2
    assert one([admitted], []).created_at == moment(T2)
