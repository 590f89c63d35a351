import re
from datetime import UTC, datetime, timedelta

import pytest
from support.api import BASE_URL, running_api
from support.reports import NOON, apply, end, report_of, warning

from report_api import pages
from report_api.treeview import MAX_INDENT, tree
from report_contract.accesskeys import Role
from report_contract.phases import Phase
from report_contract.report import Attempt, ContainerHead, FileReport, Label, ResultHead, ResultStatus, Verdict
from report_contract.resource import Attempts, Counts, Progress

HTML = {"accept": "text/html"}


def page(api, path="/reports/1", status=200):
    answer = api.client.get(path, headers=HTML)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    check_html(answer.text)
    return answer.text


def check_html(text):
    """What every page keeps to: one main, one h1, a language, no inline script or style."""
    assert text.count("<main") == text.count("<h1") == 1
    assert '<html lang="en">' in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)


def test_a_queued_import_shows_its_place(api):
    api.upload()
    text = page(api)
    assert "Import has been put in the queue." in text
    assert '<noscript><meta http-equiv="refresh"' in text
    assert re.search(r'data-field="queue.position">1<', text)


def test_a_running_import_shows_what_is_counted(api):
    api.upload()
    apply(
        api.imports,
        phase=Phase.RUNNING,
        message="Reading r.xml.",
        progress=Progress(percent=42, tests=12045, failed=3, files_total=2, files_done=1),
        attempts=Attempts(started=2),
        started_at=datetime.now(UTC) - timedelta(seconds=90),
    )
    text = page(api)
    assert 'aria-live="polite"' in text
    assert 'value="42"' in text
    for field, value in {"progress.tests": "12,045", "progress.failed": "3", "attempts.started": "2"}.items():
        assert f'data-field="{field}">{value}<' in text
    assert "1 min 3" in text
    assert re.search(r"<div data-queue hidden", text)


def test_only_who_may_stop_it_is_told_how(api):
    api.upload()
    assert "/cancel" in page(api)
    assert "/cancel" not in api.as_role(Role.READ_ONLY).get("/reports/1").text


def test_an_ended_import_shows_its_counts_failures_files_and_parameters(api):
    api.upload(params={"tag[]": "env:test", "smart": "false"})
    end(api, report=report_of(messages=[warning("Odd <i>thing</i>", file="r.xml", line=3, column=5)], message_count=1))
    text = page(api)
    for words in (
        "8 tests have been imported.",
        "4 min 21 s",
        "2026-01-31 12:00:00 UTC",
        "env:test",
        "r.xml:3:5",
        "suite_count_differs",
        "Odd &lt;i&gt;thing&lt;/i&gt;",
        "test_adds",
        "suite &gt; inner",
        "AssertionError",
        "1 != &lt;b&gt;2&lt;/b&gt;",
        "root element &lt;testsuite&gt;",
        'class="depth-1">inner',
        "/api/v2/reports/1/tests.parquet",
        "/api/v2/reports/1/files/1",
        "<code>smart</code></dt><dd>false",
    ):
        assert words in text, words
    assert "data-live" not in text
    assert "http-equiv" not in text


def test_attempts_of_a_flaky_result_are_shown(api):
    result = ResultHead(
        id=1,
        container_id=1,
        title="t",
        status=ResultStatus.FAILED,
        flaky=True,
        attempts=[Attempt(status=ResultStatus.FAILED, exception_name="E1"), Attempt(status=ResultStatus.BROKEN)],
        labels=[Label("owner", "<me>")],
    )
    api.upload()
    end(api, report=report_of(failures=[result]))
    text = page(api)
    assert "flaky" in text
    assert 'aria-label="Attempts"' in text
    assert "E1" in text
    assert "&lt;me&gt;" in text


def test_lists_that_are_cut_say_so(api):
    api.upload()
    counts = Counts(total=5000, failed=3000, passed=2000)
    files = [FileReport(path=f"{n}.xml", verdict=Verdict.PARSED) for n in range(300)]
    end(api, report=report_of(counts=counts, container_count=70_000, files=files, file_count=900))
    text = page(api)
    assert "The first 1 of 3,000" in text
    assert "The first 2 of 70,000" in text
    assert "The first 200;" in text


