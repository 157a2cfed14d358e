"""What a security administrator does with other people's accounts. Each act is recorded with its reason; the accounts of the three
administrators are kept from each other: they are mended on the server itself (`./run admin`)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, update

from engine import tokens
from engine.access import check_power
from engine.audit import recording
from engine.errors import Invalid, NotAllowed, NotFound
from engine.files import PUBLIC
from engine.login import second
from engine.organisation.revision import touch
from engine.passwords import hash_password, store
from engine.people import NEVER_LENT, Actor, load_actor
from engine.tables import login_link, membership, person, post, session

if TYPE_CHECKING:
    from engine.core import Core

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no two that look alike


def new_password() -> str:
    """A password to be given to somebody, who must change it: 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def check_can_keep(connection: Connection, by: Actor, person_id: int) -> None:
    """May they keep this account? NotAllowed: no power, their own, another administrator's, or the public's. NotFound:
    nobody."""
    check_power(by, "secure", "管理账号", "keep accounts")
    login = connection.execute(select(person.c.login).where(person.c.id == person_id)).scalar()
    if login is None:
        raise NotFound(what="person")
    if login == PUBLIC:
        raise NotAllowed(
            act_zh="管理此账号",
            act_en="keep this account",
            why_zh="这是系统代公众写入时使用的账号，无人可用它登录",
            why_en="the program writes in its name for the public; nobody logs in with it",
        )
    if person_id in by.accounts:
        raise NotAllowed(
            act_zh="管理自己的账号",
            act_en="keep your own account here",
            why_zh="请在“我的账号”中操作，或由他人办理",
            why_en="use “My account”, or ask somebody else",
        )
    powers = connection.execute(
        select(post.c.powers)
        .join(membership, membership.c.post_key == post.c.key)
        .where(membership.c.person_id == person_id)
    ).scalars()
    if NEVER_LENT.intersection(power for each in powers for power in each):
        raise NotAllowed(
            act_zh="管理此账号",
            act_en="keep this account",
            why_zh="三类管理员互相独立，其账号只能在服务器上用 ./run admin 处理",
            why_en="administrators are kept from each other; their accounts are mended on the server by ./run admin",
        )


def disable(core: Core, by: Actor, person_id: int, reason: str) -> None:
    """Lock an account until it is enabled again: sessions and tokens end at once. NotAllowed, NotFound, Invalid (no reason)."""
    with core.db.write() as connection:
        check_can_keep(connection, by, person_id)
        done = connection.execute(
            update(person).where(person.c.id == person_id, person.c.active).values(active=False)
        ).rowcount
        if not done:
            return
        connection.execute(delete(session).where(session.c.person_id == person_id))
        tokens.revoke_all(core, connection, person_id)
        touch(connection, [person_id])
        _record(core, connection, "disabled", by, person_id, {"reason": _reason(reason)})


def enable(core: Core, by: Actor, person_id: int, reason: str) -> None:
    """Let a disabled account work again. NotFound for who left the organisation: they come back as a new member."""
    with core.db.write() as connection:
        check_can_keep(connection, by, person_id)
        done = connection.execute(
            update(person)
            .where(person.c.id == person_id, ~person.c.active, person.c.left_at.is_(None))
            .values(active=True)
        ).rowcount
        if not done:
            raise NotFound(what="person")
        touch(connection, [person_id])
        _record(core, connection, "enabled", by, person_id, {"reason": _reason(reason)})


def reset_password(core: Core, by: Actor, person_id: int, reason: str) -> str:
    """A password for a time, shown this once: with it one can do nothing but choose another. Sessions end, tokens
    are revoked. NotAllowed, NotFound."""
    password = new_password()
    hashed = hash_password(password)
    with core.db.write() as connection:
        check_can_keep(connection, by, person_id)
        store(core, connection, person_id, hashed, must_change=True)
        _record(core, connection, "password_reset", by, person_id, {"reason": _reason(reason)})
    return password


