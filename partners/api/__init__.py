"""REST doors: who may call, how often, and what is written down about it. Resources stand with what they show."""