@pytest.mark.parametrize(
    ("phase", "message"), [(Phase.FAILED, "No file could be read."), (Phase.CANCELLED, "It was cancelled.")]
)
@pytest.mark.parametrize("archived", [True, False])
def test_an_import_that_ended_badly_has_a_whole_page(api, phase, message, archived):
    api.upload()
    end(api, phase=phase, message=message, messages=[warning("Broken", file="r.xml", line=7)], message_count=1)
    if archived:
        api.imports.delete(1)
    text = page(api)
    assert message in text
    assert "r.xml:7" in text
    assert "/api/v2/reports/1/files/1" in text
    assert "tests.parquet" not in text


def test_an_import_made_by_hand_has_a_page_without_its_upload(api):
    api.upload()
    end(api, report=report_of())
    del api.objects.kept["imports/1/request.json"]
    assert "test_adds" in page(api)


def test_a_report_without_tests_says_so(api):
    api.upload()
    end(api, report=report_of(counts=Counts(), failures=[], containers=[], container_count=0))
    assert "holds no tests" in page(api)


@pytest.mark.parametrize("path", ["/reports/99", "/reports/x", "/nothing/here", "/reports/99999999999999999999"])
def test_a_page_that_is_not_there_is_a_404_page(api, path):
    text = page(api, path, 404)
    assert "<h1>Not found</h1>" in text


def test_the_first_page_the_sign_in_and_the_documentation(api):
    assert f"{BASE_URL}/api/v2/profile/1/import" in page(api, "/")
    assert 'name="key"' in page(api, "/sign-in")
    text = page(api, "/docs")
    for words in ("/api/v2/profile/{profile_id}/import/{formatter}", "Idempotency-Key", "tag[]", "merge_containers"):
        assert words in text


def test_the_form_of_the_first_page_opens_a_report(api):
    answer = api.client.get("/open", params={"report": "41"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/reports/41")
    assert api.client.get("/open", params={"report": "x"}, headers=HTML).status_code == 400


def test_pages_are_never_cached_and_never_framed(api):
    headers = api.client.get("/").headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "'unsafe-inline'" not in headers["content-security-policy"]


def test_static_files_are_served_with_their_types(api):
    for name, kind in {"report.css": "text/css", "report.js": "text/javascript", "icon.svg": "image/svg+xml"}.items():
        answer = api.client_with().get(f"/static/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
    assert api.client.get("/static/../main.py").status_code == 404
    assert api.client.get("/static/").status_code == 404


def test_a_server_below_a_path_links_there():
    with running_api(base_url="https://x.example/tools/reports") as api:
        api.upload()
        assert 'data-live="/tools/reports/api/v2/reports/1"' in page(api)
        assert api.client_with().get("/reports/1").headers["location"].startswith("/tools/reports/sign-in?next=")


def test_the_tree_knows_the_depth_of_each_container_however_deep():
    deep = [ContainerHead(id=n, parent_id=n - 1 or None, title=str(n)) for n in range(1, 1000)]
    rows = tree(deep)
    assert [row.depth for row in rows[:3]] == [0, 1, 2]
    assert rows[-1].depth == MAX_INDENT


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "\N{EN DASH}"),
        (0, "0 s"),
        (0.5, "0.5 s"),
        (12.34, "12.3 s"),
        (260.682, "4 min 21 s"),
        (7260, "2 h 1 min"),
    ],
)
def test_durations_are_for_people(seconds, text):
    assert pages.seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (2**40, "1024.0 GiB")]
)
def test_sizes_are_for_people(size, text):
    assert pages.size_text(size) == text


def test_moments_are_in_utc():
    assert pages.moment_text(NOON) == "2026-01-31 12:00:00 UTC"


def test_an_address_that_is_none_has_a_page_in_our_words(api):
    assert "There is no report &#39;abc&#39; that you can see." in page(api, "/reports/abc", 404)
    assert "report: &#39;abc&#39; is not a whole number." in page(api, "/open?report=abc", 400)
    assert "report: must be at least 1" in page(api, "/open?report=0", 400)
