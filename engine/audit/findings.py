"""What a verification says: findings (somebody tampered), warnings (somebody should look), notes, and what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MOST_KEPT = 1_000
"""Findings of one kind that are kept; all are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written. `kind`: a word of code; `where`: the stream, checkpoint or row."""

    kind: str
    where: str
    zh: str
    en: str


@dataclass
class Report:
    """The outcome of a verification."""

    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    """How many findings of each kind there are."""
    rows: int = 0
    chains: int = 0
    checkpoints: int = 0
    unsealed: int = 0
    """Rows after the newest checkpoint: the open window."""
    sealed_at: datetime | None = None
    """When the newest checkpoint was made."""

    @property
    def good(self) -> bool:
        """True when nothing was found."""
        return not self.kinds

    def found(self, kind: str, where: str, zh: str, en: str) -> None:
        """Add a finding."""
        self.kinds[kind] += 1
        if self.kinds[kind] <= MOST_KEPT:
            self.findings.append(Finding(kind, where, zh, en))

    @contextmanager
    def reading(self, where: str) -> Iterator[None]:
        """While something is read that an attacker may have written: what cannot be read is a finding, and the rest is looked at."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, IndexError) as error:
            what = f"{type(error).__name__}: {error}"[:200]
            self.found("unreadable", where, f"{where}：内容无法读取（{what}）", f"{where}: cannot be read ({what})")

    def warn(self, kind: str, where: str, zh: str, en: str) -> None:
        """Add what somebody should look at."""
        if len(self.warnings) < MOST_KEPT:
            self.warnings.append(Finding(kind, where, zh, en))

    def note(self, kind: str, where: str, zh: str, en: str) -> None:
        """Add what is worth knowing."""
        self.notes.append(Finding(kind, where, zh, en))

    def summary(self) -> dict[str, Any]:
        """What is kept of it in the audit: figures, and the first findings."""
        return {
            "good": self.good,
            "rows": self.rows,
            "chains": self.chains,
            "checkpoints": self.checkpoints,
            "unsealed": self.unsealed,
            "findings": sum(self.kinds.values()),
            "kinds": dict(self.kinds),
            "first": [{"where": f.where, "zh": f.zh, "en": f.en} for f in self.findings[:20]],
            "warnings": [{"where": f.where, "zh": f.zh, "en": f.en} for f in self.warnings[:20]],
            "notes": [{"where": f.where, "zh": f.zh, "en": f.en} for f in self.notes[:20]],
        }
