"""Settings of the hall as it serves customers: no virtual handset, static files as in production."""

from portal.settings.testing import *  # noqa: F403
from portal.settings.testing import MIDDLEWARE

DEMO_MODE = False
# Static files are no part of the pages that are measured.
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]
