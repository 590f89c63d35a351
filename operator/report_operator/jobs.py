"""The Job of one attempt, as a manifest. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from report_contract import names
from report_contract.resource import ReportImport
from report_operator.ports import JobPlan
from report_operator.settings import JobSettings, Limits
from report_stores.settings import StorageSettings

CONTAINER: Final = "processor"
ANNOTATION_COUNTED: Final = f"{names.GROUP}/counted-attempts"
"""On Jobs and Pods: attempts that count against the limit, this one included."""
ANNOTATION_PREVIOUS_REASON: Final = f"{names.GROUP}/previous-reason"
"""On Jobs and Pods: why the attempt before this one ended."""
_KUEUE_LABEL: Final = "kueue.x-k8s.io/queue-name"
_TMP: Final = "/tmp"  # noqa: S108  # an emptyDir of the Pod's own
_BACKSTOP_SECONDS: Final = 120
_USER: Final = 65532


def build_job(
    resource: ReportImport,
    plan: JobPlan,
    so_far: Mapping[str, Any],
    *,
    namespace: str,
    settings: JobSettings,
    limits: Limits,
    storage: StorageSettings,
) -> dict[str, Any]:
    """The manifest of ``report-<id>-<attempt>``.

    Attempts are the operator's, so the Job makes none of its own. Its deadline lies behind the
    operator's own deadlines: it ends an attempt only when no operator is there to do it.
    """
    labels = {
        **settings.job_labels,
        names.LABEL_REPORT_ID: str(resource.report_id),
        names.LABEL_ATTEMPT: str(plan.attempt),
        names.LABEL_PROFILE: resource.spec.profile,
    }
    annotations = {
        names.ANNOTATION_MEMORY: str(plan.memory_bytes),
        ANNOTATION_COUNTED: str(plan.counted),
        ANNOTATION_PREVIOUS_REASON: plan.previous_reason,
    }
    environment = _environment(resource.report_id, so_far, namespace, settings, storage)
    queue = {_KUEUE_LABEL: settings.kueue_queue} if settings.kueue_queue else {}
    deadline = limits.start_deadline_seconds + limits.run_deadline_seconds + _BACKSTOP_SECONDS
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": plan.name,
            "namespace": namespace,
            "labels": {**labels, **queue},
            "annotations": annotations,
            "ownerReferences": [_owner(resource)],
        },
        "spec": {
            "suspend": bool(settings.kueue_queue),
            "completions": 1,
            "parallelism": 1,
            "backoffLimit": 0,
            "activeDeadlineSeconds": int(deadline),
            "ttlSecondsAfterFinished": settings.job_ttl_seconds,
            # The Job's condition keeps why a Pod ended, when the Pod itself is gone with its node.
            "podFailurePolicy": {"rules": _failure_rules()},
            # A Job has failed when its Pod has really ended, not when it is asked to.
            "podReplacementPolicy": "Failed",
            "template": {
                "metadata": {"labels": labels, "annotations": {**settings.job_annotations, **annotations}},
                "spec": _pod(plan, settings, environment),
            },
        },
    }


def _owner(resource: ReportImport) -> dict[str, Any]:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "name": resource.metadata["name"],
        "uid": resource.metadata["uid"],
        "controller": True,
    }


def _failure_rules() -> list[dict[str, Any]]:
    return [
        {
            "action": "FailJob",
            "onExitCodes": {"containerName": CONTAINER, "operator": "In", "values": [42]},
        },
        {"action": "FailJob", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
    ]


def _pod(plan: JobPlan, settings: JobSettings, environment: list[dict[str, Any]]) -> dict[str, Any]:
    optional = {
        "nodeSelector": settings.job_node_selector,
        "tolerations": settings.job_tolerations,
        "affinity": settings.job_affinity,
        "priorityClassName": settings.job_priority_class,
        "imagePullSecrets": [{"name": name} for name in settings.job_image_pull_secrets],
    }
    return {
        "restartPolicy": "Never",
        "serviceAccountName": settings.job_service_account,
        "terminationGracePeriodSeconds": settings.job_grace_seconds,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": CONTAINER,
                "image": settings.job_image,
                "imagePullPolicy": settings.job_image_pull_policy,
                "command": settings.job_command,
                "env": environment,
                "resources": _resources(plan, settings),
                # Of a processor that breaks, the end of its log says why.
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [{"name": "tmp", "mountPath": _TMP}],
            }
        ],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": settings.job_tmp_size}}],
        **{name: value for name, value in optional.items() if value},
    }


def _environment(
    report_id: int, so_far: Mapping[str, Any], namespace: str, settings: JobSettings, storage: StorageSettings
) -> list[dict[str, Any]]:
    values = {
        **settings.job_env,
        "REPORT_IMPORT_REPORT_ID": str(report_id),
        "REPORT_IMPORT_SO_FAR": json.dumps(dict(so_far)),
        "REPORT_IMPORT_NAMESPACE": namespace,
        "REPORT_IMPORT_S3_ENDPOINT": storage.endpoint,
        "REPORT_IMPORT_S3_SECURE": "true" if storage.secure else "false",
        "REPORT_IMPORT_S3_BUCKET": storage.bucket,
        "REPORT_IMPORT_S3_REGION": storage.region,
        "REPORT_IMPORT_S3_PART_SIZE": str(storage.part_size),
        "REPORT_IMPORT_S3_CONNECT_TIMEOUT": f"{storage.connect_timeout:g}",
        "REPORT_IMPORT_S3_READ_TIMEOUT": f"{storage.read_timeout:g}",
        "REPORT_IMPORT_S3_RETRIES": str(storage.retries),
        "TMPDIR": _TMP,
    }
    secrets = {"REPORT_IMPORT_S3_ACCESS_KEY": "access-key", "REPORT_IMPORT_S3_SECRET_KEY": "secret-key"}
    return [
        *({"name": name, "value": value} for name, value in values.items()),
        *(
            {"name": name, "valueFrom": {"secretKeyRef": {"name": settings.job_storage_secret, "key": key}}}
            for name, key in secrets.items()
        ),
    ]


def _resources(plan: JobPlan, settings: JobSettings) -> dict[str, Any]:
    # Memory is asked for in full, so that a node that takes the Pod has it: what is killed for want
    # of memory then needed more than its limit, and is started again with more.
    memory = str(plan.memory_bytes)
    limits = {"memory": memory}
    if settings.job_cpu_limit:
        limits["cpu"] = settings.job_cpu_limit
    return {"requests": {"cpu": settings.job_cpu_request, "memory": memory}, "limits": limits}
