"""The actions `certificate` and `certificate_state`: issued once with its step, verified by a code kept nowhere, changed by law."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, select, update

from engine import certificates
from engine.errors import BusinessError
from engine.tables import certificate, history, metadata
from escalation import records
from tests import laws
from tests.bpmn.drawing import chain, end, ext, start, tag
from tests.db.talking import OPERATOR, bundle, work
from tests.keys import CITY
from web.city import City

LINES = (
    "=[{zh: &quot;地点&quot;, en: &quot;Place&quot;, value: &quot;章华中路&quot;}, {zh: &quot;面积&quot;, value: 12.0}]"
)


def granting(which: str = "paper", **said: str) -> dict[str, bytes]:
    given = {
        "kind": "excavation",
        "id": which,
        "holder": "=name",
        "lines": LINES,
        "public": "={place: &quot;章华中路&quot;}",
    }
    given |= {"valid_from": "=begins", "valid_until": "=ends", **said}
    more = "".join(f' {name}="{value}"' for name, value in given.items())
    service = tag("serviceTask", ext(f'<ld:action name="certificate"{more}/>'), id="X")
    return bundle(start(), service, work("A"), end(), chain("S", "X", "A", "E"), key="granting")


def granted(city: City, **said: str) -> tuple[int, dict[str, Any]]:
    city.deploy(granting(**said))
    case = city.start("granting", {}, OPERATOR, given={"name": "某公司", "begins": "2026-03-10", "ends": "2026-03-20"})
    city.run_due()
    (row,) = certificates.of_instance(city.core, case)
    return case, row


def test_it_is_issued_once_and_only_its_number_and_hash_are_told(city: City) -> None:
    case, row = granted(city)
    assert row["valid_from"] == datetime(2026, 3, 9, 16, tzinfo=UTC)  # the first moment of the day here
    assert row["valid_until"] == datetime(2026, 3, 20, 15, 59, 59, tzinfo=UTC)  # the whole last day
    assert row["data"]["lines"] == [
        {"zh": "地点", "en": "Place", "value": "章华中路"},
        {"zh": "面积", "en": "面积", "value": "12"},
    ]
    assert row["hash"] == certificates.digest(row)
    with city.core.db.read() as connection:
        (said,) = connection.execute(select(history.c.data).where(history.c.kind == "action_done")).scalars()
        kept = json.dumps([[str(v) for v in r] for t in metadata.sorted_tables for r in connection.execute(select(t))])
    assert said["result"] == {"id": "paper", "number": row["number"], "hash": row["hash"]}
    code = certificates.code_of(row)
    assert code not in kept
    assert certificates.opens(row, code.lower())
    assert not certificates.opens(row, code[::-1])
    assert not certificates.opens(row, "")
    laws.check(city)
    assert certificates.of_instance(city.core, case) == [row]


def test_a_new_key_of_the_city_leaves_codes_as_they_are(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    _, row = granted(city)
    code = certificates.code_of(row)
    monkeypatch.setenv("LIANDONG_KEY", f"{Fernet.generate_key().decode()},{CITY}")
    assert certificates.code_of(row) == code
    assert certificates.opens(row, code)
    monkeypatch.setenv("LIANDONG_KEY", Fernet.generate_key().decode())
    assert not certificates.opens(row, code)
    with pytest.raises(LookupError):
        certificates.code_of(row)


def test_what_became_of_it_follows_the_law(city: City) -> None:
    case, row = granted(city)
    noon = datetime(2026, 3, 15, 4, tzinfo=UTC)
    day = timedelta(days=1)
    truth = {
        ("valid", noon): "valid",
        ("valid", noon - 9 * day): "not_yet",
        ("valid", noon + 9 * day): "expired",
        ("suspended", noon): "suspended",
        ("suspended", noon + 9 * day): "suspended",
        ("revoked", noon - 9 * day): "revoked",
        ("replaced", noon): "replaced",
    }
    assert {(s, at): certificates.standing({**row, "state": s}, at) for s, at in truth} == truth

    def change(state: str, **which: str) -> Any:
        return certificates.change(city.core, case, {"state": state, "why": "复查", **which})

    assert change("suspended")["number"] == row["number"]
    before = len(city.trail(case))
    assert change("suspended", number=row["number"])  # once more: nothing
    assert len(city.trail(case)) == before
    assert change("valid")
    assert change("revoked", id="paper")
    with pytest.raises(BusinessError) as refused:
        change("valid")
    assert refused.value.error_code == "certificate_final"
    with pytest.raises(BusinessError) as refused:
        change("revoked", number="WJ2026-00000000")
    assert refused.value.error_code == "certificate_unknown"
    with city.core.db.read() as connection:
        assert connection.execute(select(certificate.c.state, certificate.c.why)).all() == [("revoked", "复查")]
    laws.check(city)


def test_whoever_changes_one_behind_the_programs_back_is_found(city: City) -> None:
    case, row = granted(city)
    certificates.change(city.core, case, {"state": "suspended"})
    assert not records.verify(city.core).kinds["row_differs"]
    changes: list[dict[str, Any]] = [
        {"state": "valid"}, {"valid_until": row["valid_until"] + timedelta(days=300)}, {"number": "WJ2026-ANOTHER1"},
        {"data": {**row["data"], "holder": "另一家公司"}}, {"public": {"place": "别处"}}, {"hash": "sha256:0"}, {"id": "other"},
    ]  # fmt: skip
    kept = certificates.of_instance(city.core, case)[0]
    unseen = []
    for values in changes:
        with city.core.db.write() as connection:
            connection.execute(update(certificate).values(**values))
        if not records.verify(city.core).kinds["row_differs"]:
            unseen.append(values)
        with city.core.db.write() as connection:
            connection.execute(update(certificate).values(**kept))
    assert unseen == []
    with city.core.db.write() as connection:
        connection.execute(delete(certificate))
    assert records.verify(city.core).kinds["row_differs"]
