"""Drafts of processes: the files of a version to be, saved as somebody draws, and who else has one open. Nothing runs by a draft; what it
becomes goes through `engine.publishing`."""

from engine.drafts.keeping import Draft, Saved, begin, discard, files_of, get, listing, save

__all__ = ["Draft", "Saved", "begin", "discard", "files_of", "get", "listing", "save"]
