"""Names of the tasks of this app, so that operations can nudge them without importing the door."""

SWEEP_HUBS = "partners.sweep_hubs"
DELIVER_EVENTS = "partners.deliver_events"
