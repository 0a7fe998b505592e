"""One self-service engine, many halls: SMS commands, the 1008611 call, the virtual handset."""
