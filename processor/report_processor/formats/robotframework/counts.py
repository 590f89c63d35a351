"""How many tests passed, failed and were skipped: what ``<statistics>`` states, against what was read."""

from typing import Final

from report_processor.events import FAILED, PASSED, SKIPPED, STATUSES

_COUNTED: Final = (("pass", PASSED), ("fail", FAILED), ("skip", SKIPPED))


class Counts:
    """Those of one report."""

    def __init__(self) -> None:
        self.read: Final = [0] * len(STATUSES)
        """By status."""
        self.stated: dict[str, str] = {}
        """Attributes of the last ``<stat>`` of ``<total>``: all tests. Before it may stand those that are critical."""

    def restart(self) -> None:
        """Another report begins."""
        self.read[:] = [0] * len(STATUSES)

    def change(self, before: int, status: int) -> None:
        """A test that was read has another status now."""
        self.read[before] -= 1
        self.read[status] += 1

    def differences(self) -> list[str]:
        """What is stated otherwise than it was read."""
        stated, self.stated = self.stated, {}
        return [
            f'{name}="{stated[name][:20]}", but there are {self.read[status]}'
            for name, status in _COUNTED
            if stated.get(name, "").isdecimal() and stated[name] != str(self.read[status])
        ]
