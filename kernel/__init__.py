"""Shared ground: money, errors, clock, masking, phone numbers, enqueue-on-commit, REST plumbing. Knows no other app."""
