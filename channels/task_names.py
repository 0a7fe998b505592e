"""Names of the tasks of this app, so that receivers can send them without importing the door."""

ANSWER_INBOUND = "channels.answer_inbound"
SWEEP_INBOUND = "channels.sweep_inbound"
