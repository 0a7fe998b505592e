"""Settings of the lean page: what a session and a user need, on the database of the hall."""

from portal.settings.testing import *  # noqa: F403

ROOT_URLCONF = "bench.lean_page"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