def drop_second_factor(core: Core, by: Actor, person_id: int, reason: str) -> None:
    """For who lost phone and recovery codes: the second factor is gone, and so are their sessions. NotAllowed, NotFound."""
    with core.db.write() as connection:
        check_can_keep(connection, by, person_id)
        if second.drop(connection, person_id):
            connection.execute(delete(session).where(session.c.person_id == person_id))
            _record(core, connection, "second_factor_dropped", by, person_id, {"reason": _reason(reason)})


def end_everything(core: Core, by: Actor, person_id: int, reason: str) -> None:
    """End every session and every token of a person. NotAllowed, NotFound."""
    with core.db.write() as connection:
        check_can_keep(connection, by, person_id)
        connection.execute(delete(session).where(session.c.person_id == person_id))
        tokens.revoke_all(core, connection, person_id)
        _record(core, connection, "logged_out_by_force", by, person_id, {"reason": _reason(reason)})


def link(core: Core, by: Actor, person_id: int, issuer: str, subject: str) -> None:
    """This subject of an identity provider is this person from now on. NotAllowed, NotFound, Invalid (taken)."""
    subject = subject.strip()
    if not subject or len(subject) > 200:
        raise Invalid(why_zh="请填写统一身份标识", why_en="the subject is missing")
    with core.db.write() as connection:
        check_can_keep(connection, by, person_id)
        make_link(core, connection, person_id, issuer, subject, by)


def make_link(core: Core, connection: Connection, person_id: int, issuer: str, subject: str, by: Actor | None) -> None:
    """The same inside a transaction, also by the system for a verified claim. Invalid when the subject is somebody already."""
    taken = connection.execute(
        select(login_link.c.person_id).where(login_link.c.issuer == issuer, login_link.c.subject == subject)
    ).scalar()
    if taken is not None:
        raise Invalid(why_zh="该统一身份已关联其他人员", why_en="this subject is linked to somebody already")
    connection.execute(
        login_link.insert().values(
            issuer=issuer,
            subject=subject,
            person_id=person_id,
            at=core.db.now_on(connection),
            by_id=by.id if by is not None else None,
        )
    )
    _record(core, connection, "linked", by, person_id, {"issuer": issuer})


def unlink(core: Core, by: Actor, person_id: int, issuer: str, subject: str) -> None:
    """The subject is nobody from now on; sessions of the person end. NotAllowed, NotFound."""
    with core.db.write() as connection:
        check_can_keep(connection, by, person_id)
        gone = connection.execute(
            delete(login_link).where(
                login_link.c.issuer == issuer, login_link.c.subject == subject, login_link.c.person_id == person_id
            )
        ).rowcount
        if not gone:
            raise NotFound(what="link")
        connection.execute(delete(session).where(session.c.person_id == person_id))
        _record(core, connection, "unlinked", by, person_id, {"issuer": issuer})


def mend_administrator(core: Core, login: str) -> str:
    """For the command on the server: a password for a time for an administrator who cannot come in, without second factor; works
    for nobody else. NotFound, NotAllowed."""
    password = new_password()
    hashed = hash_password(password)
    with core.db.write() as connection:
        actor = load_actor(connection, login)
        if not actor.powers & NEVER_LENT:
            raise NotAllowed(
                act_zh="重置此账号",
                act_en="reset this account here",
                why_zh="此人不是管理员，由安全管理员在“账号”页面重置",
                why_en="this is no administrator: a security administrator does it on the page “Accounts”",
            )
        store(core, connection, actor.id, hashed, must_change=True)
        second.drop(connection, actor.id)
        _record(core, connection, "password_reset", None, actor.id, {"reason": "command on the server"})
    return password


def _reason(reason: str) -> str:
    plain = reason.strip()
    if not plain:
        raise Invalid(why_zh="请填写理由", why_en="a reason is needed")
    return plain[:500]


def _record(
    core: Core, connection: Connection, kind: str, by: Actor | None, person_id: int, data: Mapping[str, Any]
) -> None:
    recording.record(core, connection, recording.SECURITY, kind, actor=by, about=f"person:{person_id}", data=data)
