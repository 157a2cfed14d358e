"""How files become the newest version of a process: proposed with a note, looked at beside the version before, decided by another human
being, published at a set time; and a former version published again."""

from engine.publishing.proposals import (
    Proposal,
    approve,
    check_alone,
    files_of,
    get,
    listing,
    propose,
    propose_again,
    refuse,
    second_person,
    withdraw,
)
from engine.publishing.working import publish, run_due

__all__ = [
    "Proposal",
    "approve",
    "check_alone",
    "files_of",
    "get",
    "listing",
    "propose",
    "propose_again",
    "publish",
    "refuse",
    "run_due",
    "second_person",
    "withdraw",
]
