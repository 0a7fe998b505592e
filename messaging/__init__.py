"""The SMS post office: outbox, gateways, texts, inbound messages and calls."""
