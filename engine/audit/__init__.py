"""Records that stand up: hash chains of what happened, checkpoints signed outside the database, and their verification."""
