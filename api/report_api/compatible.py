"""The older answer, with the whole report in it: what ``process_async=false`` and
``GET /api/v2/reports/{id}`` give. Names and types are those of the compatible API.
"""

from datetime import UTC, datetime
from decimal import Decimal

from report_api.answers import Answer, profile_id, sentence_of
from report_api.errors import no_report
from report_api.links import Links
from report_api.lookup import Found, Lookup
from report_contract.phases import ImportStatus, import_status
from report_contract.report import Report


class CompatibleReport(Answer):
    """A report in the older shape."""

    id: int
    """Number of the report."""
    profile_id: int | str
    """Profile it belongs to."""
    origin: str
    """Format of the files, such as junit_xml."""
    os: str | None
    """Deprecated: the operating system that was tested."""
    build: str | None
    """Deprecated: the build that was tested."""
    platform: str | None
    """Deprecated: the platform that was tested."""
    tags: list[str]
    """Labels of the report."""
    status_hash: str
    """Equal when no outcome changed."""
    history_hash: str
    """Equal for reports of one profile."""
    cached_duration: str
    """Seconds, as a decimal in a string."""
    cached_total: int
    """All results."""
    cached_passed: int
    """Results that passed."""
    cached_failed: int
    """Results that failed."""
    cached_broken: int
    """Results that could not finish."""
    cached_skipped: int
    """Results that did not run."""
    cached_unknown: int
    """Results without a clear outcome."""
    date: str | None
    """When the tests ran."""
    created_at: str
    """When the report was made."""
    updated_at: str
    """The same: reports do not change."""
    is_moved: bool = False
    """Always false."""
    cached_json_asset_id: int | None = None
    """Always null."""
    most_recent: bool
    """Whether it is the newest report of its profile."""
    children_count: int = 0
    """Always 0."""


class ReportAnswer(Answer):
    """A report in the older shape, and where its import stands."""

    report_id: int
    """Number of the report."""
    report_url: str
    """Page of the report."""
    report_status_url: str
    """Where to ask for the status."""
    status: str
    """success or failed; pending while the import is under way."""
    import_status: ImportStatus
    """The status in full."""
    message: str
    """The status as a sentence."""
    report: CompatibleReport | None
    """The report; null until there is one."""


async def answer_of(links: Links, lookup: Lookup, report_id: int, found: Found | None = None) -> ReportAnswer:
    """The older answer for a report as it stands now. Raises 404 when it is gone."""
    found = found or await lookup.find(report_id)
    if found is None:
        raise no_report(report_id)
    word = import_status(found.status.phase)
    stored = await lookup.report(report_id) if found.phase.terminal else None
    report = None
    if stored is not None:
        report = compatible_report(stored, most_recent=await lookup.is_newest(found.profile, report_id))
    return report_answer(links, report_id, word, sentence_of(found), report)


def compatible_report(report: Report, *, most_recent: bool) -> CompatibleReport:
    """The older shape of a report."""
    return CompatibleReport(
        id=report.report_id,
        profile_id=profile_id(report.profile),
        origin=report.origin,
        os=report.os or None,
        build=report.build or None,
        platform=report.platform or None,
        tags=report.tags,
        status_hash=report.status_hash,
        history_hash=report.history_hash,
        cached_duration=decimal_text(report.duration),
        cached_total=report.counts.total,
        cached_passed=report.counts.passed,
        cached_failed=report.counts.failed,
        cached_broken=report.counts.broken,
        cached_skipped=report.counts.skipped,
        cached_unknown=report.counts.unknown,
        date=_moment(report.date) if report.date else None,
        created_at=_moment(report.created_at),
        updated_at=_moment(report.created_at),
        most_recent=most_recent,
    )


def report_answer(
    links: Links, report_id: int, word: ImportStatus, message: str, report: CompatibleReport | None
) -> ReportAnswer:
    """The older answer."""
    ended = {ImportStatus.SUCCESS: "success", ImportStatus.PARTIAL: "success"}
    running = {ImportStatus.QUEUED: "pending", ImportStatus.PROCESSING: "pending"}
    return ReportAnswer(
        report_id=report_id,
        report_url=links.page(report_id),
        report_status_url=links.status(report_id),
        status={**ended, **running}.get(word, "failed"),
        import_status=word,
        message=message,
        report=report,
    )


def decimal_text(seconds: float | None) -> str:
    """Seconds as a decimal without an exponent: 260.682 gives ``260.682``, nothing gives ``0.0``."""
    if seconds is None:
        return "0.0"
    text = format(Decimal(repr(round(seconds, 6))), "f")
    return text if "." in text else f"{text}.0"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
