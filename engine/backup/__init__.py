"""Everything of a city in one file, and back: from either database into either.

The file is a compressed tar that any tool opens: `manifest.json` (what this is, and the columns of each table), the rows of each table
as lines of JSON, the contents of attachments under their hashes, and at the end `sums.json` with the count and hash of every table.
Written from one snapshot, while people work on."""

from engine.backup.reading import BackupBroken, NotEmpty, restore
from engine.backup.writing import write

__all__ = ["BackupBroken", "NotEmpty", "restore", "write"]
