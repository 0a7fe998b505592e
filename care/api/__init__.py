"""REST doors: trouble tickets (TMF621) and geographic sites (TMF674)."""
