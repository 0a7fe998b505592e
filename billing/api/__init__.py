"""What billing serves over REST: TMF678 customer bills."""
