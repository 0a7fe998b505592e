"""What accounts serve over REST: TMF629 customers."""
