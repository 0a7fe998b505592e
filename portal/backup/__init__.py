"""Backup and restore of the one record, PostgreSQL. Redis holds nothing that cannot be lost.

A backup is two files: a dump of one snapshot, and beside it a manifest that says what the dump holds, so that a
restore can tell whether all of it came back. `manage.py backup` and `manage.py restore` are its doors.
"""
