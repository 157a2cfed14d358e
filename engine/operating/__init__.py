"""What operators do with instances: hold them, and, with a second person, set right what went wrong."""
