"""Customers, their documents, numbers and SIM cards. Durations are seconds unless the name says otherwise."""

import environ

env = environ.Env()

# Customers' documents and PUKs lie sealed in the database: keys with commas, the newest first; it seals, all of them
# open (`manage.py rotate_document_keys`). A document is found again by a hash, under a key that never changes.
DOCUMENT_KEYS = [key for key in env.list("HALL_DOCUMENT_KEYS", default=[]) if key]
DOCUMENT_HASH_KEY = env("HALL_DOCUMENT_HASH_KEY", default="")
# How many numbers may be open under one identity document.
LINES_PER_DOCUMENT = env.int("HALL_LINES_PER_DOCUMENT", default=5)
# How long sensitive acts cannot be done online after a change of SIM card.
SIM_CHANGE_WAIT_SECONDS = env.int("HALL_SIM_CHANGE_WAIT_SECONDS", default=72 * 3600)
# How long a number stays as it is after a change of number, and how long a line must have been open to be ported out.
NUMBER_CHANGE_AFTER_DAYS = env.int("HALL_NUMBER_CHANGE_AFTER_DAYS", default=30)
PORTING_AFTER_DAYS = env.int("HALL_PORTING_AFTER_DAYS", default=120)
