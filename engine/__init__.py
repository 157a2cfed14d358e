"""Read, deploy, run and work processes."""
