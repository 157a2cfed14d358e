"""The public side: reports without a log-in, known by a receipt code, and what the office and a reporter write to each other."""
