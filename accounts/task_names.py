"""Names of the tasks of this app, so that operations can nudge them without importing the door."""

MAKE_DATA_DOWNLOADS = "accounts.make_data_downloads"
