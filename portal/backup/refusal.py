"""The one way in which backup and restore say no."""


class BackupRefused(Exception):
    """A backup cannot be written or restored; the message is one sentence for the person at the terminal."""
