"""BPMN: reading a file, running it, keeping its state. The only place that imports SpiffWorkflow."""
