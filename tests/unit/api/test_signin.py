import pytest
from support.api import BASE_URL, running_api
from support.reports import end

from report_api.signin import local_path
from report_contract.accesskeys import Role

COOKIE = "__Host-report-import-key"


def sign_in(api, key, **arguments):
    data = {"key": key, "next": arguments.pop("next", "/reports/1")}
    return api.client_with().post("/sign-in", data=data, **arguments)


def test_a_page_sends_to_the_sign_in_and_that_back(api):
    api.upload()
    answer = api.client_with().get("/reports/1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/reports/1")
    form = api.client_with().get(answer.headers["location"])
    assert 'name="next" value="/reports/1"' in form.text
    answer = sign_in(api, f" {api.keys[Role.USER]}\n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/reports/1")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(api):
    cookie = sign_in(api, api.keys[Role.USER]).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for attribute in ("HttpOnly", "SameSite=lax", "Secure", "Path=/", "Max-Age=43200"):
        assert attribute in cookie


def test_the_cookie_of_a_plain_http_server_is_not_marked_secure():
    with running_api(base_url="http://127.0.0.1:8080") as api:
        cookie = sign_in(api, api.keys[Role.USER]).headers["set-cookie"]
        assert cookie.startswith("report-import-key=")
        assert "Secure" not in cookie


def test_the_cookie_reads_pages_and_the_api_and_changes_nothing(api):
    api.upload()
    end(api)
    browser = api.client_with(cookie=f"{COOKIE}={api.keys[Role.ADMINISTRATOR]}")
    for path in ("/reports/1", "/api/v2/reports/1/status", "/api/v2/reports/1/events", "/api/v2/reports/1/files/1"):
        assert browser.get(path).status_code == 200
    assert browser.post("/api/v2/profile/1/import", content=b"<a/>").status_code == 401
    assert browser.post("/api/v2/reports/1/cancel").status_code == 401
    assert browser.delete("/api/v2/reports/1").status_code == 401


def test_a_cookie_with_a_key_that_was_revoked_is_worth_nothing(api):
    api.upload()
    browser = api.client_with(cookie=f"{COOKIE}=ri_00000000_gone")
    assert browser.get("/reports/1").status_code == 303
    assert browser.get("/api/v2/reports/1/status").status_code == 401


def test_a_wrong_key_is_told_on_the_form(api):
    answer = sign_in(api, "nonsense<b>")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert 'role="alert"' in answer.text
    assert "nonsense" not in answer.text


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}]
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_form_of_another_site_is_refused(api, headers, path):
    answer = api.client_with().post(path, data={"key": api.keys[Role.USER]}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": BASE_URL}]
)
def test_our_own_form_is_taken(api, headers):
    assert sign_in(api, api.keys[Role.USER], headers=headers).status_code == 303


def test_signing_out_takes_the_cookie_away(api):
    answer = api.client_with().post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_a_form_that_is_too_large_is_refused(api):
    assert api.client_with().post("/sign-in", content=b"key=" + b"x" * 100_000).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:x", "", "/a\nb", "/a\\b"],
)
def test_nobody_is_sent_to_another_site_after_signing_in(path):
    assert local_path(path) == "/"


def test_a_path_of_ours_is_kept():
    assert local_path("/reports/41") == "/reports/41"
