"""The city's calendars: read from tables of rows (`reading`), kept as versioned books that two people change (`books`)."""

from engine.calendars.books import DEFAULT, Book, at, current, open_book, provisional, seed, version
from engine.calendars.reading import COLUMNS, load, read

__all__ = ["COLUMNS", "DEFAULT", "Book", "at", "current", "load", "open_book", "provisional", "read", "seed", "version"]
