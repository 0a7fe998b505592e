"""Charges that staff make by hand, and what paying late costs."""

import environ

env = environ.Env()

# The largest correction of a wallet that staff may propose, in either direction, and the largest one-off fee.
ADJUSTMENT_MAXIMUM_FEN = env.int("HALL_ADJUSTMENT_MAXIMUM_FEN", default=500_00)
ONE_OFF_FEE_MAXIMUM_FEN = env.int("HALL_ONE_OFF_FEE_MAXIMUM_FEN", default=500_00)

# What was charged in a month can be paid without a late fee for so many days after its end. From then on it costs so
# many ten-thousandths a day (万分之几); 0 is none. The law allows 30.
LATE_FEE_AFTER_DAYS = env.int("HALL_LATE_FEE_AFTER_DAYS", default=30)
LATE_FEE_PER_TEN_THOUSAND = env.int("HALL_LATE_FEE_PER_TEN_THOUSAND", default=0)
