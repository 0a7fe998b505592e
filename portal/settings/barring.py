"""When lines are stopped and restored. Days are of 24 hours, money is fen; docs/how-to/dunning.md says more."""

import environ

env = environ.Env()

# For how many days customers may have a number stopped in one go, how often in a calendar year, and what each begun 30
# days cost.
OWN_BAR_DAYS = env.list("HALL_OWN_BAR_DAYS", cast=int, default=[30, 60, 90])
OWN_BARS_PER_YEAR = env.int("HALL_OWN_BARS_PER_YEAR", default=2)
OWN_BAR_FEE_FEN = env.int("HALL_OWN_BAR_FEE_FEN", default=5_00)

# The way of what is owed: a warning, outgoing calls and data barred, both ways barred, a warning of the release, the
# number released. Each step comes when the oldest charge has been owed for so many days; 0 stops before it.
DUNNING_DAYS = {
    "WARNED": env.int("HALL_DUNNING_WARNING_DAYS", default=3),
    "ONE_WAY": env.int("HALL_DUNNING_ONE_WAY_DAYS", default=10),
    "TWO_WAY": env.int("HALL_DUNNING_TWO_WAY_DAYS", default=25),
    "RELEASE_WARNED": env.int("HALL_DUNNING_RELEASE_WARNING_DAYS", default=100),
    "RELEASED": env.int("HALL_DUNNING_RELEASE_DAYS", default=115),
}
# Or sooner, when so much is owed: what the wallet with its overdraft did not reach for. 0 looks at days alone.
DUNNING_FEN = {
    "WARNED": env.int("HALL_DUNNING_WARNING_FEN", default=100_00),
    "ONE_WAY": env.int("HALL_DUNNING_ONE_WAY_FEN", default=200_00),
    "TWO_WAY": env.int("HALL_DUNNING_TWO_WAY_FEN", default=400_00),
}
# Less than this is never reason for a step.
DUNNING_LEAST_FEN = env.int("HALL_DUNNING_LEAST_FEN", default=1_00)
# However long something is owed, and wherever the clock jumps, so many days lie between two steps; more before a number
# is released, and before its customer is warned of that.
DUNNING_STEP_DAYS = env.int("HALL_DUNNING_STEP_DAYS", default=3)
DUNNING_GAP_DAYS = {
    "RELEASE_WARNED": env.int("HALL_DUNNING_RELEASE_WARNING_GAP_DAYS", default=60),
    "RELEASED": env.int("HALL_DUNNING_RELEASE_GAP_DAYS", default=14),
}
# So many more days before the first bar and what follows, by star: "4:3" gives four stars three days.
DUNNING_STAR_DAYS = {
    int(star): int(days)
    for star, days in (entry.split(":") for entry in env.list("HALL_DUNNING_STAR_DAYS", default=["3:2", "4:3", "5:7"]))
}
