"""Paths of test files as titles: without the folders into which CI systems check out.

Reports name test files by absolute paths and do not say where the project begins. A title must be the
same on every machine, for it makes the identity of the tests below it. What is cut here are only the
folders of which it is known that a project begins right behind them; any other path stays as it is,
because a guess that differs between two runs would break their history.
"""

import re
from typing import Final

_CHECKOUTS: Final = re.compile(
    r"""(?:file://)?(?:
      /home/runner/work/[^/]+/[^/]+/            # GitHub Actions on Linux
    | /Users/runner/work/[^/]+/[^/]+/           # ... on macOS
    | /__w/[^/]+/[^/]+/                         # ... in a container
    | /?[A-Za-z]:/a/[^/]+/[^/]+/                # ... on Windows, and Azure Pipelines
    | /github/workspace/
    | /(?:home|Users)/(?:vsts|runner)/work/\d+/s/ # Azure Pipelines
    | /home/circleci/(?:project|repo)/
    | /home/gitlab-runner/builds/[^/]+/\d+/[^/]+/[^/]+/
    | /(?:var/(?:lib/)?)?buildkite(?:-agent)?/builds/[^/]+/[^/]+/[^/]+/
    | /drone/src/
    # Agents that one runs oneself stand in any folder.
    | (?:/|[A-Za-z]:/)(?:[^/]+/)*?(?:
        [Jj]enkins(?:_home)?/(?:agent/)?workspace/[^/]+/
      | _work/\d+/s/                             # Azure Pipelines
      | _work/([^/]+)/\1/                        # GitHub Actions
      | buildAgent/work/[0-9a-f]{16}/            # TeamCity
      | xml-data/build-dir/[^/]+/                # Bamboo
      )
    | /opt/atlassian/pipelines/agent/build/
    | /codebuild/output/src\d+/src/
    | /home/travis/build/[^/]+/[^/]+/
    )(?=[^/])""",
    re.VERBOSE,
)
_DRIVE: Final = re.compile(r"[A-Za-z]:\\")


def title_of_path(path: str) -> str:
    """The path of a test file as a title, with ``/`` between its parts; a text that is no path as it is."""
    if "/" not in path and "\\" not in path:
        return path
    if _DRIVE.match(path):
        path = path.replace("\\", "/")
    found = _CHECKOUTS.match(path)
    return path[found.end() :] if found else path
