"""Papers for customers: PDF files of bills, and e-invoices. Durations are seconds."""

import environ

env = environ.Env()

# Each press is a process for as long as one paper takes; each server process has so many.
PAPER_PRESSES = env.int("HALL_PAPER_PRESSES", default=2)
PAPER_WAIT_SECONDS = env.int("HALL_PAPER_WAIT_SECONDS", default=5)
PAPER_SECONDS = env.int("HALL_PAPER_SECONDS", default=15)
PAPER_MEMORY_BYTES = env.int("HALL_PAPER_MEMORY_BYTES", default=1024**3)
# A bill of more lines is read on its page: about 300 sheets.
BILL_PAPER_LINES = env.int("HALL_BILL_PAPER_LINES", default=5_000)
