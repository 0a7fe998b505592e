"""What the demo sells: names and prices in the style of the trade, all invented.

The offerings stand in `catalogue.csv`, as the staff desk exports and imports them.
"""

from pathlib import Path

GB = 1024**3

CARE_19 = "PLAN-CARE-19"
JOY_29 = "PLAN-JOY-29"
JOY_59 = "PLAN-JOY-59"
JOY_99 = "PLAN-JOY-99"
JOY_129 = "PLAN-JOY-129"
JOY_199 = "PLAN-JOY-199"
PACK_5GB_MONTHLY = "DATA-5GB-MONTHLY"
PACK_20GB_MONTHLY = "DATA-20GB-MONTHLY"
PACK_1GB = "DATA-1GB"
PACK_10GB = "DATA-10GB"
RINGBACK = "VAS-VIDEO-RINGBACK"
MISSED_CALLS = "VAS-MISSED-CALLS"
READING = "VAS-READING"
MUSIC = "VAS-MUSIC"

# What demo people have; the rest of the catalogue is there to be ordered.
PLANS = (CARE_19, JOY_29, JOY_59, JOY_99, JOY_129, JOY_199)
MONTHLY_PACKS = (PACK_5GB_MONTHLY, PACK_20GB_MONTHLY)
PACKS = (PACK_1GB, PACK_10GB)
VALUE_ADDED = (RINGBACK, MISSED_CALLS, READING, MUSIC)


def read_catalogue_file() -> bytes:
    """Return the demo's catalogue as `packages_app.operations.import_offerings` takes it."""
    return Path(__file__).with_suffix(".csv").read_bytes()
