"""Public addresses. All come from the configured base URL, never from the Host header."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses below one base URL."""

    base: str

    def page(self, report_id: int) -> str:
        """The report's page."""
        return f"{self.base}/reports/{report_id}"

    def api(self, report_id: int, rest: str = "") -> str:
        """The report in the API, or something below it."""
        return f"{self.base}/api/v2/reports/{report_id}{rest}"

    def status(self, report_id: int) -> str:
        """The import's status."""
        return self.api(report_id, "/status")
