"""Reads for pages and the API, one noun a file. Rights are part of the query, by `engine.access`."""
