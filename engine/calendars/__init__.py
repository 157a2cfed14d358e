"""The city's calendars: read from tables of rows (`reading`), kept as versioned books (`books`) that two people change (`changes`): row by
row (`editing`) or by a year's notice (`notices`); what two of them differ in (`comparing`), and what follows them (`followers`)."""

from engine.calendars.books import DEFAULT, Book, at, current, open_book, seed, version
from engine.calendars.reading import COLUMNS, load, read

__all__ = ["COLUMNS", "DEFAULT", "Book", "at", "current", "load", "open_book", "read", "seed", "version"]
