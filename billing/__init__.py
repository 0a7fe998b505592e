"""Money: wallets, ledger, top-ups, charges, bills."""
