"""Papers that leave the house as PDF: what sets them, and each kind with its template."""
