"""Who: customers, accounts, lines, sign-in, staff, and which partner may see which account."""
