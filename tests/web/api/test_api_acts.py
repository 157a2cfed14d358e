"""Every act by the JSON API: the same as the pages', once by its key, and nobody named whom one may not know of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories import DISPATCHER, HANDLER, LEADER, OTHER_DISPATCHER, STRANGER
from tests.web.api.calling import Caller
from tests.web.letters import WRITTEN, letter
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_a_letter_goes_its_way_by_the_api(people: Callable[[str], Caller], city: City) -> None:
    case = letter(city)
    at, here = f"/tasks/{city.tasks(case)[0].ref}", f"/instances/{case}"
    mine, drafts, other, reader = (people(who) for who in (DISPATCHER, LEADER, OTHER_DISPATCHER, HANDLER))
    assert drafts.get(f"{here}/withdrawable").json["items"], "nobody has it yet"
    assert [mine.post(f"{at}/sign", key="s").status_code for _ in range(2)] == [200, 200]
    assert mine.post(f"{at}/sign").status_code == 422
    assert drafts.post(f"{here}/urge", {"text": "今天要发"}).json["people"] >= 1
    # a draft, for its writer alone; then prepared by another
    kept = mine.app.test_client().put(
        f"/api/v1{at}/draft", json={"answers": {"remark": "写了一半", "unknown": 1}}, headers=mine.headers({})
    )
    assert kept.json is not None
    assert kept.json["answers"] == {"remark": "写了一半"}
    assert other.get(f"{at}/draft").json["answers"] == {}
    assert mine.post(f"{at}/delegate", {"to": "nobody_at_all"}).status_code == 422
    assert mine.post(f"{at}/delegate", {"to": OTHER_DISPATCHER}).status_code == 200
    assert mine.post(f"{at}/complete", {"answers": WRITTEN}).status_code in {403, 409}
    assert other.post(f"{at}/resolve", {"answers": WRITTEN, "text": "拟好了"}).json["left_out"] == []
    assert mine.get(f"{at}/draft").json["answers"] == WRITTEN
    # signers
    asked = mine.post(f"{at}/signers", {"people": [HANDLER, STRANGER], "how": "beside"}, key="a")
    assert len(asked.json["opened"]) == 2
    removed = mine.post(f"{at}/signers/remove", {"person": STRANGER, "reason": "出差"})
    assert removed.status_code == 200, removed.json
    opinion = next(ref for ref in asked.json["opened"] if reader.get(f"/tasks/{ref}").status_code == 200)
    assert "agree" in reader.get(f"/tasks/{opinion}").json["form"]["properties"]
    assert reader.post(f"/tasks/{opinion}/complete", {"answers": {"agree": "yes"}}).status_code == 200
    # back and forth, urged, copied, read
    targets = mine.get(f"{at}/targets").json["items"]
    assert [one["node"] for one in targets if one["previous"]] == ["Draft"]
    assert mine.post(f"{at}/back", {"to": "Nowhere", "reason": "x"}).status_code == 422
    back = mine.post(f"{at}/back", {"again": True, "reason": "附件缺页"})
    assert (back.json["held"], len(back.json["opened"])) == (False, 1)
    drafts.post(f"/tasks/{back.json['opened'][0]}/complete", {"answers": WRITTEN})
    (again,) = drafts.get(f"{here}/withdrawable").json["items"]
    assert drafts.post(f"/tasks/{again}/withdraw", {}).status_code == 200
    assert drafts.post(f"{here}/copies", {"people": [STRANGER], "how": "circulate"}).status_code == 201
    assert people(STRANGER).post(f"{here}/read", {"opinion": "已阅"}).json["read"] == 1
    (copy,) = drafts.get(f"{here}/copies").json["items"]
    assert (copy["opinion"], copy["read_at"] is not None) == ("已阅", True)
    named = drafts.post(f"{here}/comments", {"text": "请看", "people": [STRANGER]})
    assert named.status_code == 201
    # rejected is not cancelled
    review = drafts.get(here).json["tasks"][0]["ref"]
    drafts.post(f"/tasks/{review}/complete", {"answers": WRITTEN})
    review = drafts.get(here).json["tasks"][0]["ref"]
    assert mine.post(f"/tasks/{review}/reject", {"reason": " "}).status_code == 422
    assert mine.post(f"/tasks/{review}/reject", {"reason": "不需要了"}).json["ended"] is True
    assert drafts.get(here).json["status"] == "rejected"
