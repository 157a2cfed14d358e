"""Measurements on a real PostgreSQL: ratios taken side by side in one run. `./run bench`."""
