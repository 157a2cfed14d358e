"""Where the parts are put together: the one place that knows them all."""

from __future__ import annotations

from pathlib import Path

from engine import certificates, files_along, following, reservations
from engine.clock import Clock
from engine.core import Core
from engine.db import Database
from engine.registers import putting
from escalation import granting, inspecting, rungs, standing, statutory, telling_clocks
from escalation.assessment import judging
from escalation.clocks import READS, Clocks, due
from escalation.dossier import asking
from escalation.sending import telling
from web import settings
from web.city import City

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = ROOT / "processes"
SCHEMAS = ROOT / "forms" / "schemas"


def open_city(url: str, clock: Clock | None = None, *, durable: bool = True, identity_url: str | None = None) -> City:
    """The whole product on this database. With `clock` the live world runs on it, else on the database's own time. The schema must
    be there (`web.setting_up.migrate`). `identity_url`: the same database as a role that may read who reported (PostgreSQL; default:
    IDENTITY_DATABASE_URL)."""
    db = Database(url, durable=durable)
    identity_url = identity_url or settings.identity_database_url()
    core = Core(
        db=db,
        clock=clock,
        listeners=(following.follow, Clocks(), rungs.keep, reservations.keep),
        reads=(READS,),
        tells=(due,),
    )
    core.judges |= dict.fromkeys(judging.REGISTERS, judging.judge)
    core.actions |= granting.ACTIONS | statutory.ACTIONS | telling_clocks.ACTIONS
    core.identity_db = Database(identity_url) if identity_url and db.postgresql else None
    core.actions["dossier"] = asking.action
    core.actions["register_put"] = putting.action
    core.actions["clock_standing"] = standing.clock_standing
    core.actions["inspection_terms"] = inspecting.terms
    core.actions_within["notify"] = telling.notify
    core.actions_within["certificate"] = certificates.issue
    core.actions_within["take_files"] = files_along.take
    core.actions["certificate_state"] = certificates.change
    core.actions |= reservations.ACTIONS
    return City(core)
