"""What accounts serve over REST: TMF629 customers, TMF681 messages of partners."""
