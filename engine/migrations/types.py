"""The column types that revisions name. They mean the same in every revision."""

from engine.tables import Id, Instant, Json

__all__ = ["Id", "Instant", "Json"]
