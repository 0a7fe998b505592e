"""REST doors: prepay balance (TMF654), which stands here and not in billing since its buckets are allowances too, and
product catalogue (TMF620), ordering (TMF622)."""
