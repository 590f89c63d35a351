"""The page of an import that is under way, in a real browser."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect
from support.processes import wait_until
from support.reports import apply, end, report_of

from report_contract.phases import Phase
from report_contract.resource import Attempts, Progress


def running(server, **progress):
    apply(
        server.imports,
        phase=Phase.RUNNING,
        message=f"Reading r.xml: {progress.get('tests', 0)} tests so far.",
        progress=Progress(files_total=2, **progress),
        attempts=Attempts(started=1),
        started_at=datetime.now(UTC) - timedelta(seconds=5),
    )


def field(page, name):
    return page.locator(f'[data-field="{name}"]')


def test_the_page_follows_the_import_from_the_queue_to_the_results(server, open_page):
    server.upload()
    page = open_page(f"{server.url}/reports/1")
    expect(page.get_by_role("status").first).to_have_text("Import has been put in the queue.")
    expect(field(page, "queue.position")).to_have_text("1")

    running(server, percent=10, tests=1500, failed=2)
    expect(field(page, "import_status")).to_have_text("processing")
    expect(field(page, "progress.tests")).to_have_text("1,500")
    expect(field(page, "progress.failed")).to_have_text("2")
    expect(page.get_by_role("status").first).to_have_text("Reading r.xml: 1500 tests so far.")
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert page.locator("progress").evaluate("bar => bar.value") == 10

    running(server, percent=80, tests=9000, failed=2, files_done=1)
    expect(field(page, "progress.tests")).to_have_text("9,000")
    expect(field(page, "progress.files_done")).to_have_text("1")

    end(server, report=report_of())
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    expect(page.get_by_text("8 tests have been imported.")).to_be_visible()
    expect(page.locator("[data-live]")).to_have_count(0)


def test_the_clock_runs_between_the_events(server, open_page):
    server.upload()
    running(server, tests=1)
    page = open_page(f"{server.url}/reports/1")
    elapsed = page.locator("[data-elapsed]")
    before = elapsed.text_content()
    expect(elapsed).not_to_have_text(before)


def test_the_page_asks_again_and_again_where_there_are_no_events(server, open_page):
    server.upload()
    page = open_page("about:blank", complains=True)  # the browser reports the refused stream
    page.route("**/events", lambda route: route.fulfill(status=503, body=""))
    page.goto(f"{server.url}/reports/1")
    running(server, tests=77)
    expect(field(page, "progress.tests")).to_have_text("77", timeout=10_000)
    expect(page.locator("[data-offline]")).to_be_hidden()
    end(server, report=report_of())
    expect(page.get_by_role("heading", name="Results")).to_be_visible(timeout=10_000)


def test_a_connection_that_breaks_is_told_and_found_again(server, open_page):
    server.upload()
    page = open_page(f"{server.url}/reports/1", complains=True)
    expect(field(page, "queue.position")).to_have_text("1")
    wait_until(lambda: server.app.state.context.watching.listeners == 1, what="the page listens")
    page.context.set_offline(True)
    page.evaluate("window.stop()")
    running(server, tests=5)
    page.context.set_offline(False)
    expect(field(page, "progress.tests")).to_have_text("5", timeout=15_000)
    expect(page.locator("[data-offline]")).to_be_hidden()


def test_the_page_works_without_javascript(server, open_page):
    server.upload()
    page = open_page(f"{server.url}/reports/1", java_script_enabled=False)
    running(server, tests=33)
    expect(field(page, "progress.tests")).to_have_text("33", timeout=10_000)
    end(server, report=report_of())
    expect(page.get_by_role("heading", name="Results")).to_be_visible(timeout=10_000)
    page.get_by_text("test_adds").click()
    expect(page.get_by_text("Traceback:")).to_be_visible()


def test_a_cancelled_import_ends_on_a_whole_page(server, open_page):
    server.upload()
    page = open_page(f"{server.url}/reports/1")
    end(server, phase=Phase.CANCELLED, message="The import was cancelled.", counts=None)
    expect(page.get_by_text("The import was cancelled.")).to_be_visible()
    expect(page.get_by_role("link", name="Download r.xml")).to_be_visible()


def test_a_report_that_is_deleted_while_it_is_watched_ends_on_the_404_page(server, open_page):
    server.upload()
    page = open_page(f"{server.url}/reports/1", complains=True)
    expect(field(page, "queue.position")).to_have_text("1")
    server.imports.delete(1)
    server.objects.delete("imports/1/")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible(timeout=15_000)
