"""REST doors: trouble tickets (TMF621)."""
