"""Is this answer valid for this form?"""
