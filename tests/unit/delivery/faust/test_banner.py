"""What Faust prints of a worker as it starts is true."""

import pytest

from worker.assembly import build_app
from worker.pool.pool import PoolCounts
from worker.settings import Settings


class NoPool:
    ready, counts = True, PoolCounts()

    def __init__(self, settings):
        pass

    async def submit(self, item):
        raise NotImplementedError


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({}, "http://127.0.0.1:6066"),
        ({"DATELINE_WEB_PORT": "16066"}, "http://127.0.0.1:16066"),
        ({"DATELINE_WEB_HOST": "0.0.0.0", "DATELINE_WEB_PORT": "7"}, "http://0.0.0.0:7"),
        ({"DATELINE_WEB_HOST": "::1"}, "http://[::1]:6066"),
        ({"DATELINE_WEB_PORT": "0"}, "off (DATELINE_WEB_PORT=0)"),
    ],
)
def test_the_banner_tells_where_the_health_page_is(variables, shown):
    # Where outputs are named, no broker is asked for them.
    app = build_app(Settings.from_env({**variables, "DATELINE_OUTPUTS": "enriched"}), make_pool=NoPool)
    assert f"{app.web_server_url}" == shown
