"""Names that several parts must spell alike. Deterministic names make every step repeatable:
creating what exists already answers ``409 AlreadyExists``, and that is success.
"""

from typing import Final

GROUP: Final = "reportimport.dev"
VERSION: Final = "v1"
API_VERSION: Final = "reportimport.dev/v1"
KIND: Final = "ReportImport"
PLURAL: Final = "reportimports"
SINGULAR: Final = "reportimport"
SHORT_NAME: Final = "ri"

LABEL_REPORT_ID: Final = f"{GROUP}/report-id"
"""On Jobs and Pods: the report they work for. The operator selects its Jobs by this label."""
LABEL_ATTEMPT: Final = f"{GROUP}/attempt"
"""On Jobs and Pods: which attempt of the import they are, from 1."""
LABEL_PROFILE: Final = f"{GROUP}/profile"
"""On resources and Jobs: the profile that the report belongs to."""
ANNOTATION_MEMORY: Final = f"{GROUP}/memory-bytes"
"""On Jobs: the memory limit of this attempt in bytes."""

FIELD_MANAGER_API: Final = "report-import-api"
FIELD_MANAGER_OPERATOR: Final = "report-import-operator"
FIELD_MANAGER_PROCESSOR: Final = "report-import-processor"
"""Server-side apply: each part owns the status fields that it applied under its own name."""

_PREFIX: Final = "report-"


def resource_name(report_id: int) -> str:
    """The name of the ``ReportImport`` of one report: ``report-41``."""
    return f"{_PREFIX}{report_id}"


def report_id_of(name: str) -> int | None:
    """The report id in a resource's name, or None when the name is not one of ours."""
    digits = name.removeprefix(_PREFIX)
    if digits == name or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits)


def job_name(report_id: int, attempt: int) -> str:
    """The name of the Job of one attempt (from 1): ``report-41-1``."""
    return f"{_PREFIX}{report_id}-{attempt}"
