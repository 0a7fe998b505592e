"""What is sold and what a line has: catalogue, orders with second confirmation, subscriptions, buckets, usage."""
