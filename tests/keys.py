"""Keys that everybody knows, so that what tests seal opens again, also in golden databases."""

CITY = "dGhlIGtleSBvZiBhIGNpdHkgb25seSBmb3IgdGVzdHM="
"""32 bytes, as Fernet wants them: a city's key for tests only."""
