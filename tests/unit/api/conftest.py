import pytest
from support.api import running_api
from support.servers import servers


@pytest.fixture(scope="session", autouse=True)
def _shared_servers():
    with servers.shared():
        yield


@pytest.fixture
def api():
    """The API with its default limits, over stores in memory."""
    with running_api() as running:
        yield running
