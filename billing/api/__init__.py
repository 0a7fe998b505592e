"""What billing serves over REST: TMF678 customer bills, TMF676 payments and refunds."""
