"""Figures of the REST face."""

import environ

env = environ.Env()

# Calls of a partner in a minute, where its page says nothing else; of a customer's own token; tokens asked for with one
# client from one address, and in all from one address.
PARTNER_CALLS_PER_MINUTE = env.int("HALL_PARTNER_CALLS_PER_MINUTE", default=600)
CUSTOMER_TOKEN_CALLS_PER_MINUTE = env.int("HALL_CUSTOMER_TOKEN_CALLS_PER_MINUTE", default=60)
PARTNER_TOKENS_PER_MINUTE = env.int("HALL_PARTNER_TOKENS_PER_MINUTE", default=30)
PARTNER_TOKENS_PER_ADDRESS_MINUTE = env.int("HALL_PARTNER_TOKENS_PER_ADDRESS_MINUTE", default=120)
# How long the secret before stays valid after a new one was made, unless staff say otherwise.
PARTNER_SECRET_OVERLAP_HOURS = env.int("HALL_PARTNER_SECRET_OVERLAP_HOURS", default=72)
# How long calls are kept to be looked up.
PARTNER_CALL_KEEP_DAYS = env.int("HALL_PARTNER_CALL_KEEP_DAYS", default=400)
CUSTOMER_TOKENS_PER_LINE = env.int("HALL_CUSTOMER_TOKENS_PER_LINE", default=10)
CUSTOMER_TOKEN_DAYS = env.list("HALL_CUSTOMER_TOKEN_DAYS", cast=int, default=[30, 90, 365])
# For how long a partner sets money aside when it names no end, and at most.
PARTNER_HOLD_HOURS = env.int("HALL_PARTNER_HOLD_HOURS", default=24)
PARTNER_HOLD_MOST_DAYS = env.int("HALL_PARTNER_HOLD_MOST_DAYS", default=7)
# Hubs: how many addresses a partner may have, how long one delivery may take, how many hours an event is tried, and how
# many days events are kept.
HUBS_PER_PARTNER = env.int("HALL_HUBS_PER_PARTNER", default=50)
HUB_TIMEOUT = env.float("HALL_HUB_TIMEOUT", default=10.0)
HUB_TRY_HOURS = env.int("HALL_HUB_TRY_HOURS", default=72)
HUB_EVENT_KEEP_DAYS = env.int("HALL_HUB_EVENT_KEEP_DAYS", default=30)
