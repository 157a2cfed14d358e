"""The dossier of a case: everything of it in order up to its last event, hash-chained and signed, as JSON and as PDF."""

from escalation.dossier.canonical import read
from escalation.dossier.making import make
from escalation.dossier.sealing import Dossier
from escalation.dossier.verifying import Verdict, verify

__all__ = ["Dossier", "Verdict", "make", "read", "verify"]
