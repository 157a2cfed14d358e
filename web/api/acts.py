"""What people do with tasks and instances beside completing: the same acts as the pages' dialogs."""

from __future__ import annotations

from typing import Any

from engine.errors import Invalid
from engine.queries import cases, choosing, copies, earlier
from engine.queries.tasks import user_task
from web.api import act_schemas as given_by
from web.api import views
from web.api.house import act, actor, blueprint
from web.api.problems import speak
from web.api.schemas import DoneSchema, ReasonSchema
from web.api.task_schemas import CompletedSchema
from web.auth import city
from web.policies import SIGNED_IN, policy

Row = dict[str, Any]


def _done(reply: Row) -> Row:
    return {"instance": str(reply["instance"])}


def _opened(reply: Row) -> Row:
    return {**_done(reply), "opened": [views.ref(reply["instance"], one) for one in reply["opened"]]}


def _people(instance: int, logins: list[str]) -> list[int]:
    """People by log-in, for one who sees the case."""
    return choosing.by_login(city().core, actor(), instance, logins)


# ---------------------------------------------------------------- whose a task is


@blueprint.post("/tasks/<ref:ref>/sign")
@policy(SIGNED_IN)
@act
@blueprint.response(200, DoneSchema)
def sign(key: str | None, ref: str) -> Row:
    """Say that the unit has received a task (签收). Once: 422 says who did before."""
    return _done(city().sign(ref, actor().id, key))


@blueprint.post("/tasks/<ref:ref>/delegate")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.DelegateSchema, example={"to": "lvshuhua", "reason": "请先拟一稿"})
@blueprint.response(200, DoneSchema)
def delegate(given: Row, key: str | None, ref: str) -> Row:
    """Ask a colleague to prepare a task (委托): it comes back to whose it is, who completes it."""
    found = user_task(city().core, actor(), ref)
    (to,) = _people(found.row["instance_id"], [given["to"]])
    return _done(city().delegate(ref, to, actor().id, given["reason"], key))


@blueprint.post("/tasks/<ref:ref>/recall")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.RecallSchema, example={"reason": "已自行办理"})
@blueprint.response(200, DoneSchema)
def recall(given: Row, key: str | None, ref: str) -> Row:
    """Take a delegated task back before it is resolved."""
    return _done(city().recall(ref, actor().id, given["reason"], key))


@blueprint.post("/tasks/<ref:ref>/resolve")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.ResolveSchema, example={"answers": {"remark": "初稿"}, "text": "请审阅"})
@blueprint.response(200, given_by.ResolvedSchema)
def resolve(given: Row, key: str | None, ref: str) -> Row:
    """Give a delegated task back: the answers become the draft of whose it is."""
    reply = city().resolve(ref, given["answers"], actor().id, given["text"], key)
    return {**_done(reply), "left_out": reply["left_out"]}


@blueprint.get("/tasks/<ref:ref>/draft")
@policy(SIGNED_IN)
@blueprint.response(200, given_by.DraftSchema)
def show_draft(ref: str) -> Row:
    """What I kept of a task's form, or a delegate proposed to me; empty when nothing."""
    kept = city().draft(ref, actor().id)
    return (
        {"answers": kept.answers, "at": kept.at, "left_out": []}
        if kept
        else {"answers": {}, "at": None, "left_out": []}
    )


@blueprint.put("/tasks/<ref:ref>/draft")
@policy(SIGNED_IN)
@blueprint.arguments(given_by.DraftSchema, example={"answers": {"remark": "写了一半"}})
@blueprint.response(200, given_by.DraftSchema)
def save_draft(given: Row, ref: str) -> Row:
    """Keep answers to a task's form, complete or not, in place of what was kept before. No part of the record."""
    kept = city().save_draft(ref, given["answers"], actor().id)
    return {"answers": kept.answers, "at": kept.at, "left_out": list(kept.left_out)}


# ---------------------------------------------------------------- the way of an instance


@blueprint.get("/tasks/<ref:ref>/targets")
@policy(SIGNED_IN)
@blueprint.response(200, given_by.TargetsSchema)
def list_targets(ref: str) -> Row:
    """Steps that I may send this task back to."""
    user_task(city().core, actor(), ref)
    found = earlier.targets(city().core, actor(), ref)
    names = ("node", "at", "start", "previous", "again", "straight")
    return {
        "items": [
            {**{n: getattr(one, n) for n in names}, "name": one.names.text(speak()), "who": views.person(one.who)}
            for one in found
        ]
    }


@blueprint.post("/tasks/<ref:ref>/back")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.BackSchema, example={"to": "Draft", "again": False, "reason": "附件缺页"})
@blueprint.response(200, given_by.BackedSchema)
def back(given: Row, key: str | None, ref: str) -> Row:
    """Send a task back to an earlier step (退回)."""
    reply = city().back(ref, actor().id, given["reason"], given["to"], again=given["again"], idempotency_key=key)
    return {**_opened(reply), "held": reply["held"]}


