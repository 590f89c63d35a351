"""What the JSON of a Job and its Pods says about an attempt. Pure.

The Pod is read before the Job: the Job controller needs a second or two to say what a Pod says at
once. The Job is what remains when the Pod went with its node; its failure policy then tells why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from report_contract import names
from report_contract.phases import ExitCode
from report_operator.jobs import ANNOTATION_COUNTED, ANNOTATION_PREVIOUS_REASON, CONTAINER
from report_operator.lastwords import last_words, one_line
from report_operator.observed import End, JobObservation, Trouble

Json = Mapping[str, Any]

_IMAGE: Final = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
    }
)
_CONFIG: Final = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError"}
)
_LOST: Final = frozenset(
    {
        "NodeLost",
        "NodeShutdown",
        "Shutdown",
        "Terminated",
        "Preempting",
        "NodeAffinity",
        "UnexpectedAdmissionError",
    }
)
"""Reasons of a failed Pod whose node, not whose process, is to blame. Those that begin with OutOf
(OutOfcpu, OutOfmemory: the node was full when the Pod came) belong to them."""
_OVER: Final = frozenset({"Succeeded", "Failed"})
_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)


def observe(jobs: Iterable[Json], pods: Iterable[Json]) -> tuple[JobObservation, ...]:
    """The attempts of one import, in the order of their numbers."""
    by_attempt: dict[int, tuple[list[Json], list[Json]]] = defaultdict(lambda: ([], []))
    for job in jobs:
        by_attempt[_attempt(job)][0].append(job)
    for pod in pods:
        by_attempt[_attempt(pod)][1].append(pod)
    return tuple(
        _observation(attempt, found[0] if found else None, sorted(mine, key=_created_at))
        for attempt, (found, mine) in sorted(by_attempt.items())
        if attempt > 0
    )


def report_id_of(item: Json) -> int | None:
    """The report that a Job or Pod works for, by its label."""
    text = _labels(item).get(names.LABEL_REPORT_ID, "")
    return int(text) if text.isascii() and text.isdigit() else None


def _observation(attempt: int, job: Json | None, pods: list[Json]) -> JobObservation:
    source = job if job is not None else pods[-1]
    pod = pods[-1] if pods else None
    annotations = source["metadata"].get("annotations") or {}
    state = _container_state(pod)
    end, detail, ended_at = _end(job, pod, state)
    trouble, trouble_detail = (None, "") if end else _trouble(pod, state)
    return JobObservation(
        name=_job_name(source),
        attempt=attempt,
        created_at=_started_waiting(source),
        counted=_number(annotations.get(ANNOTATION_COUNTED), attempt),
        memory_bytes=_number(annotations.get(names.ANNOTATION_MEMORY), 0),
        previous_reason=annotations.get(ANNOTATION_PREVIOUS_REASON, ""),
        suspended=bool(job and job["spec"].get("suspend")),
        started_at=_started_at(state),
        trouble=trouble,
        end=end,
        ended_at=ended_at,
        exit_code=(state.get("terminated") or {}).get("exitCode"),
        detail=one_line(detail or trouble_detail),
        alive=_alive(job, pods),
        stopping_since=_stopping_since(job, pod),
    )


def _alive(job: Json | None, pods: list[Json]) -> bool:
    """Whether a process may run now or, because its Pod is still to be made, later."""
    if any(pod.get("status", {}).get("phase") not in _OVER for pod in pods):
        return True
    return job is not None and not pods and _finished(job) is None


def _end(job: Json | None, pod: Json | None, state: Json) -> tuple[End | None, str, datetime | None]:
    by_pod = _end_of_pod(pod, state) if pod is not None else None
    finished = _finished(job) if job is not None else None
    if by_pod is not None and by_pod[0] in {End.DONE, End.BAD_INPUT, End.OUT_OF_MEMORY, End.DISRUPTED}:
        return by_pod
    if finished is not None:
        by_job = _end_of_job(finished)
        # A Pod that its Job's deadline ended looks like one that was killed.
        return by_pod if by_pod is not None and by_job[0] is not End.DEADLINE else by_job
    return by_pod or (None, "", None)


def _end_of_pod(pod: Json, state: Json) -> tuple[End, str, datetime | None] | None:
    status = pod.get("status", {})
    terminated = state.get("terminated") or {}
    disruption = _condition(pod, "DisruptionTarget")
    by_itself = _end_of_process(terminated)
    if by_itself is not None:
        return by_itself, last_words(str(terminated.get("message") or "")), _moment(terminated.get("finishedAt"))
    if disruption is not None:
        return End.DISRUPTED, _because(disruption), _moment(disruption.get("lastTransitionTime"))
    if status.get("phase") == "Failed" and status.get("reason"):
        return _failed_pod(pod)
    if terminated or status.get("phase") == "Failed":
        return End.CRASHED, last_words(str(terminated.get("message") or "")), _moment(terminated.get("finishedAt"))
    return None


def _end_of_process(terminated: Json) -> End | None:
    """The ends that say what they are, whatever happened to the Pod at the same time."""
    if terminated.get("reason") == "OOMKilled":
        return End.OUT_OF_MEMORY
    return {ExitCode.DONE: End.DONE, ExitCode.BAD_INPUT: End.BAD_INPUT}.get(terminated.get("exitCode", -1))


def _failed_pod(pod: Json) -> tuple[End, str, datetime | None]:
    """A Pod that the kubelet or a controller failed, with its own reason."""
    status = pod.get("status", {})
    reason = str(status.get("reason") or "")
    detail = f"{reason}: {status.get('message') or ''}".strip(": ")
    if reason in _LOST or reason.startswith("OutOf"):
        return End.DISRUPTED, detail, None
    if reason == "DeadlineExceeded":
        return End.DEADLINE, detail, None
    # Evicted without being the target of a disruption: it wrote more than it may.
    return End.CRASHED, detail, None


def _end_of_job(finished: Json) -> tuple[End, str, datetime | None]:
    ended_at = _moment(finished.get("lastTransitionTime"))
    detail = str(finished.get("message") or "")
    reason = finished.get("reason")
    if finished["type"] in {"Complete", "SuccessCriteriaMet"}:
        return End.DONE, "", ended_at
    if reason == "DeadlineExceeded":
        return End.DEADLINE, detail, ended_at
    if reason == "PodFailurePolicy":
        return (End.DISRUPTED if "DisruptionTarget" in detail else End.BAD_INPUT), detail, ended_at
    return End.CRASHED, detail, ended_at


def _finished(job: Json) -> Json | None:
    for kind in ("Complete", "Failed", "SuccessCriteriaMet", "FailureTarget"):
        found = _condition(job, kind)
        if found is not None:
            return found
    return None


def _trouble(pod: Json | None, state: Json) -> tuple[Trouble | None, str]:
    if pod is None:
        return None, ""
    waiting = state.get("waiting") or {}
    reason = waiting.get("reason")
    if reason in _IMAGE:
        image = next((one.get("image", "") for one in pod["spec"].get("containers", ())), "")
        return Trouble.IMAGE, f"{image}: {reason}: {waiting.get('message') or ''}".strip(": ")
    if reason in _CONFIG:
        return Trouble.CONFIG, f"{reason}: {waiting.get('message') or ''}".strip(": ")
    scheduled = next((one for one in _conditions(pod) if one.get("type") == "PodScheduled"), {})
    if scheduled.get("status") == "False":
        return Trouble.UNSCHEDULABLE, str(scheduled.get("message") or scheduled.get("reason") or "")
    return None, ""


def _started_at(state: Json) -> datetime | None:
    running = state.get("running") or state.get("terminated") or {}
    return _moment(running.get("startedAt"))


def _stopping_since(job: Json | None, pod: Json | None) -> datetime | None:
    if job is not None and job["metadata"].get("deletionTimestamp"):
        return _moment(job["metadata"]["deletionTimestamp"])
    if pod is None or not pod["metadata"].get("deletionTimestamp"):
        return None
    # That of a Pod is when its grace will be over.
    grace = timedelta(seconds=pod["metadata"].get("deletionGracePeriodSeconds") or 0)
    until = _moment(pod["metadata"]["deletionTimestamp"])
    return until - grace if until is not None else None


def _started_waiting(source: Json) -> datetime:
    """When it was created; with Kueue, when it was admitted."""
    return _moment((source.get("status") or {}).get("startTime")) or _created_at(source)


def _container_state(pod: Json | None) -> Json:
    if pod is None:
        return {}
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    state: Json = next((one.get("state") or {} for one in statuses if one.get("name") == CONTAINER), {})
    return state


def _because(disruption: Json) -> str:
    return f"{disruption.get('reason') or 'DisruptionTarget'}: {disruption.get('message') or ''}".strip(": ")


def _condition(item: Json, kind: str) -> Json | None:
    return next((one for one in _conditions(item) if one.get("type") == kind and one.get("status") == "True"), None)


def _conditions(item: Json) -> Iterable[Json]:
    return (item.get("status") or {}).get("conditions") or ()


def _labels(item: Json) -> Mapping[str, str]:
    labels: Mapping[str, str] = item["metadata"].get("labels") or {}
    return labels


def _attempt(item: Json) -> int:
    return _number(_labels(item).get(names.LABEL_ATTEMPT), 0)


def _job_name(source: Json) -> str:
    labels = _labels(source)
    return names.job_name(_number(labels.get(names.LABEL_REPORT_ID), 0), _attempt(source))


def _created_at(item: Json) -> datetime:
    return _moment(item["metadata"].get("creationTimestamp")) or _LONG_AGO


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else otherwise
