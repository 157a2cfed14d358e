"""The inbox, search, case page and completions with a million open tasks, beside the same with ten thousand."""
