"""The organisation: who belongs where, how that changes, and what nodes remember of it."""
