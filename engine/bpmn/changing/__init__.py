"""A running instance goes on by another version of its process: which node becomes which, and what becomes of its tokens."""
