"""Starts everything the hall needs on one machine, keeps it running, and stops it: `python -m portal.supervisor`."""
