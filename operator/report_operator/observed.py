"""What the operator sees of an import's Jobs: plain values, the same on Kubernetes and standalone.

One ``JobObservation`` is one attempt. It says what happened, never what to do about it; that is
``reconcile``'s.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Trouble(StrEnum):
    """Why an attempt does not start. It may pass by itself, so it is shown at once and waited for."""

    IMAGE = "image"
    """The image cannot be pulled."""
    UNSCHEDULABLE = "unschedulable"
    """No node takes the Pod."""
    CONFIG = "config"
    """The container cannot be made: a Secret or a ServiceAccount is missing, and the like."""


class End(StrEnum):
    """How an attempt ended."""

    DONE = "done"
    """Exit code 0: the processor says that ``status.json`` is written."""
    BAD_INPUT = "bad_input"
    """Exit code 42: the same, and another attempt would end the same way."""
    OUT_OF_MEMORY = "out_of_memory"
    """Killed at its memory limit."""
    CRASHED = "crashed"
    """Any other end that the import itself is to blame for, as far as one can see."""
    DISRUPTED = "disrupted"
    """Evicted, preempted, or its node is gone: not the import's fault."""
    DEADLINE = "deadline"
    """The Job's own deadline ended it."""


@dataclass(frozen=True, slots=True)
class JobObservation:
    """One attempt, as it is now."""

    name: str
    """Name of the Job."""
    attempt: int
    """From 1."""
    created_at: datetime
    """When the Job was created. With Kueue: when it was admitted, once it is."""
    counted: int = 1
    """Attempts that count against the limit, this one included (as planned when it was started)."""
    memory_bytes: int = 0
    """Its memory limit."""
    previous_reason: str = ""
    """Why the attempt before it ended."""
    suspended: bool = False
    """Waits for admission by Kueue."""
    started_at: datetime | None = None
    """When the processor's container was started; None while it was not."""
    trouble: Trouble | None = None
    """What keeps it from starting."""
    end: End | None = None
    """How it ended; None while it runs or waits."""
    ended_at: datetime | None = None
    """When it ended; None when that is not known."""
    exit_code: int | None = None
    """Exit code of the processor, when there is one."""
    detail: str = ""
    """What Kubernetes says about the trouble or the end, or the last words of the processor: one line."""
    alive: bool = True
    """Whether a process of it may still run. While it is, it holds a slot, and nobody else may
    write the import's final status."""
    stopping_since: datetime | None = None
    """When its deletion was asked for."""