@blueprint.post("/tasks/<ref:ref>/withdraw")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.RecallSchema, example={"reason": "附件传错"})
@blueprint.response(200, given_by.OpenedSchema)
def withdraw(given: Row, key: str | None, ref: str) -> Row:
    """Take back a task that I completed, while nobody has gone on (撤回)."""
    return _opened(city().withdraw(ref, actor().id, given["reason"], key))


@blueprint.get("/instances/<id:instance>/withdrawable")
@policy(SIGNED_IN)
@blueprint.response(200, given_by.RefsSchema)
def list_withdrawable(instance: int) -> Row:
    """Tasks of an instance that I can take back now."""
    cases.row(city().core, actor(), instance)
    return {"items": earlier.withdrawable(city().core, actor(), instance)}


@blueprint.post("/tasks/<ref:ref>/reject")
@policy(SIGNED_IN)
@act
@blueprint.arguments(ReasonSchema, example={"reason": "事项已不需要"})
@blueprint.response(200, CompletedSchema)
def reject(given: Row, key: str | None, ref: str) -> Row:
    """End the instance because what this task is to agree to is not agreed to (否决): it is rejected, not cancelled."""
    reply = city().reject(ref, actor().id, given["reason"], key)
    return {**_done(reply), "opened": [], "ended": reply["ended"]}


# ---------------------------------------------------------------- signers


@blueprint.post("/tasks/<ref:ref>/signers")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.SignersSchema, example={"people": ["lvshuhua"], "how": "before", "reason": "请会签"})
@blueprint.response(200, given_by.BackedSchema)
def add_signers(given: Row, key: str | None, ref: str) -> Row:
    """Ask people for an opinion before, beside or after a task (加签)."""
    found = user_task(city().core, actor(), ref)
    people = _people(found.row["instance_id"], given["people"])
    reply = city().add_signers(
        ref,
        people,
        actor().id,
        given["how"],
        in_order=given["in_order"],
        reason=given["reason"],
        idempotency_key=key,
    )
    return {**_opened(reply), "held": reply["held"]}


@blueprint.post("/tasks/<ref:ref>/signers/remove")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.UnsignSchema, example={"person": "lvshuhua", "reason": "出差"})
@blueprint.response(200, CompletedSchema)
def remove_signer(given: Row, key: str | None, ref: str) -> Row:
    """Take away somebody who was asked and has not spoken (减签)."""
    instance = int(ref.partition(".")[0])
    if "operate" not in actor().powers:
        cases.row(city().core, actor(), instance)
    person = _people(instance, [given["person"]])[0] if given["person"] else None
    reply = city().remove_signer(ref, actor().id, given["reason"], person, key)
    return {**_opened(reply), "ended": reply["ended"]}


# ---------------------------------------------------------------- words and copies


@blueprint.post("/instances/<id:instance>/urge")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.UrgeSchema, example={"text": "今天要发"})
@blueprint.response(200, given_by.UrgedSchema)
def urge(given: Row, key: str | None, instance: int) -> Row:
    """Urge those who have the open tasks (催办). For who started it or sent it on, supervisors and operators."""
    if given["task"] and given["task"].partition(".")[0] != str(instance):
        raise Invalid(why_zh="任务不属于此案件", why_en="the task is not one of this instance")
    reply = city().urge(instance, actor().id, given["text"], given["task"], key)
    return {**_done(reply), "people": reply["people"]}


@blueprint.get("/instances/<id:instance>/copies")
@policy(SIGNED_IN)
@blueprint.response(200, given_by.CopiesSchema)
def list_copies(instance: int) -> Row:
    """To whom an instance was shown, and who has read it."""
    cases.row(city().core, actor(), instance)
    rows = copies.of_case(city().core, instance)
    views.names().learn(who for row in rows for who in (row["person_id"], row["by_id"]))
    return {"items": [{**r, "person": views.person(r["person_id"]), "by": views.person(r["by_id"])} for r in rows]}


@blueprint.post("/instances/<id:instance>/copies")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.CopySchema, example={"people": ["lvshuhua"], "how": "circulate", "note": "请阅"})
@blueprint.response(201, DoneSchema)
def copy(given: Row, key: str | None, instance: int) -> Row:
    """Show an instance to people (抄送), or ask them to confirm that they read it (传阅)."""
    cases.row(city().core, actor(), instance)
    people = _people(instance, given["people"])
    return _done(city().copy(instance, people, actor().id, given["how"], given["note"], idempotency_key=key))


@blueprint.post("/instances/<id:instance>/read")
@policy(SIGNED_IN)
@act
@blueprint.arguments(given_by.ReadSchema, example={"opinion": "没有意见"})
@blueprint.response(200, given_by.ReadDoneSchema)
def read(given: Row, key: str | None, instance: int) -> Row:
    """Confirm that I have read what I was given of an instance."""
    reply = city().read(instance, actor().id, given["opinion"], key)
    return {**_done(reply), "read": reply["read"]}
