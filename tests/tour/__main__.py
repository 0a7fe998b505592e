"""`bin/screenshots`."""

import sys

import django

django.setup()

from tests.tour.screenshots import main  # noqa: E402 (models need the set-up)

sys.exit(main())
