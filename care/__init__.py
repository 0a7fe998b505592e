"""What a customer asks and complains of, and where shops and hotspots are."""
