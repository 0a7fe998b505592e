"""How fast the hall is, as ratios to the leanest way of doing the same, taken in one run on the same data."""
