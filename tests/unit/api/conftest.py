import pytest
from support.api import join_ended, running_api


@pytest.fixture(scope="session", autouse=True)
def _all_servers_stop():
    yield
    join_ended()


@pytest.fixture
def api():
    """The API with its default limits, over stores in memory."""
    with running_api() as running:
        yield running
