"""`python -m portal.supervisor`, which is what bin/serve runs."""

import os
import sys

from portal.supervisor.hall import exit_code_of, run

if __name__ == "__main__":
    sys.exit(exit_code_of(lambda: run(os.environ)))
