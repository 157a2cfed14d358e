"""One act on many tasks (批量办理): each task is a step of its own, with a result of its own."""
