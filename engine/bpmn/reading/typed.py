"""The `ld` settings of an element as the model's types."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.namespaces import line
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import personal, proposing, supervising, voting
from engine.bpmn.reading.extension import Setting, is_fact_key
from engine.bpmn.settings import (
    Action,
    Candidates,
    Choice,
    ClockSetting,
    Confidential,
    Decision,
    FieldRight,
    Lookup,
    Operating,
    Settings,
)
from engine.bpmn.values import Names, Value


def names(owner: etree._Element, found: Mapping[str, list[Setting]]) -> Names:
    """The Chinese name (BPMN's own) and the English one."""
    english = found["names"][0].literal("en") if "names" in found else ""
    return Names(" ".join((owner.get("name") or "").split()), " ".join((english or "").split()))


def settings(found: Mapping[str, list[Setting]], problems: Problems) -> Settings:
    """The typed settings of a flow node."""
    return Settings(
        form=_form(found),
        fields=_fields(found),
        candidates=_candidates(found, problems),
        clocks=clocks(found, problems),
        four_eyes=tuple(_words(found, "fourEyes", "with")),
        denied_acts=acts(found, "deny"),
        allowed_acts=acts(found, "allow"),
        lookup=_lookup(found, problems),
        action=_action(found, problems),
        decision=_decision(found, problems),
        vote=voting.vote(found, problems),
        auto=personal.auto(found, problems),
        copies=personal.copies(found, problems),
        joint=found["joint"][0].literal("fact") if "joint" in found else None,
        dispatch=proposing.dispatch(found, problems),
        rungs=supervising.rungs(found, problems),
        signature=found["signature"][0].literal("ask") if "signature" in found else None,
        subject=_subject(found),
    )


def _subject(found: Mapping[str, list[Setting]]) -> tuple[Value, Value] | None:
    values = found["subject"][0].values if "subject" in found else {}
    return (values["zh"], values["en"]) if {"zh", "en"} <= set(values) else None


def _form(found: Mapping[str, list[Setting]]) -> str | None:
    ref = found["form"][0].literal("ref") if "form" in found else None
    return ref.removesuffix(".json") if ref else None


def _fields(found: Mapping[str, list[Setting]]) -> tuple[FieldRight, ...]:
    rights = {one.literal("name") or "": one.literal("access") or "" for one in found.get("field", ())}
    return tuple(FieldRight(name, access) for name, access in rights.items())


def _candidates(found: Mapping[str, list[Setting]], problems: Problems) -> Candidates | None:
    if "candidates" not in found:
        return None
    setting = found["candidates"][0]
    values = setting.values
    unit = values.get("unit")
    chosen = setting.literal("choose")
    wanted = Candidates(
        post=values.get("post"),
        unit=unit if unit is not None and (unit.is_feel or unit.text) else None,
        fallback_unit=values.get("fallbackUnit"),
        fallback_post=values.get("fallbackPost"),
        head=values.get("head"),
        person=values.get("person"),
        starter=setting.literal("starter") == "true",
        choose=Choice(chosen) if chosen else None,
        not_of=values.get("notOf"),
    )
    return None if _contradicts(wanted, setting, problems) else wanted


def _contradicts(wanted: Candidates, setting: Setting, problems: Problems) -> bool:
    """Whether the attributes do not fit together; says why."""
    wrong: list[tuple[str, str]] = []
    written = set(setting.element.attrib)
    if not written & {"post", "head", "person"} and not wanted.starter:
        wrong.append(("须写明 post、head、person 或 starter 之一", "needs one of post, head, person, starter"))
    if {"post", "head"} <= written:
        wrong.append(
            (
                "head 已定了岗位（单位负责人），不能再写 post",
                "head says which post, the unit's head: post cannot stand beside it",
            )
        )
    if wanted.starter and "person" in written:
        wrong.append(("starter 与 person 只能写一个", "starter and person exclude each other"))
    pool = bool(written & {"post", "head"})
    if "choose" in written and not pool and not (wanted.person is not None and wanted.person.is_feel):
        wrong.append(
            (
                "choose 要从多人中选一人，须写明 post 或 head",
                "choose picks one of several: post or head must say of whom",
            )
        )
    if wanted.choose is Choice.DUTY and not pool and wanted.person is not None and wanted.person.is_feel:
        wrong.append(
            ("值班按岗位排定，须写明 post 或 head", "people are on duty for a post: say which by post or head")
        )
    for zh, en in wrong:
        _say(setting, f"ld:candidates：{zh}", f"ld:candidates: {en}", problems)
    return bool(wrong)


def clocks(found: Mapping[str, list[Setting]], problems: Problems) -> tuple[ClockSetting, ...]:
    """The clocks of a task or of the process."""
    read = []
    for setting in found.get("clock", ()):
        values, warn = setting.values, setting.literal("warn")
        if "budget" in values and "unit" not in setting.element.attrib:
            _say(setting, "ld:clock：有 budget 就须有 unit", "ld:clock: a budget needs its unit", problems)
        read.append(
            ClockSetting(
                id=setting.literal("id") or "",
                budget=values.get("budget"),
                unit=values.get("unit"),
                due=values.get("due"),
                warn=float(warn) if warn else None,
                start=setting.literal("from"),
                stop=setting.literal("to"),
                names=Names(setting.literal("name") or "", setting.literal("nameEn") or ""),
                calendar=setting.literal("calendar"),
                breach=setting.literal("breach"),
                remind=setting.literal("remind") == "true",
                since=values.get("since"),
            )
        )
    return tuple(read)


def acts(found: Mapping[str, list[Setting]], what: str) -> frozenset[str]:
    """The acts that are allowed or denied here."""
    return frozenset(_words(found, "acts", what))


def confidential(found: Mapping[str, list[Setting]]) -> Confidential | None:
    """Whether its instances are confidential, and whom they are kept from."""
    if "confidential" not in found:
        return None
    values = found["confidential"][0].values
    return Confidential(values.get("unit"), values.get("case"))


def operating(found: Mapping[str, list[Setting]]) -> Operating | None:
    """Who may operate its instances."""
    if "operating" not in found:
        return None
    return Operating(found["operating"][0].values.get("notOf"), frozenset(_words(found, "operating", "second")))


def _words(found: Mapping[str, list[Setting]], tag: str, name: str) -> list[str]:
    return (found[tag][0].literal(name) or "").split() if tag in found else []


def _lookup(found: Mapping[str, list[Setting]], problems: Problems) -> Lookup | None:
    if "lookup" not in found:
        return None
    setting = found["lookup"][0]
    into = setting.literal("into") or ""
    if not is_fact_key(into):
        zh, en = "不是数据键（小写字母、数字、下划线）", "is no fact key (small letters, digits, underscores)"
        _say(setting, f"ld:lookup into：“{clip(into, 40)}”{zh}", f"ld:lookup into: “{clip(into, 40)}” {en}", problems)
    return Lookup(
        register=setting.literal("register") or "",
        match=setting.values["match"].text,
        into=into,
        required=setting.literal("required") == "true",
        every=setting.literal("all") == "true",
    )


def _action(found: Mapping[str, list[Setting]], problems: Problems) -> Action | None:
    if "action" not in found:
        return None
    values = dict(found["action"][0].values)
    name, wait, result = values.pop("name").text, values.pop("wait", None), values.pop("result", None)
    waits = wait is None or wait.text == "true"
    if result is not None and not waits:
        zh, en = "不等待的动作没有结果（result）", "an action that is not waited for has no result"
        _say(found["action"][0], f"ld:action：{zh}", f"ld:action: {en}", problems)
    return Action(name, values, waits, result.text if result else None)


def _decision(found: Mapping[str, list[Setting]], problems: Problems) -> Decision | None:
    if "decision" not in found:
        return None
    setting = found["decision"][0]
    into = setting.literal("into")
    if into is not None and not is_fact_key(into):
        zh, en = "不是数据键（小写字母、数字、下划线）", "is no fact key (small letters, digits, underscores)"
        _say(
            setting, f"ld:decision into：“{clip(into, 40)}”{zh}", f"ld:decision into: “{clip(into, 40)}” {en}", problems
        )
    return Decision((setting.literal("ref") or "").strip(), into)


def _say(setting: Setting, zh: str, en: str, problems: Problems) -> None:
    problems.add("setting", f"{zh}。", f"{en}.", line=line(setting.element), element=setting.owner)
