"""Files of shops and hotspots."""
