"""Newman: what the fixtures do not show."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import Trickle, read


def execution(name="greets", *assertions, item="1", iteration=0, cycles=1, **more):
    return {
        "cursor": {"iteration": iteration, "cycles": cycles},
        "item": {"id": item, "name": name},
        "response": {"code": 200, "status": "OK", "stream": {"type": "Buffer", "data": [123, 125]}, "responseTime": 5},
        "assertions": [*assertions],
        **more,
    }


def assertion(title, error=None, skipped=False):
    return {"assertion": title, "skipped": skipped, **({"error": error} if error else {})}


def report(*executions, items=(), **run):
    items = list(items) or [{"id": "1", "name": "greets"}]
    stats = {"assertions": {"total": sum(len(one["assertions"]) for one in executions)}}
    run = {"stats": stats, "timings": {"started": 1795532733640}, "executions": list(executions), **run}
    return json.dumps({"collection": {"info": {"name": "shop"}, "item": items}, "run": run})


def test_the_members_of_a_report_may_stand_in_any_order():
    first = json.loads(report(execution("greets", assertion("a"), assertion("b", {"name": "E", "message": "no"}))))
    found = read(json.dumps(first)), read(json.dumps(first, sort_keys=True))
    assert found[0].counts == found[1].counts
    assert [row["title"] for row in found[1].results] == ["a", "b"]


def test_a_request_in_folders_lies_in_them():
    items = [{"name": "outer", "item": [{"name": "inner", "item": [{"id": "9", "name": "greets"}]}]}]
    found = read(report(execution("greets", assertion("a"), item="9"), items=items))
    assert found.path(found.results[0]) == ["outer", "inner", "greets"]


def test_a_request_that_the_collection_does_not_know_lies_in_no_folder():
    found = read(report(execution("greets", assertion("a"), item="other")))
    assert found.path(found.results[0]) == ["greets"]


def test_the_time_of_the_response_is_told_once():
    found = read(report(execution("greets", assertion("a"), assertion("b"))))
    assert [row["duration"] for row in found.results] == [0.005, None]


def test_an_error_of_the_whole_run_is_a_broken_result():
    found = read(report(execution("greets", assertion("a")), error={"name": "Error", "message": "no collection"}))
    assert found.counts["broken"] == 1
    assert [row["exception_description"] for row in found.results if row["status"] == "broken"] == ["no collection"]


def test_a_body_is_passed_over_however_long_it_is():
    body = {"type": "Buffer", "data": [65] * 1_500_000}
    found = read(report(execution("greets", assertion("a"), response={"code": 200, "stream": body})))
    assert found.codes == []
    assert found.counts["passed"] == 1


def test_other_counts_in_the_summary_are_noted():
    assert read(report(execution("greets", assertion("a")), stats={"assertions": {"total": 4}})).codes == [
        "suite_count_differs"
    ]


def test_secrets_of_the_environment_are_nowhere():
    document = json.loads(report(execution("greets", assertion("a"))))
    document["environment"] = {"values": [{"key": "password", "value": "hunter2"}]}
    document["run"]["executions"][0]["request"] = {"header": [{"key": "authorization", "value": "hunter2"}]}
    assert "hunter2" not in repr(read(json.dumps(document)).results)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
name = text.filter(lambda value: value.strip() != "")
checked = st.tuples(name, st.sampled_from(["passed", "failed", "skipped"]), text, text)
model = st.tuples(name, st.lists(checked, min_size=1, max_size=5, unique_by=lambda one: one[0]), st.integers(0, 10**6))


def written(one):
    title, status, kind, message = one
    error = {"name": kind, "message": message, "stack": "x"} if status == "failed" else None
    return assertion(title, error, status == "skipped")


@given(st.lists(model, max_size=6, unique_by=lambda one: one[0]), st.integers(1, 400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_run_written_as_newman_and_read_back_is_equal(requests, size):
    executions = [
        execution(title, *map(written, checks), item=title, response={"code": 200, "responseTime": milliseconds})
        for title, checks, milliseconds in requests
    ]
    items = [{"name": "folder", "item": [{"id": title, "name": title} for title, _, _ in requests]}]
    found = read(("r.json", Trickle(report(*executions, items=items).encode(), size)))
    seen = [
        (found.path(row), row["title"], row["status"], row["duration"], row["exception_name"]) for row in found.results
    ]
    assert seen == [
        (
            ["folder", title],
            one[0],
            one[1],
            None if number else round(milliseconds / 1000, 9),
            one[2] if one[1] == "failed" else "",
        )
        for title, checks, milliseconds in requests
        for number, one in enumerate(checks)
    ]


def told(found, *members):
    """Of each result, these members."""
    return [tuple(result[member] for member in members) for result in found.results]


def of_cli(**execution):
    """A report of the Postman CLI with one execution."""
    return {
        "collection": {"info": {"name": "shop"}, "item": [{"name": "cart", "item": [{"id": "1", "name": "adds"}]}]},
        "run": {
            "meta": {"collectionName": "shop", "started": 1795532733640},
            "summary": {"tests": {"executed": 3, "failed": 1, "passed": 1, "skipped": 1}},
            "executions": [{"requestExecuted": {"id": "1", "name": "adds", "method": "GET"}, **execution}],
        },
    }


def test_tests_of_the_postman_cli_are_assertions():
    tests = [
        {"name": "a", "status": "passed"},
        {"name": "b", "status": "failed", "error": {"name": "AssertionError", "message": "no"}},
        {"name": "c", "status": "skipped"},
    ]
    document = of_cli(response={"code": 200, "responseTime": 12}, tests=tests, errors=[])
    found = read(("run.json", json.dumps(document)))
    assert found.codes == []
    assert told(found, "container_path", "title", "status", "exception_description") == [
        ("cart > adds", "a", "passed", ""),
        ("cart > adds", "b", "failed", "no"),
        ("cart > adds", "c", "skipped", ""),
    ]
    assert found.results[0]["duration"] == 0.012


def test_an_error_that_the_postman_cli_tells_breaks_the_request():
    document = of_cli(tests=[], errors=[{"message": "getaddrinfo ENOTFOUND"}])
    found = read(("run.json", json.dumps(document)))
    assert told(found, "title", "status", "exception_description") == [("request", "broken", "getaddrinfo ENOTFOUND")]


def test_the_postman_app_exports_the_outcomes_of_each_iteration():
    document = {
        "id": "0",
        "name": "shop",
        "collection_id": "1",
        "startedAt": "2026-01-31T12:00:00.000Z",
        "totalPass": 3,
        "totalFail": 1,
        "results": [
            {
                "name": "adds",
                "url": "https://example.org/cart?key=secret",
                "time": 30,
                "responseCode": {"code": 200, "name": "OK"},
                "tests": {"status": True, "body": False},
                "times": [10, 20],
                "allTests": [{"status": True, "body": True}, {"status": True, "body": False}],
            },
            {"name": "opens", "responseCode": {"code": 204}, "tests": {}, "times": [7], "allTests": [{}]},
            {"name": "is away", "tests": {}, "times": [], "allTests": [{}]},
        ],
    }
    found = read(("run.json", json.dumps(document)))
    assert found.file["format"] == "newman"
    assert found.codes == []
    assert told(found, "container_path", "title", "status", "duration") == [
        ("adds > iteration 1", "status", "passed", 0.01),
        ("adds > iteration 1", "body", "passed", None),
        ("adds > iteration 2", "status", "passed", 0.02),
        ("adds > iteration 2", "body", "failed", None),
        ("opens", "request", "passed", 0.007),
        ("is away", "request", "broken", None),
    ]
    assert "secret" not in json.dumps(found.containers)
