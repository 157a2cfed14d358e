"""The live picture of a process: its figures, live or as a worker counted them."""
