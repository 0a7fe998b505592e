"""`python -m portal.supervisor`, which is what bin/serve runs."""

import os
import sys

from portal.supervisor.hall import run

if __name__ == "__main__":
    sys.exit(run(os.environ))
