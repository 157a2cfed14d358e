"""Short ways to write form documents in tests."""

from typing import Any


def text(zh: str, en: str, **rest: Any) -> dict[str, Any]:
    """A schema with its title in both languages; `x_control` is written x-control."""
    return {"title": zh, "x-title": {"en": en}, **{key.replace("x_", "x-"): value for key, value in rest.items()}}


def choice(value: object, zh: str, en: str) -> dict[str, Any]:
    return {"const": value, **text(zh, en)}


def form(properties: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"type": "object", **text("处置", "Handle"), "properties": properties, **rest}


def handling() -> dict[str, Any]:
    """A form with one of everything."""
    material = {
        "type": "object",
        "properties": {
            "name": text("名称", "Name", type="string", maxLength=50),
            "amount": text("数量", "Amount", type="number", minimum=0, x_unit={"zh": "米", "en": "m"}),
            "spare": text("备用", "Spare", type="boolean"),
        },
        "required": ["name"],
    }
    spot = {
        "type": "object",
        "properties": {
            "street": text("街道", "Street", type="string"),
            "house": text("门牌", "House number", type="integer"),
        },
        "required": ["street"],
    }
    results = [
        choice("done", "已处置", "Done"),
        choice("cannot", "无法处置", "Cannot be done"),
        choice("other", "不归本单位", "Not ours"),
    ]
    causes = [choice("rain", "下雨", "Rain"), choice("wear", "老化", "Wear"), choice("theft", "被盗", "Theft")]
    keys = {"type": "string"}
    return form(
        {
            "case_class": text(
                "类别", "Class", type="string", oneOf=[choice("d1", "井盖", "Manhole")], x_access="read"
            ),
            "secret": text("内部", "Internal", type="string", x_access="hidden"),
            "result": text("处置结果", "Result", type="string", oneOf=results),
            "reason": text("原因", "Reason", type="string", maxLength=300, minLength=2),
            "phone": text("手机", "Mobile", type="string", pattern="^1[3-9][0-9]{9}$"),
            "count": text("数量", "Count", type="integer", minimum=1, maximum=10),
            "day": text("日期", "Day", type="string", format="date"),
            "until": text("期限", "Until", type="string", format="date-time"),
            "causes": text("成因", "Causes", type="array", items={"type": "string", "oneOf": causes}, uniqueItems=True),
            "sure": text("已到现场", "Been there", type="boolean"),
            "photos": text("照片", "Photos", type="array", items=keys, maxItems=3, x_control="photo"),
            "helper": text("协办人", "Helper", type="string", x_control="person"),
            "unit": text("单位", "Unit", type="string", x_control="unit"),
            "road": text("道路", "Road", type="string", x_control="register", x_register="roads"),
            "materials": text("材料", "Materials", type="array", items=material),
            "spot": text("位置", "Spot", **spot),
            "notes": text("备注", "Notes", type="array", items={"type": "string"}, x_control="list"),
            "token": text("令牌", "Token", type="string", x_control="hidden"),
        },
        required=["result", "sure"],
        allOf=[
            {
                "if": {"properties": {"result": {"const": "done"}}, "required": ["result"]},
                "then": {"required": ["photos"]},
                "else": {"required": ["reason"]},
            },
            {
                "if": {"properties": {"causes": {"contains": {"const": "theft"}}}, "required": ["causes"]},
                "then": {"required": ["phone"], "properties": {"count": {"maximum": 2}}},
                "else": {"properties": {"count": True}},
            },
        ],
    )
