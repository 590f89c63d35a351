import pytest
from support.api import running_api


@pytest.fixture
def api():
    """The API with its default limits, over stores in memory."""
    with running_api() as running:
        yield running
