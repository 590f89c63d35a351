"""The conditions of an import, for ``kubectl wait`` and for tools that follow kstatus. Pure."""

from datetime import datetime

from report_contract.base import utc_text
from report_contract.phases import QUEUED_SENTENCE, Phase, Reason
from report_contract.resource import Condition, ReportImport


def conditions(resource: ReportImport, now: datetime, phase: Phase, reason: str, message: str) -> list[Condition]:
    """One of each type; the time of the last transition is kept while the status stays."""
    readable = phase in {Phase.SUCCEEDED, Phase.PARTIALLY_SUCCEEDED}
    wanted = {
        "Processing": phase is Phase.RUNNING,
        "Complete": phase.terminal,
        "Ready": readable,
        # What has ended without a report will not become ready any more: nobody should wait for it.
        "Stalled": phase.terminal and not readable,
    }
    return [
        condition(resource, now, "Accepted", Reason.QUEUED, QUEUED_SENTENCE, true=True),
        *(condition(resource, now, kind, reason, message, true=true) for kind, true in wanted.items()),
    ]


def condition(resource: ReportImport, now: datetime, kind: str, reason: str, message: str, *, true: bool) -> Condition:
    """One condition."""
    status = "True" if true else "False"
    before = next((one for one in resource.status.conditions if one.type == kind and one.status == status), None)
    return Condition.model_validate(
        {
            "type": kind,
            "status": status,
            "reason": str(reason),
            "message": message,
            "lastTransitionTime": before.last_transition_time if before else utc_text(now),
            "observedGeneration": generation_of(resource),
        }
    )


def generation_of(resource: ReportImport) -> int | None:
    """The generation that a decision was taken for."""
    generation = resource.metadata.get("generation")
    return generation if isinstance(generation, int) else None
