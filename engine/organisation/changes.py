"""Changes of the organisation as reviewed acts: one proposes (power `administer`), another human being approves (`secure`), a worker
carries out. A change is proposed, then refused, withdrawn or approved; approved, then applying while tasks move, then applied; or
failed when by then it cannot be carried out (nothing was changed then)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.organisation.plans import Preview

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it stands. `done` of `total` tasks have moved."""

    id: int
    kind: str
    plan: Row
    preview: Row
    state: str
    reason: str
    proposed_at: datetime
    proposed_by: int | None
    reviewed_at: datetime | None
    reviewed_by: int | None
    review_note: str
    applied_at: datetime | None
    done: int
    total: int
    error: str | None


def preview(core: Core, kind: str, plan: Mapping[str, Any]) -> Preview:
    """What this plan would change now; its `problems` say why it cannot be carried out. Invalid when the plan has not the shape of its
    kind (see `engine.organisation.plans`)."""
    raise NotImplementedError


def propose(core: Core, kind: str, plan: Mapping[str, Any], by: int | str, reason: str) -> int:
    """Put a change up for review; answers its id. NotAllowed without the power to administer; Invalid (`params["problems"]`: each one)
    when it cannot be carried out as it is."""
    raise NotImplementedError


def approve(core: Core, change_id: int, by: int | str, note: str = "") -> None:
    """Approve it: workers carry it out. NotAllowed: without the power `secure`, by the human being who proposed it, or by one whose own
    posts it changes. Invalid: it is not open any more, or cannot be carried out as things stand now."""
    raise NotImplementedError


def refuse(core: Core, change_id: int, by: int | str, note: str) -> None:
    """Refuse it, and say why. As `approve`."""
    raise NotImplementedError


def withdraw(core: Core, change_id: int, by: int | str) -> None:
    """Take back what one proposed oneself, as long as nobody approved it."""
    raise NotImplementedError


def get(core: Core, change_id: int) -> Change:
    """One change. NotFound when there is none. Rights are the page's: only those who administer, secure or audit see changes."""
    raise NotImplementedError


def listing(core: Core, states: Iterable[str] = (), limit: int = 100) -> list[Change]:
    """The newest changes first; only of these states where any are named."""
    raise NotImplementedError
