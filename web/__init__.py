"""Everything that starts the program: pages, JSON API, commands."""
