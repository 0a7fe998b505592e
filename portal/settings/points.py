"""Points: what they are earned for and worth until staff make a rule of their own (billing.PointsRule)."""

import environ

env = environ.Env()

POINTS_PER_YUAN = env.int("HALL_POINTS_PER_YUAN", default=1)
# Percent of that without a star, and with one to five.
POINTS_STAR_PERCENTS = env.list("HALL_POINTS_STAR_PERCENTS", cast=int, default=[100, 100, 100, 120, 150, 200])
# Points of a month can be used to the end of the month so many months later.
POINTS_LIFETIME_MONTHS = env.int("HALL_POINTS_LIFETIME_MONTHS", default=36)
# What they are exchanged for, and how long that can be spent; 0 is for ever.
POINTS_PER_BONUS_YUAN = env.int("HALL_POINTS_PER_BONUS_YUAN", default=100)
POINTS_BONUS_DAYS = env.int("HALL_POINTS_BONUS_DAYS", default=365)
# Customers are told of points that expire within so many days.
POINTS_EXPIRY_NOTICE_DAYS = env.int("HALL_POINTS_EXPIRY_NOTICE_DAYS", default=30)
