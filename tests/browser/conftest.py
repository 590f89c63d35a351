import os
import shutil

import pytest
from playwright.sync_api import sync_playwright
from support.api import running_api
from support.binaries import missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",  # in containers, where the tests run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


# Not for the whole session: while playwright lives, its event loop runs in this thread, and asyncio.run in
# other tests refuses to start one.
@pytest.fixture(scope="module")
def chromium():
    """One Chromium for the tests of a module; each test has a profile of its own in it."""
    named = os.environ.get("REPORT_IMPORT_CHROMIUM")
    executable = named or next((found for name in NAMES if (found := shutil.which(name))), None)
    if executable is None:
        missing("Chromium for the browser tests is missing: none of chromium, chromium-browser, google-chrome in PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def server():
    """An API whose pages everybody may read."""
    with running_api(base_url="http://127.0.0.1:8080", anonymous_read=True) as running:
        yield running


@pytest.fixture
def open_page(chromium):
    """Opens pages and sees to it that the browser complains about none of them."""
    contexts, complaints = [], []

    def opened(address, *, complains=False, **options):
        context = chromium.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        if not complains:
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
