"""Fink: what the fixtures do not show."""

import json
from datetime import datetime
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read
from support.skimming import read_both_ways

from report_processor.formats.fink import FinkParser, place_of


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


USUAL = {"referrer_title": "a / b", "referrer_xpath": "/html/a", "timestamp": "2026-11-24T15:00:00+00:00"}


def several(*odd):
    """Usual pages with odd ones among them, as Fink writes them."""
    pages = [page(f"https://e.example/{n // 5}/{n}", **USUAL) for n in range(40)]
    for at, one in enumerate(odd):
        pages[8 + 2 * at : 8 + 2 * at] = [one]
    return lines(*pages).replace("/", "\\/")


def decoded(document):
    """How many pages were decoded, not skimmed."""
    parser = FinkParser()
    with mock.patch.object(parser, "item", wraps=parser.item) as item:
        parser.feed(document)
        parser.close()
    return item.call_count


def test_the_usual_pages_are_skimmed():
    document = several()
    assert decoded(document) <= 2
    result = read_both_ways(document, "fink").results[-1]
    assert (result["title"], result["container_path"]) == ("39", "https://e.example > 7")
    assert (result["duration"], result["description"]) == (0.001, "https://e.example/7/39")
    assert dict(result["labels"]) == {"distance": "0", "referrer_title": "a / b", "referrer_xpath": "/html/a"}


@pytest.mark.parametrize(
    "more",
    [
        {"status": 404},
        {"status": 200.0},
        {"status": "200"},
        {"status": None, "exception": "no"},
        {"status": True},
        {"exception": "no"},
        {"exception": ""},
        {"url": ""},
        {"url": " "},
        {"url": 7},
        {"url": None},
        {"url": "https://e.example"},
        {"url": "https://e.example/0/a?b#c/d"},
        {"url": "https://e.example/0/"},
        {"url": "https://e.example/" + "x/" * 30},
        {"url": "https://e.example/" + "x" * 1_500},
        {"url": "https://e.example/" + "x" * 9_000},
        {"url": 'https://e.example/"' + "x" * 9_000},
        {"url": "https://e.example/\u00e9\\"},
        {"request_time": None},
        {"request_time": "1000"},
        {"request_time": "soon"},
        {"request_time": True},
        {"request_time": -1},
        {"request_time": 1.5},
        {"request_time": 1e30},
        {"request-time": 7},
        {"timestamp": None},
        {"timestamp": 1795533477},
        {"timestamp": "2026-02-29T15:00:00+00:00"},
        {"timestamp": "2026-11-24T14:00:00Z"},
        {"timestamp": "soon"},
        {"referrer_title": ""},
        {"referrer_title": None},
        {"referrer_title": 1.50},
        {"referrer_title": [1]},
        {"referrer_title": 'a "b" \n\t\\'},
        {"referrer_title": "x" * 1_500},
        {"referrer_title": '"' + "x" * 20_000},
        {"distance": -0.0},
        {"distance": True},
        {"distance": {"a": 1}},
        {"more": "x"},
        {"n" * 1_500: "x"},
        {f"more {number}": "x" for number in range(600)},
    ],
)
def test_an_odd_page_is_the_same_with_and_without_skimming(more):
    odd = page("https://e.example/0/odd", **USUAL) | more
    read_both_ways(several(*[odd] * 12), "fink")
    read_both_ways(several(odd, page(**USUAL), odd), "fink")
