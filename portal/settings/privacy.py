"""Customers' data: how long what is kept, and what they may take along. Days, unless the name says otherwise."""

import environ

env = environ.Env()

# The words of texts we sent; that they were sent is kept as long as what they told of.
TEXT_KEEP_DAYS = env.int("HALL_TEXT_KEEP_DAYS", default=365)
INBOUND_KEEP_DAYS = env.int("HALL_INBOUND_KEEP_DAYS", default=365)
# Whom a call or text was with. Must not be less than DETAIL_RECORD_MONTHS, in which the records are shown.
DETAIL_RECORD_KEEP_DAYS = env.int("HALL_DETAIL_RECORD_KEEP_DAYS", default=240)
# Channel figures of two years can be counted from them.
INTERACTION_KEEP_DAYS = env.int("HALL_INTERACTION_KEEP_DAYS", default=730)
# Whom a partner entered and for whom no account was opened.
PROSPECT_KEEP_DAYS = env.int("HALL_PROSPECT_KEEP_DAYS", default=180)
DATA_DOWNLOAD_KEEP_DAYS = env.int("HALL_DATA_DOWNLOAD_KEEP_DAYS", default=365)
# How long the copy itself is there, and how many may be asked for in a day.
DATA_DOWNLOAD_LIFETIME_SECONDS = env.int("HALL_DATA_DOWNLOAD_LIFETIME_SECONDS", default=24 * 3600)
DATA_DOWNLOADS_PER_DAY = env.int("HALL_DATA_DOWNLOADS_PER_DAY", default=3)

# What each app says of itself.
RETENTION_RULES = [
    "accounts.operations.retention.list_rules",
    "messaging.operations.retention.list_rules",
    "packages_app.operations.retention.list_rules",
    "care.operations.retention.list_rules",
    "channels.operations.retention.list_rules",
    "partners.operations.retention.list_rules",
]
OWN_DATA = ["accounts", "billing", "packages_app", "care", "messaging", "channels", "partners"]
