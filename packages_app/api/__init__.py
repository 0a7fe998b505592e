"""REST doors: prepay balance (TMF654). It stands here and not in billing since its buckets are allowances too."""
