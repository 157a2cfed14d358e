"""What the workbook of the organisation holds: its sheets, their columns, and the words for kinds of units and areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNIT_KINDS: Final = {
    "centre": ("中心", "Centre"),
    "department": ("部门", "Department"),
    "town": ("街镇", "Town"),
    "enforcement": ("街镇执法中心", "Enforcement centre"),
    "community": ("社区（村）", "Community"),
    "company": ("企业", "Company"),
    "office": ("机关", "Office"),
}
AREA_KINDS: Final = {
    "city": ("市", "City"),
    "street": ("街道", "Street"),
    "town": ("镇", "Town"),
    "district": ("管理区", "District"),
    "community": ("社区", "Community"),
    "village": ("村", "Village"),
    "grid": ("网格", "Grid"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its key in the plan (none: it only explains), titles, how it is read, whether a row must have it."""

    key: str
    zh: str
    en: str
    width: int = 16
    kind: str = "text"
    required: bool = False
    told: bool = False

    def title(self, locale: str) -> str:
        """Its title."""
        return self.zh if locale == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet: its key in the plan, its titles, its columns."""

    key: str
    zh: str
    en: str
    fields: tuple[Field, ...]

    def title(self, locale: str) -> str:
        """Its title."""
        return self.zh if locale == "zh" else self.en


def _unit(key: str = "unit", *, required: bool = True) -> Field:
    return Field(key, "单位代码", "Unit key", 24, required=required)


_LOGIN = Field("login", "登录名", "Log-in", 18, required=True)
_NAME = Field("name", "姓名", "Name", 12, told=True)
_UNIT_NAME = Field("unit_name", "单位", "Unit", 28, told=True)
_POST = Field("post", "岗位代码", "Post key", 20, required=True)
_POST_NAME = Field("post_name", "岗位", "Post", 16, told=True)
_NAMES = (
    Field("name_zh", "中文名称", "Chinese name", 30, required=True),
    Field("name_en", "英文名称", "English name", 38, required=True),
)

PARTS: Final = (
    Part(
        "units",
        "机构",
        "Units",
        (
            Field("key", "代码", "Key", 28, required=True),
            *_NAMES,
            Field("kind", "类型", "Kind", 16, kind="unit_kind", required=True),
            Field("parent", "上级代码", "Parent key", 24),
        ),
    ),
    Part(
        "people",
        "人员",
        "People",
        (_LOGIN, Field("name", "姓名", "Name", 14, required=True), Field("staff_no", "工号", "Staff number", 14)),
    ),
    Part(
        "held",
        "任职",
        "Posts held",
        (
            _LOGIN,
            _NAME,
            _unit(),
            _UNIT_NAME,
            _POST,
            _POST_NAME,
            Field("since", "起", "From", 18, kind="instant"),
            Field("until", "止", "Until", 18, kind="instant"),
        ),
    ),
    Part(
        "areas",
        "区域",
        "Areas",
        (
            Field("key", "代码", "Key", 22, required=True),
            *_NAMES,
            Field("kind", "类型", "Kind", 12, kind="area_kind", required=True),
            Field("parent", "上级代码", "Parent key", 20),
            _unit(required=False),
            _UNIT_NAME,
            Field("lat", "纬度", "Latitude", 12, kind="number"),
            Field("lon", "经度", "Longitude", 12, kind="number"),
        ),
    ),
    Part(
        "substitutes",
        "代理",
        "Substitutes",
        (
            Field("principal", "被代理人登录名", "Principal's log-in", 18, required=True),
            Field("principal_name", "被代理人", "Principal", 12, told=True),
            Field("substitute", "代理人登录名", "Substitute's log-in", 18, required=True),
            Field("substitute_name", "代理人", "Substitute", 12, told=True),
            Field("since", "起", "From", 18, kind="instant", required=True),
            Field("until", "止", "Until", 18, kind="instant", required=True),
            _unit(required=False),
            Field("post", "岗位代码", "Post key", 20),
            Field("processes", "流程代码（空格分隔）", "Process keys (separated by spaces)", 30, kind="words"),
            Field("reason", "事由", "Reason", 30),
        ),
    ),
    Part(
        "duty",
        "值班",
        "Duty",
        (
            _unit(),
            _UNIT_NAME,
            _POST,
            _POST_NAME,
            _LOGIN,
            _NAME,
            Field("since", "起", "From", 18, kind="instant", required=True),
            Field("until", "止", "Until", 18, kind="instant", required=True),
            Field("note", "备注", "Note", 30),
        ),
    ),
)


def titles(sheet: str | None, column: str | None, locale: str) -> tuple[str, str]:
    """The titles of a sheet and of a column of it by their keys in the plan; what is no key stays as it is."""
    part = next((p for p in PARTS if p.key == sheet), None)
    if part is None:
        return sheet or "", column or ""
    of_column = next((f.title(locale) for f in part.fields if f.key == column), column or "")
    return part.title(locale), of_column


_OTHERS: Final = {
    "": ("内容", "What was sent"),
    "name": ("姓名", "Name"),
    "units": ("被合并的单位", "Units that are merged"),
    "into": ("去向单位", "What it goes on as"),
    "head": ("负责人", "Head"),
    "parts": ("拆分后的单位", "What it is split into"),
    "default": ("默认去向", "Default"),
    "areas": ("区域", "Areas"),
    "classes": ("案件类别", "Classes of cases"),
    "people": ("人员", "People"),
    "facts": ("随单位变更的数据项", "Facts that follow the unit"),
    "give": ("新任岗位", "Posts given"),
    "take": ("免去岗位", "Posts taken"),
    "held": ("任职", "Posts held"),
    "substitutes": ("代理", "Substitutes"),
    "duty": ("值班", "Duty"),
    "unit": ("单位", "Unit"),
    "post": ("岗位", "Post"),
    "successor": ("接任者", "Successor"),
}
"""What a plan names that is no column of a sheet."""


def title(key: str, sheet: str | None = None) -> tuple[str, str]:
    """What a field of a plan is called, in both languages: as the sheet titles its column, where it stands in one."""
    own = [f for p in PARTS if p.key == sheet for f in p.fields if f.key == key]
    if not own and key in _OTHERS:
        return _OTHERS[key]
    found = next(iter(own or [f for p in PARTS for f in p.fields if f.key == key]), None)
    return (found.zh, found.en) if found is not None else (key, key)
