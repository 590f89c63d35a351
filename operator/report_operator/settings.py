"""Settings of the operator. Every field is an environment variable with the prefix ``REPORT_IMPORT_``."""

import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_UNITS: Final = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
_QUANTITY: Final = re.compile(r"([0-9]+)([kMGT]i?|Ki)?")


def read_quantity(value: Any) -> Any:
    """Bytes from a Kubernetes quantity such as ``512Mi``; anything but text is left as it is."""
    if not isinstance(value, str):
        return value
    match = _QUANTITY.fullmatch(value.strip())
    if match is None:
        raise ValueError(f"{value!r} is no quantity of bytes such as 512Mi or 2Gi")
    return int(match[1]) * _UNITS[match[2] or ""]


Bytes = Annotated[int, BeforeValidator(read_quantity), Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Limits(BaseSettings):
    """What ``reconcile`` decides by. Every wait has one of these deadlines."""

    model_config = SettingsConfigDict(env_prefix="REPORT_IMPORT_", extra="ignore", frozen=True)

    max_concurrent: Annotated[int, Field(ge=1)] = 5
    """Imports that run at once."""
    max_attempts: Annotated[int, Field(ge=1)] = 3
    """Attempts of one import. Those that an eviction or a lost node ended do not count."""
    max_disruptions: Annotated[int, Field(ge=0)] = 10
    """Attempts of one import that may be lost to evictions and nodes, before it fails."""
    retry_delay_seconds: Annotated[float, Field(ge=0)] = 5.0
    """Pause after the first attempt that crashed; it doubles with each, up to a minute."""
    memory: Bytes = 512 * 2**20
    """Memory limit of the first attempt."""
    memory_cap: Bytes = 4 * 2**30
    """The memory limit doubles after each attempt that ran out of memory, up to this."""
    queue_deadline_seconds: Seconds = 24 * 3600.0
    """An import that waited so long in the queue fails."""
    start_deadline_seconds: Seconds = 600.0
    """An import whose Job did not start a container for so long fails: no image, no room on any node."""
    run_deadline_seconds: Seconds = 4 * 3600.0
    """An attempt that runs longer is stopped."""
    heartbeat_timeout_seconds: Seconds = 180.0
    """An attempt that shows no progress for so long is stopped. The processor tells every few seconds."""
    stop_deadline_seconds: Seconds = 120.0
    """A Job that was told to stop and is still there after so long is on a node that does not answer:
    the import goes on without waiting for it."""
    exit_grace_seconds: Seconds = 60.0
    """A processor that has written the final status and does not end by itself for so long is stopped."""
    finished_ttl_seconds: Annotated[float, Field(ge=0)] = 24 * 3600.0
    """Finished resources are deleted after so long. Their reports stay in object storage."""


class JobSettings(BaseSettings):
    """How a Job looks."""

    model_config = SettingsConfigDict(env_prefix="REPORT_IMPORT_", extra="ignore", frozen=True)

    job_image: str = "report-import:latest"
    """Image of the processor: the same as the operator's."""
    job_image_pull_policy: str = "IfNotPresent"
    """When the node pulls it."""
    job_image_pull_secrets: list[str] = []
    """Names of Secrets for the registry."""
    job_command: list[str] = ["python3", "-m", "report_processor.main"]
    """Command of the container."""
    job_service_account: str = "default"
    """ServiceAccount of the Pods; it may only read imports and patch their status."""
    job_storage_secret: str = "report-import-storage"  # noqa: S105  # the name of a Secret
    """Secret with the keys ``access-key`` and ``secret-key`` of object storage."""
    job_env: dict[str, str] = {}
    """Further environment variables, such as the processor's own settings."""
    job_cpu_request: str = "250m"
    """CPU that the scheduler sets aside. There is no CPU limit: idle cores may be used."""
    job_cpu_limit: str = ""
    """CPU limit; empty for none."""
    job_tmp_size: str = "10Gi"
    """Most that an attempt may write to its temporary folder."""
    job_ttl_seconds: Annotated[int, Field(ge=0)] = 3600
    """A finished Job is kept so long, for its logs."""
    job_grace_seconds: Annotated[int, Field(ge=0)] = 20
    """From SIGTERM to SIGKILL when a Job is stopped."""
    job_labels: dict[str, str] = {}
    """Further labels of the Pods."""
    job_annotations: dict[str, str] = {}
    """Further annotations of the Pods."""
    job_node_selector: dict[str, str] = {}
    """Labels of the nodes that may run them."""
    job_tolerations: list[dict[str, Any]] = []
    """Taints that they tolerate."""
    job_affinity: dict[str, Any] = {}
    """Affinity of the Pods."""
    job_priority_class: str = ""
    """PriorityClass of the Pods."""
    kueue_queue: str = ""
    """LocalQueue of Kueue. Set: Jobs are created suspended and Kueue decides when they run; raise
    ``max_concurrent`` then to what Kueue shall see at once."""


class OperatorSettings(BaseSettings):
    """How the operator itself runs."""

    model_config = SettingsConfigDict(env_prefix="REPORT_IMPORT_", extra="ignore", frozen=True)

    operator_identity: str = ""
    """Name under which it holds the lead; empty for the host name, so that a restarted container of
    the same Pod goes on at once."""
    lead_seconds: Seconds = 15.0
    """A lead that is not renewed for so long is taken over."""
    resync_seconds: Seconds = 300.0
    """All resources are looked at again so often, whatever events were seen."""
    sweep_seconds: Seconds = 3600.0
    """Remains of broken uploads are swept so often."""
    upload_max_age_seconds: Seconds = 24 * 3600.0
    """Uploads without an import, and unfinished parts, are swept when they are older."""
    claim_max_age_seconds: Seconds = 7 * 24 * 3600.0
    """An ``Idempotency-Key`` is remembered so long after its last use."""
    health_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    """Port of ``/healthz``."""
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9090
    """Port of ``/metrics``; 0 for none."""
    workers: Annotated[int, Field(ge=1)] = 16
    """Threads for requests to Kubernetes and object storage."""
