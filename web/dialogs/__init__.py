"""Acts on tasks and cases as dialogs: what each asks, what it does with the answers, and where it is offered."""
