"""The one way in which starting up says no."""


class StartRefused(Exception):
    """Something outside the hall keeps it from starting; the message is one sentence for the person at the terminal."""
