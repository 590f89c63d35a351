"""Fink: what the fixtures do not show."""

import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_processor.formats.fink import place_of


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def page(url="https://shop.example/", status=200, **more):
    return {
        "distance": 0,
        "exception": None,
        "referrer": None,
        "request_time": 1000,
        "status": status,
        "url": url,
        **more,
    }


def lines(*pages):
    return "".join(json.dumps(one) + "\n" for one in pages)


@pytest.mark.parametrize(
    ("url", "path", "title"),
    [
        ("https://e.org", ["https://e.org"], "/"),
        ("https://e.org/", ["https://e.org"], "/"),
        ("https://e.org/a", ["https://e.org"], "a"),
        ("https://e.org/a/", ["https://e.org", "a"], "/"),
        ("https://e.org/a/b?x=/1#/2", ["https://e.org", "a"], "b?x=/1#/2"),
        ("https://e.org?q=1", ["https://e.org"], "/?q=1"),
        ("https://e.org//a//b", ["https://e.org", "/", "a", "/"], "b"),
        ("http://[::1:80/x", ["http://[::1:80"], "x"),
        ("no address", [], "no address"),
        ("https://e.org/" + "a/" * 25 + "b", ["https://e.org", *["a"] * 20], "a/a/a/a/a/b"),
    ],
)
def test_a_page_lies_in_its_host_and_the_segments_of_its_path(url, path, title):
    place, found = place_of(url)
    assert ([one for one, _ in place], found) == (path, title)


def test_pages_of_one_folder_that_come_in_no_order_lie_in_one_container():
    urls = ["https://a.example/x/1", "https://b.example/", "https://a.example/x/2"]
    found = read(lines(*map(page, urls)))
    assert [container["title"] for container in found.containers] == ["https://a.example", "x", "https://b.example"]


def test_an_array_of_pages_is_read_as_well():
    found = read(json.dumps([page(), page("https://shop.example/a", 404)]))
    assert found.file["format"] == "fink"
    assert [row["status"] for row in found.results] == ["passed", "failed"]


@pytest.mark.parametrize(("status", "word"), [(200, "passed"), (204, "failed"), (301, "failed"), (503, "failed")])
def test_only_the_status_200_is_a_success(status, word):
    assert read(lines(page(status=status))).results[0]["status"] == word


def test_a_page_without_status_and_exception_is_unknown_and_noted():
    found = read(lines(page(status=None)))
    assert found.results[0]["status"] == "unknown"
    assert found.codes == ["unknown_status"]


def test_the_earliest_page_dates_the_report():
    found = read(
        lines(page(timestamp="2026-11-24T15:00:01+00:00"), page("x://y", timestamp="2026-11-24T15:00:00+00:00"))
    )
    assert found.summary["date"] == seconds("2026-11-24T15:00:00+00:00")


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
segment = st.text(
    st.characters(exclude_categories=["Cs", "Zs", "Cc"], exclude_characters="/?#"), min_size=1, max_size=8
)
segment = segment.filter(lambda value: value.strip() != "")
model = st.tuples(
    segment.filter(lambda value: "://" not in value),
    st.lists(segment, max_size=4),
    segment,
    st.sampled_from([(200, "passed"), (404, "failed"), (None, "broken")]),
    st.integers(0, 10**9),
    text,
)


@given(st.lists(model, max_size=10, unique_by=lambda one: (one[0], tuple(one[1]), one[2])), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_pages_written_by_fink_and_read_back_are_equal(pages, size):
    document = lines(
        *(
            page(
                f"https://{host}/{'/'.join([*path, title])}",
                status,
                request_time=micros,
                referrer_title=referrer,
                exception="no" if status is None else None,
            )
            for host, path, title, (status, _), micros, referrer in pages
        )
    )
    found = read(("r.json", Trickle(document.encode(), size)), formatter="fink")
    seen = [
        (found.path(row), row["title"], row["status"], row["duration"], dict(row["labels"]).get("referrer_title", ""))
        for row in found.results
    ]
    assert seen == [
        ([f"https://{host}", *path], title, word, round(micros * 1e-6, 9), referrer)
        for host, path, title, (_, word), micros, referrer in pages
    ]


def test_without_smart_there_is_no_tree():
    page = '{"distance":0,"referrer":null,"request_time":1,"status":200,"url":"https://example.org/a/b"}'
    assert read(page).results[0]["container_path"] == "https://example.org > a"
    (flat,) = read(page, smart=False).results
    assert (flat["container_path"], flat["title"]) == ("", "https://example.org/a/b")
