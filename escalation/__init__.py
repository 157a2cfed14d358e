"""Deadlines, and what happens when they run out."""
