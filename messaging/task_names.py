"""Names of the tasks of this app, so that operations can nudge them without importing the door."""

DELIVER_SMS = "messaging.deliver_sms"
SWEEP_SMS = "messaging.sweep_sms"
FORGET_STUB_TEXTS = "messaging.forget_stub_texts"
