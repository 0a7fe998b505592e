import time
from pathlib import Path

import pytest
import redis

from portal.embedded.child import stop_together
from portal.embedded.redis import embedded_redis


class TestEmbeddedRedis:
    def test_answers_only_those_who_know_the_password(self, tmp_path: Path) -> None:
        server = embedded_redis(tmp_path)
        server.child.start()
        try:
            server.child.wait_until_ready(seconds=60, pause=time.sleep)
            assert redis.Redis.from_url(server.url()).set("key", "value") is True
            with pytest.raises(redis.AuthenticationError):
                redis.Redis(port=server.port).get("key")
        finally:
            stop_together([server.child], grace_seconds=3)
        assert (tmp_path / "run" / "redis.conf").stat().st_mode & 0o077 == 0
