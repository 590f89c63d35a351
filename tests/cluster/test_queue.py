"""Many imports at once never exceed the limit, and all of them end."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from cluster.kit.reports import junit

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

MAX_CONCURRENT = 5


def test_twenty_at_once_never_run_more_than_the_limit(release, api):
    with release.kubectl.watching("pods", "app.kubernetes.io/component=processor") as events:
        with ThreadPoolExecutor(20) as pool:
            reports = list(pool.map(lambda number: api.upload(junit(20 + number)), range(20)))
        ended = [release.wait_for_end(report_id, seconds=240) for report_id in reports]

    assert len(set(reports)) == 20
    assert {resource["status"]["phase"] for resource in ended} == {"Succeeded"}
    totals = {resource["spec"]["reportId"]: resource["status"]["counts"]["total"] for resource in ended}
    assert totals == {report_id: 20 + number for number, report_id in enumerate(reports)}
    assert most_at_once(events) == MAX_CONCURRENT


def most_at_once(events: list[dict]) -> int:
    """The largest number of Pods that were there and had not ended, at any event of a watch."""
    alive: set[str] = set()
    most = 0
    for event in events:
        name, phase = event["object"]["metadata"]["name"], event["object"]["status"].get("phase")
        if event["type"] == "DELETED" or phase in {"Succeeded", "Failed"}:
            alive.discard(name)
        else:
            alive.add(name)
        most = max(most, len(alive))
    return most
