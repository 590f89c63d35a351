"""Two replicas of the API, side by side."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from cluster.kit.reports import junit

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def replicas(release):
    """The API of each of two Pods."""
    pods = release.ready_pods("api")[:2]
    assert len(pods) == 2
    with ExitStack() as stack:
        yield [stack.enter_context(release.api(pod)) for pod in pods]


def test_the_same_idempotency_key_at_both_replicas_at_once_is_one_report(release, replicas):
    content = junit(40)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda turn: replicas[turn % 2].post(content, key="both-at-once"), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    reports = {answer.json()["report_id"] for answer in answers if answer.status_code != 409}
    assert len(reports) == 1
    release.wait_for_end(reports.pop())
    made = [each for each in release.kubectl.json("get", "reportimports")["items"] if each["spec"]["source"]["files"]]
    assert len(made) == len({each["spec"]["reportId"] for each in made})


def test_numbers_that_both_replicas_give_at_once_are_all_different(release, replicas):
    with ThreadPoolExecutor(10) as pool:
        numbers = list(pool.map(lambda turn: replicas[turn % 2].upload(junit(3)), range(20)))
    assert len(set(numbers)) == 20
    for number in numbers:
        release.wait_for_end(number)


def test_each_replica_knows_what_the_other_took_in(replicas):
    taken = replicas[0].upload(junit(3))
    assert replicas[1].status(taken)["report_id"] == taken
