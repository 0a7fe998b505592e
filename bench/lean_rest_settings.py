"""Settings of the lean JSON views: no middleware, on the database of the hall."""

from portal.settings.testing import *  # noqa: F403

ROOT_URLCONF = "bench.lean_rest"
MIDDLEWARE = []
