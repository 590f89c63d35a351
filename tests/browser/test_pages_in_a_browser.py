"""Reading, signing in, and what everybody must be able to do with every page."""

import pytest
from playwright.sync_api import expect
from support.api import running_api
from support.reports import apply, end, report_of, warning

from report_contract.accesskeys import Role
from report_contract.phases import Phase
from report_contract.report import ContainerHead
from report_contract.resource import Progress

PAGES = ["/", "/sign-in", "/docs", "/reports/1", "/reports/2", "/reports/3", "/reports/4"]

# The contrast of every piece of text with what is painted behind it, by the formula of WCAG 2.2.
LOW_CONTRAST = """() => {
  const channels = (css) => css.match(/[0-9.]+/g).map(Number);
  const light = (css) => {
    const [r, g, b] = channels(css).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(20, 23, 26)" : "rgb(255, 255, 255)";
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.closest(".skip, .hidden")) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${element.tagName} ${element.className} ${element.textContent.trim()} ${ratio}`);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def filled():
    """A server with an import in each state: succeeded, running, queued, failed."""
    with running_api(base_url="http://127.0.0.1:8080", anonymous_read=True) as api:
        for _ in range(4):
            api.upload(("a-rather-long-file-name-as-build-tools-write-them-TEST-com.example.shop.xml", b"<testsuite/>"))
        containers = [
            ContainerHead(id=n, parent_id=n - 1 or None, title="com.example.Nested" * 3) for n in range(1, 20)
        ]
        messages = [warning("The suite says 120 tests, the file holds 118. " * 5, file="x" * 300, line=3, column=5)]
        end(api, 1, report=report_of(containers=containers, messages=messages, message_count=1))
        apply(api.imports, 2, phase=Phase.RUNNING, message="Reading.", progress=Progress(percent=50, tests=10**7))
        end(api, 4, phase=Phase.FAILED, message="No file could be read.", messages=messages, message_count=1)
        yield api


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [360, 1200])
def test_no_page_is_wider_than_its_window(filled, open_page, path, width):
    page = open_page(filled.url + path, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_enough_contrast_in_both_colour_schemes(filled, open_page, path, scheme):
    page = open_page(filled.url + path, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    assert page.evaluate(LOW_CONTRAST) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_landmarks_and_a_way_past_the_navigation(filled, open_page, path):
    page = open_page(filled.url + path)
    for role in ("banner", "main"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("navigation", name="Site")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    assert page.locator("input:not([type=hidden])").evaluate_all("all => all.every((one) => one.labels.length === 1)")


def test_a_failure_is_opened_with_the_keyboard(filled, open_page):
    page = open_page(f"{filled.url}/reports/1")
    trace = page.get_by_text("Traceback:")
    expect(trace).to_be_hidden()
    page.locator("details.result summary").first.focus()
    page.keyboard.press("Enter")
    expect(trace).to_be_visible()
    expect(page.locator("pre", has_text="1 != <b>2</b>")).to_be_visible()


def test_the_original_is_downloaded_under_its_name(filled, open_page):
    page = open_page(f"{filled.url}/reports/4")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith("TEST-com.example.shop.xml")


def test_the_number_of_a_report_leads_to_its_page(filled, open_page):
    page = open_page(filled.url)
    page.get_by_label("Open report number").fill("4")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Report 4")).to_be_visible()


def test_a_report_is_read_after_signing_in_and_not_after_signing_out(open_page):
    with running_api(base_url="http://127.0.0.1:8080") as api:
        api.upload()
        page = open_page(f"{api.url}/reports/1", complains=True)  # the wrong key is a 401 on the console
        page.get_by_label("API key").fill("ri_00000000_wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("not valid")
        page.get_by_label("API key").fill(api.keys[Role.READ_ONLY])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Report 1")).to_be_visible()
        end(api, report=report_of())  # the events are read with the cookie too
        expect(page.get_by_role("heading", name="Results")).to_be_visible()
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Sign out").click()
        page.goto(f"{api.url}/reports/1")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_what_a_file_says_is_never_run(open_page, server):
    server.upload(("<img src=x onerror=document.title='run'>.xml", b"<x/>"))
    bad = "<script>document.title='run'</script><img src=x onerror=document.title='run'>"
    end(server, report=report_of(tags=[bad], messages=[warning(bad, file=bad)], message_count=1), message=bad)
    page = open_page(f"{server.url}/reports/1")
    expect(page.get_by_text(bad).first).to_be_visible()
    assert page.title() == "Report 1: success"
