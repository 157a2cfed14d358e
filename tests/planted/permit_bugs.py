"""Bugs that were nearly made around certificates and applications of the public."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine import certificates
from engine.errors import BusinessError
from engine.public import applying, codes
from engine.tables import metadata
from tests.applying import NAME, SAID, offer, work
from tests.planted.bug import Bug
from web.city import City


def a_code_kept_as_it_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(certificates, "_keyed", lambda code: [code])


def a_revoked_one_valid_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(certificates, "FINAL", frozenset())


def who_applied_as_a_fact(patch: pytest.MonkeyPatch) -> None:
    real = applying._answered

    def answered(kind: Any, given: applying.Application) -> Any:
        answers, more, left = real(kind, given)
        return answers, {**more, **{name: value for name, (_, value) in given.personal.items()}}, left

    patch.setattr(applying, "_answered", answered)


def granted(city: City) -> tuple[int, dict[str, Any]]:
    """An application brought to its certificate."""
    offer(city)
    core = city.core
    kind = applying.kind_of(core, "trial_permit")
    case = applying.submit(core, codes.derive(b"a secret", "planted"), kind, applying.read(core, kind, SAID, ()))
    work(city, case)
    (task,) = city.tasks(case)
    applying.answer(core, case, int(task.ref.partition(".")[2]), {"method": "开槽"}, (), None)
    work(city, case)
    (row,) = certificates.of_instance(core, case)
    return case, row


def nothing_secret_is_kept(city: City) -> None:
    """Neither the code of a certificate nor who applied stands in any table."""
    _, row = granted(city)
    made = codes.written(certificates._codes(row["instance_id"], row["id"])[0])
    with city.core.db.read() as connection:
        tables = [t for t in metadata.sorted_tables if t.name != "blob"]
        kept = "".join(str(each) for t in tables for each in connection.execute(select(t)))
    assert not [said for said in (made, NAME) if said in kept]


def revoked_is_for_ever(city: City) -> None:
    """Nothing makes a revoked certificate valid again."""
    case, _ = granted(city)
    certificates.change(city.core, case, {"state": "revoked"})
    with pytest.raises(BusinessError):
        certificates.change(city.core, case, {"state": "valid"})


PERMIT_BUGS = (
    Bug(a_code_kept_as_it_is, nothing_secret_is_kept),
    Bug(who_applied_as_a_fact, nothing_secret_is_kept),
    Bug(a_revoked_one_valid_again, revoked_is_for_ever),
)
