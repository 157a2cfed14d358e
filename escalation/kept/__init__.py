"""What a worker counts of a large city, and keeps until the next count."""
