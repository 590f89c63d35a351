"""The identity of a test does not depend on where a CI system checks a project out."""

import pytest
from support.reading import read

from report_processor.checkout import title_of_path

FOLDERS = [
    "/home/runner/work/shop/shop/",
    "/Users/runner/work/shop/shop/",
    "D:\\a\\shop\\shop\\",
    "/home/vsts/work/1/s/",
    "/home/circleci/project/",
    "/var/lib/jenkins/workspace/shop/",
    "/home/jenkins/agent/workspace/shop@2/",
    "C:\\Jenkins\\workspace\\shop\\",
    "/opt/actions-runner/_work/shop/shop/",
    "C:\\agents\\2\\_work\\1\\s\\",
    "/var/lib/buildkite-agent/builds/host-1/acme/shop/",
    "/drone/src/",
    "/opt/teamcity/buildAgent/work/4d1b5b0f5c1a2b3c/",
    "/home/bamboo/xml-data/build-dir/SHOP-MAIN-JOB1/",
    "",
]


def report(folder):
    return (
        f'<testsuite name="{folder}tests/cart.test.js">'
        f'<testcase classname="{folder}tests/cart.test.js" name="adds"/>'
        f'<testcase classname="{folder}tests/cart.test.js" name="fails"><failure/></testcase></testsuite>'
    )


def test_a_test_has_one_history_on_every_ci_system():
    seen = {tuple(row["history_hash"] for row in read(report(folder)).results) for folder in FOLDERS}
    assert len(seen) == 1


def test_the_titles_stay_as_they_are():
    (suite,) = read(report(FOLDERS[0])).containers
    assert suite["title"] == "/home/runner/work/shop/shop/tests/cart.test.js"


@pytest.mark.parametrize("text", ["a/b", "/home/me/shop/tests/a.js", "what / who", "C:\\", "x", ""])
def test_other_texts_are_no_checkouts(text):
    assert title_of_path(text).replace("\\", "/") == text.replace("\\", "/")
