"""One matter, whole: a grave case that nobody moves climbs the ladder rung by rung, the inspection office takes it up, sets a term and
concludes, and a named person refers the clue. Every due time below is counted by hand from the calendar and written as it is to be; every
notice, card, right of reply and right of sight is looked at, at each stage.

The calendar: June to August 09:00-12:00 and 14:30-18:00, Monday to Friday; Friday 19 June 2026 is the Dragon Boat Festival. A working day
on ends at the same clock time; by the calendar of statutory terms (the inspection's) the first day does not count and the last ends at
18:00, a natural day at 24:00."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from engine import files
from engine.clock import ManualClock
from engine.errors import LiandongError
from escalation import dossier, referrals
from escalation.dossier import asking
from forms.errors import InvalidAnswers
from tests import laws
from tests.factories import STRANGER, case_at, task_at
from tests.factories import do as usual
from tests.sending import put, reach
from tests.stories.climbing import Doors, Post, Rung, at, climbed, due, until
from tests.stories.telling import do, facts, nodes, running
from tests.stories.test_case import give_post
from tests.stories.test_inspection import INSPECTOR, MAYOR, OFFICE_HEAD, OFFICER
from tests.stories.test_ladder import GAO, HEAD, YU, ZHU, ladder_of
from web.city import City

HANDLER = "lvshuhua"
"""Who has the case; HEAD leads the company."""
BOTH = [HANDLER, HEAD]
PEOPLE = {
    "handler": HANDLER,
    "head": HEAD,
    "centre": ZHU,
    "committee": YU,
    "inspector": INSPECTOR,
    "discipline": OFFICER,
    "stranger": "cailihua",
}
SIGHT = {
    #                     handler                   head                            centre, committee, inspector: they read all cases
    "at work": ("case", "case", *3 * ("case dossier",), "", ""),
    "reminded and urged": ("case ladder", "case ladder board", *3 * ("case ladder board dossier",), "", ""),
    "shown a red card": ("case ladder", "case ladder board", *3 * ("case ladder board dossier",), "", ""),
    # the request is the office's and the committee's: the unit learns that it was made, and sees it when it is announced
    "referred up": ("case ladder", "case ladder board", *3 * ("case ladder inspection board dossier",), "", ""),
    "announced": (
        "case ladder inspection",
        "case ladder inspection board",
        *3 * ("case ladder inspection board dossier",),
        "",
        "",
    ),
    # the referral is seen by the named inspector who works it, whatever others may read; the clue by the commission's officers
    "referral approved": (
        "case ladder inspection",
        "case ladder inspection board",
        *2 * ("case ladder inspection board dossier",),
        "case ladder inspection referral board dossier",
        "",
        "",
    ),
    "handed over": (
        "case ladder inspection",
        "case ladder inspection board",
        *2 * ("case ladder inspection board dossier",),
        "case ladder inspection referral board dossier",
        "clue",
        "",
    ),
}
"""What each of PEOPLE sees at each stage, by every door (`Doors`): the matters; whether the case is on their board; whether they may have
its dossier. Nobody sees anything for being of the city alone."""
PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


class Story:
    """The matter as far as it got."""

    def __init__(self, city: City, clock: ManualClock) -> None:
        give_post(city, HANDLER, "water_supply", "handler")
        put(city, webhook_hosts=["127.0.0.1:1"], webhook_private=True)
        put(city, mail_host="127.0.0.1", mail_port=1, mail_security="none", mail_from="city@liandong.example")
        for who, way, address in (
            (HEAD, "mail", "head@liandong.example"),
            (HEAD, "webhook", "http://127.0.0.1:1/"),
            (HANDLER, "mail", "handler@liandong.example"),
        ):
            reach(city, who, way, address)
        self.city, self.clock = city, clock
        self.post = Post(city, {HEAD: ("mail", "webhook"), HANDLER: ("mail",)})
        self.case = case_at(city, "File")
        usual(city, self.case, "File", grade="major")
        usual(city, self.case, "Dispatch")
        usual(city, self.case, "SignFor", HANDLER)
        self.post.new(self.case)
        self.doors = Doors(city, PEOPLE)
        self.ladder = self.inspection = 0

    def time(self, *moment: int) -> None:
        """Go on to this moment."""
        until(self.city, self.clock, at(*moment))

    def last(self) -> Rung:
        """The newest rung of the ladder."""
        return climbed(self.city, self.ladder)[-1]

    def refused(self, node: str, *by: str, **answers: object) -> None:
        """None of these may do what is open at `node`."""
        for who in by:
            with pytest.raises(LiandongError):
                self.city.complete(task_at(self.city, self.ladder, node), answers, who)

    def sees(self, stage: str) -> None:
        """Everybody sees what the table says of this stage, through every door."""
        found = self.doors.sight(self.things(), self.case)
        assert found == dict(zip(PEOPLE, SIGHT[stage], strict=True)), stage

    def things(self) -> dict[str, int]:
        """The matters that there are, by what they are called in the table."""
        things = {
            "case": self.case,
            "ladder": self.ladder,
            "inspection": self.inspection,
            **{
                key: one
                for key, process in (("referral", "clue_referral"), ("clue", "clue"))
                for one in running(self.city, process)
            },
        }
        return {name: one for name, one in things.items() if one}


def test_from_the_first_breach_to_the_discipline_commission(city: City, clock: ManualClock) -> None:
    story = Story(city, clock)
    reminder_and_urge(story)
    yellow_card(story)
    red_card(story)
    first_round(story)
    second_and_third_round(story)
    heard_and_referred_up(story)
    inspection_taken_up(story)
    term_ignored_and_concluded(story)
    objection_and_rectification(story)
    clue_referred(story)
    laws.check(city)


def reminder_and_urge(story: Story) -> None:
    """The case: two urgent hours, which run through the noon break: 09:00 -> 11:00. Late a second after; told at once."""
    city, post = story.city, story.post
    assert (due(city, story.case, "case"), due(city, story.case, "handle")) == (at(6, 10, 11), at(6, 10, 11))
    story.sees("at work")
    # yellow from a quarter of the budget on: 10:30; both clocks at once, which one message tells
    story.time(6, 10, 11)
    assert post.new(story.case) == {"reminded": [HANDLER, HEAD]}
    assert ladder_of(city, story.case) == 0, "due is not late"
    story.time(6, 10, 11, 0, 1)
    story.ladder = ladder_of(city, story.case)
    assert climbed(city, story.ladder) == [Rung("reminder", 0, at(6, 10, 11, 0, 1), None, "案件时限超时")]
    assert post.new(story.case, story.ladder) == {"reminder": [HANDLER, HEAD, HEAD]}
    assert nodes(city, story.ladder) == [], "a reminder asks nothing"
    # urge: 2 working hours later: 59:59 to 12:00, 1:00:01 from 14:30 -> 15:30:01
    story.time(6, 10, 15, 30, 0)
    assert post.new(story.ladder) == {}
    story.time(6, 10, 15, 30, 1)
    assert story.last() == Rung("urge", 0, at(6, 10, 15, 30, 1), None, "案件时限超时")
    assert post.new(story.ladder) == {"urge": [HANDLER, HEAD, HEAD]}
    story.sees("reminded and urged")


def yellow_card(story: Story) -> None:
    """4 working hours later: 2:29:59 to 18:00, 1:30:01 from Thursday 09:00 -> 10:30:01. The centre's, with one working day to reply."""
    city, post = story.city, story.post
    story.time(6, 11, 10, 30, 1)
    assert nodes(city, story.ladder) == ["IssueCard"]
    card = task_at(city, story.ladder, "IssueCard")
    assert (card.unit, card.post, due(city, story.ladder, "card")) == (
        "supervision_centre",
        "supervisor",
        at(6, 12, 10, 30, 1),
    )
    answers = {"card_decision": "hold", "card_reason": "不必"}
    story.refused("IssueCard", HANDLER, HEAD, YU, INSPECTOR, STRANGER, **answers)
    story.time(6, 11, 11)
    assert post.new(story.ladder) == {}, "nothing is told before somebody decided"
    do(city, story.ladder, "IssueCard", ZHU, card_decision="issue", card_reason="井盖缺失逾期未处置")
    # Thursday 11:00 + 1 working day -> Friday 11:00
    shown = Rung("yellow_card", 0, at(6, 11, 11), (ZHU, "supervision_centre"), "井盖缺失逾期未处置", at(6, 12, 11))
    assert story.last() == shown
    assert due(city, story.ladder, "card_reply") == at(6, 12, 11)
    assert post.new(story.ladder) == {"yellow_card": BOTH}
    story.time(6, 12, 10)
    reply = files.accept(city.core, "抢修方案.pdf", PAPER)
    answer = {"card_reply": "正在组织", "card_reply_files": [reply.id]}
    city.complete(task_at(city, story.ladder, "CardReply"), answer, HEAD, accepted=[reply])
    city.run_due()
    # judged by another than who showed it: Friday 10:00 + 1 working day -> Monday 10:00
    assert due(city, story.ladder, "judge") == at(6, 15, 10)
    story.refused("JudgeReply", ZHU, HEAD, HANDLER, judge_decision="withdraw", judge_note="可以")
    story.time(6, 12, 10, 30)
    do(city, story.ladder, "JudgeReply", GAO, judge_decision="uphold")
    answered = (at(6, 12, 10), HEAD, "正在组织")
    assert story.last() == replace(shown, answer=answered, closed=(at(6, 12, 10, 30), "upheld", GAO))
    # when a quarter of the day's 6.5 hours is left before Friday 11:00, at 09:22:30
    assert post.new(story.ladder) == {"reminded": [HEAD]}


def red_card(story: Story) -> None:
    """1 working day after the reply was judged: Friday 10:30 -> Monday 10:30. The committee's; the unit is silent, and that is kept."""
    city, post = story.city, story.post
    story.time(6, 15, 10, 29)
    assert nodes(city, story.ladder) == []
    story.time(6, 15, 10, 30)
    card = task_at(city, story.ladder, "IssueCard")
    assert (card.unit, card.post, due(city, story.ladder, "card")) == (
        "management_committee",
        "supervisor",
        at(6, 16, 10, 30),
    )
    story.refused("IssueCard", HEAD, ZHU, INSPECTOR, card_decision="hold", card_reason="不必")
    story.time(6, 15, 11)
    do(city, story.ladder, "IssueCard", YU, card_decision="issue", card_reason="黄牌后仍未处置")
    shown = Rung("red_card", 0, at(6, 15, 11), (YU, "management_committee"), "黄牌后仍未处置", at(6, 16, 11))
    assert story.last() == shown
    assert post.new(story.ladder) == {"red_card": BOTH}
    story.time(6, 16, 11)
    assert story.last() == replace(shown, closed=(at(6, 16, 11), "expired", None))
    assert post.new(story.ladder) == {"reminded": [HEAD]}  # Tuesday 09:22:30
    story.sees("shown a red card")


def first_round(story: Story) -> None:
    """督办: 1 working day after the card's term passed: Tuesday 11:00 -> Wednesday 11:00. Two working days to reply, over the festival."""
    city, post = story.city, story.post
    story.time(6, 17, 11)
    demand = task_at(city, story.ladder, "Demand")
    assert (demand.unit, due(city, story.ladder, "demand")) == ("management_committee", at(6, 18, 11))
    story.refused("Demand", HEAD, HANDLER, ZHU, demand="算了", reply_days=9)
    story.time(6, 17, 11, 30)
    do(city, story.ladder, "Demand", YU, demand="24 小时内恢复井盖", reply_days=2)
    # Thursday is one; Friday is the festival, then the weekend; Monday is two
    shown = Rung(
        "supervise", 1, at(6, 17, 11, 30), (YU, "management_committee"), "24 小时内恢复井盖", at(6, 22, 11, 30)
    )
    assert story.last() == shown
    assert due(city, story.ladder, "reply") == at(6, 22, 11, 30)
    assert post.new(story.ladder) == {"supervise": BOTH}
    story.time(6, 18, 11, 29)
    assert post.new(story.ladder) == {}
    story.time(6, 18, 11, 30)  # urged when one working day is left
    assert post.new(story.ladder) == {"urge": [HEAD]}
    story.time(6, 22, 11, 29)
    assert nodes(city, story.ladder) == ["Reply"]
    story.time(6, 22, 11, 30)
    assert story.last() == replace(shown, closed=(at(6, 22, 11, 30), "expired", None))
    review = task_at(city, story.ladder, "Review")
    assert (review.unit, due(city, story.ladder, "review")) == ("supervision_centre", at(6, 23, 11, 30)), (
        "the first is the centre's"
    )
    story.refused("Review", HEAD, HANDLER, YU, review_decision="accept", review_note="好")


def second_and_third_round(story: Story) -> None:
    """A reply that says nothing, then silence: each review orders the next round, and the last asks for the unit's view."""
    city, post = story.city, story.post
    story.time(6, 22, 15)
    # a quarter of thirteen hours, 3.25, before Monday 11:30: 2.5 on Monday, 0.75 of Thursday -> Thursday 17:15
    assert post.new(story.ladder) == {"reminded": [HEAD]}
    do(city, story.ladder, "Review", GAO, review_decision="again", review_note="仍无进展")
    second = Rung("supervise", 2, at(6, 22, 15), (GAO, "supervision_centre"), "仍无进展", at(6, 24, 15))
    assert story.last() == second
    assert post.new(story.ladder) == {"supervise": BOTH}
    story.time(6, 23, 15)
    assert post.new(story.ladder) == {"urge": [HEAD]}
    story.time(6, 23, 16)
    do(city, story.ladder, "Reply", HEAD, reply_text="正在协调")
    story.refused("Review", HEAD, ZHU, review_decision="accept", review_note="好")
    story.time(6, 24, 9)
    do(city, story.ladder, "Review", YU, review_decision="again", review_note="没有措施")
    answered = (at(6, 23, 16), HEAD, "正在协调")
    *_, found, last = climbed(city, story.ladder)
    assert found == replace(second, answer=answered, closed=(at(6, 24, 9), "refused", YU))
    third = Rung("supervise", 3, at(6, 24, 9), (YU, "management_committee"), "没有措施", at(6, 26, 9))
    assert last == third
    assert post.new(story.ladder) == {"supervise": BOTH}
    story.time(6, 25, 9)
    assert post.new(story.ladder) == {"urge": [HEAD]}
    story.time(6, 26, 9)
    assert story.last() == replace(third, closed=(at(6, 26, 9), "expired", None))
    story.time(6, 26, 10)
    assert post.new(story.ladder) == {"reminded": [HEAD]}  # 3.25 hours before Friday 09:00 -> Thursday 14:45
    do(city, story.ladder, "Review", YU, review_decision="again", review_note="三轮无进展")
    assert facts(city, story.ladder)["rounds"] == 3


def heard_and_referred_up(story: Story) -> None:
    """The unit has the last word, one working day: Friday 10:00 -> Monday 10:00. Then a named person of the committee refers it up."""
    city, post = story.city, story.post
    assert post.new(story.ladder) == {"supervise": BOTH}, "it is told that it may speak"
    assert (nodes(city, story.ladder), due(city, story.ladder, "hear")) == (["Hear"], at(6, 29, 10))
    assert running(city, "government_inspection") == []
    story.time(6, 29, 9, 30)
    do(city, story.ladder, "Hear", HEAD, hear_text="管网改造，待停水")
    # Monday 09:30 + 3 working days -> Thursday 09:30
    assert (nodes(city, story.ladder), due(city, story.ladder, "refer")) == (["ReferUp"], at(7, 2, 9, 30))
    story.refused("ReferUp", HEAD, HANDLER, ZHU, INSPECTOR, refer_decision="refer", refer_reason="三轮督办无进展")
    story.time(6, 29, 10)
    assert running(city, "government_inspection") == [], "by no timer"
    do(city, story.ladder, "ReferUp", YU, refer_decision="refer", refer_reason="三轮督办无进展")
    assert story.last() == Rung("refer_up", 3, at(6, 29, 10), (YU, "management_committee"), "三轮督办无进展")
    assert post.new(story.ladder) == {"refer_up": BOTH, "reminded": [HEAD]}  # to speak: Friday 17:22:30
    (story.inspection,) = running(city, "government_inspection")
    story.sees("referred up")


ACCEPTED = {
    "take_decision": "accept",
    "approval_kind": "head",
    "approval_document": "潜政督〔2026〕7号",
    "approved_on": "2026-06-30",
}
PLAN = {"plan_content": "井盖修复", "plan_scope": "章华中路", "plan_demand": "说明未修复的原因", "report_days": 5}


def inspection_taken_up(story: Story) -> None:
    """The office sees what the committee sent, the same dossier to the byte; the unit sees nothing of it before it is announced."""
    city, post = story.city, story.post
    asked = facts(city, story.inspection)
    assert (asked["case_id"], asked["supervision_id"], asked["rounds"]) == (str(story.case), str(story.ladder), 3)
    assert asked["unit_statement"] == "管网改造，待停水"
    event = parse_qs(urlsplit(asked["dossier_page"]).query)["event"][0]
    made = asking.look(city.core, city.actor(INSPECTOR), story.case, event)
    assert made.hash == asked["dossier_hash"]
    (sent,) = [part["content"] for part in made.document["sections"] if part["name"] == "supervisions"]
    assert [f["name"] for each in sent for f in each["files"]] == ["抢修方案.pdf"], (
        "with what the unit replied, by hash"
    )
    # asked on Monday 29 June; five working days by the calendar of the law, Monday not counted -> Monday 6 July 18:00
    assert due(city, story.inspection, "take") == at(7, 6, 18)
    for outside in (HEAD, HANDLER, YU, MAYOR, ZHU):
        with pytest.raises(LiandongError):
            city.complete(task_at(city, story.inspection, "Decide"), ACCEPTED, outside)
    story.time(6, 30, 10)
    do(city, story.inspection, "Decide", INSPECTOR, **ACCEPTED)
    assert due(city, story.inspection, "plan") == at(7, 3, 18)  # Wednesday, Thursday, Friday
    assert post.new(story.inspection) == {}
    story.time(7, 1, 15)
    do(city, story.inspection, "Plan", INSPECTOR, **PLAN)
    # Thursday 2, Friday 3, Monday 6, Tuesday 7, Wednesday 8 July, to the end of business
    assert due(city, story.inspection, "report") == at(7, 8, 18)
    announced = Rung("inspection", 0, at(7, 1, 15), (INSPECTOR, "inspection_office"), "说明未修复的原因", at(7, 8, 18))
    assert climbed(city, story.inspection) == [announced]
    assert post.new(story.inspection) == {"inspection": BOTH}
    (last,) = [r for r in climbed(city, story.ladder) if r.kind == "refer_up"]
    assert (last.answer, last.closed) == ((at(7, 1, 15), "", ""), None), "it waits for the conclusion"
    assert asking.look(city.core, city.actor(INSPECTOR), story.case, event).content == made.content
    story.sees("announced")


def term_ignored_and_concluded(story: Story) -> None:
    """The unit says nothing, which stops nothing; another than who drafted it makes the conclusion, and the unit receives it."""
    city, post = story.city, story.post
    story.time(7, 8, 18)
    story.time(7, 8, 18, 0, 1)
    assert (nodes(city, story.inspection), facts(city, story.inspection)["report_missing"]) == (["OnSite"], True)
    assert post.new(story.inspection) == {"reminded": [HEAD]}
    assert due(city, story.inspection, "check") == at(7, 22, 18)  # Thursday 9 July is one, ten working days
    story.time(7, 10, 10)
    do(city, story.inspection, "OnSite", INSPECTOR, check_on="2026-07-10", check_text="井盖仍未修复")
    assert due(city, story.inspection, "conclude") == at(7, 24, 18)  # Monday 13 to Friday 24
    conclusion = {
        "conclusion_result": "founded", "conclusion_text": "属实，履职不到位", "rectification": "demanded",
        "rectification_text": "立即修复", "rectify_days": 5,
    }  # fmt: skip
    do(city, story.inspection, "Conclude", INSPECTOR, **conclusion)
    assert due(city, story.inspection, "approve") == at(7, 17, 18)  # Monday 13 to Friday 17
    agreed = {"approve_decision": "agree", "conclusion_document": "潜政督结〔2026〕3号"}
    for other in (INSPECTOR, OFFICE_HEAD, HEAD, YU):
        with pytest.raises(LiandongError):
            city.complete(task_at(city, story.inspection, "Approve"), agreed, other)
    story.time(7, 13, 10)
    do(city, story.inspection, "Approve", MAYOR, **agreed)
    assert due(city, story.inspection, "receipt") == at(7, 20, 18)  # Tuesday 14 to Monday 20
    assert post.new(story.inspection) == {}
    story.time(7, 14, 9)
    do(city, story.inspection, "Receipt", HEAD)


def objection_and_rectification(story: Story) -> None:
    """Thirty calendar days to object, then the conclusion stands; five working days to rectify, checked by the office."""
    city, post = story.city, story.post
    # received on Tuesday 14 July, which does not count: the thirtieth day is Thursday 13 August, to its end
    assert due(city, story.inspection, "objection") == at(8, 14, 0)
    story.time(8, 13, 23, 59)
    assert nodes(city, story.inspection) == ["Object"]
    story.time(8, 14, 0, 0, 1)
    assert nodes(city, story.inspection) == ["Rectify"]
    # Friday 14 August does not count: Monday 17 to Friday 21, to the end of business
    assert due(city, story.inspection, "rectify") == at(8, 21, 18)
    assert post.new(story.inspection) == {"reminded": [HEAD]}, "that its time to object runs out"
    story.time(8, 17, 10)
    do(city, story.inspection, "Rectify", HEAD, rectify_text="已恢复井盖")
    assert due(city, story.inspection, "recheck") == at(8, 24, 18)  # Tuesday 18 to Monday 24
    story.time(8, 18, 10)
    do(city, story.inspection, "Recheck", INSPECTOR, recheck_result="done", recheck_text="到位")
    assert city.instance(story.inspection)["outcome"] == "EndConcluded"
    assert city.instance(story.ladder)["outcome"] == "EndInspected"
    (last,) = [r for r in climbed(city, story.ladder) if r.kind == "refer_up"]
    assert last.closed == (at(8, 18, 10), "concluded", None)
    (inspected,) = climbed(city, story.inspection)
    assert inspected.closed == (at(8, 18, 10), "founded", None)
    assert [r.kind for r in climbed(city, story.ladder)] == [
        "reminder", "urge", "yellow_card", "red_card", "supervise", "supervise", "supervise", "refer_up",
    ], "one breach climbed each rung once"  # fmt: skip
    assert city.instance(story.case)["status"] == "active", "an inspection does not do the unit's work"


def clue_referred(story: Story) -> None:
    """A named person proposes, another verifies, the head of the government approves; the unit and the committee learn nothing of it."""
    city = story.city
    said = {"ground": "clue", "persons": "某负责人", "clue_text": "金丝雀线索内容", "consequences": "一人受伤"}
    for other in (YU, ZHU, HEAD, HANDLER, OFFICE_HEAD, MAYOR, OFFICER):
        with pytest.raises(LiandongError):
            referrals.refer(city.core, story.inspection, said, city.actor(other))
    assert running(city, "clue_referral") == []
    record = files.accept(city.core, "谈话笔录.pdf", PAPER + b"% 1\n")
    begun = referrals.refer(
        city.core, story.inspection, {**said, "clue_files": [record.id]}, city.actor(INSPECTOR), accepted=[record]
    )
    referral = int(begun["instance"])
    city.run_due()
    assert due(city, referral, "verify") == at(8, 21, 18)  # Wednesday 19, Thursday, Friday
    story.time(8, 19, 10)
    do(city, referral, "Verify", OFFICE_HEAD, verify_decision="submit")
    assert due(city, referral, "approve") == at(8, 26, 18)  # Thursday 20 to Wednesday 26
    with pytest.raises(InvalidAnswers):
        do(
            city, referral, "Approve", MAYOR, approve_decision="agree"
        )  # art. 21: not without the approval's number and date
    story.time(8, 20, 10)
    do(
        city,
        referral,
        "Approve",
        MAYOR,
        approve_decision="agree",
        approval_document="潜政移〔2026〕1号",
        approved_on="2026-08-20",
    )
    assert due(city, referral, "hand_over") == at(8, 25, 18)  # Friday 21, Monday, Tuesday
    story.sees("referral approved")
    story.time(8, 21, 10)
    do(city, referral, "HandOver", INSPECTOR, materials="笔录一份", handed_on="2026-08-21")
    (clue,) = running(city, "clue")
    assert due(city, clue, "receive") == at(8, 26, 18)  # Monday 24, Tuesday, Wednesday
    assert [f["hash"] for f in files.listing(city.core, clue, OFFICER)] == [record.hash]
    story.sees("handed over")
    told = story.post.new(referral, clue)
    assert {who for some in told.values() for who in some} <= {INSPECTOR, OFFICE_HEAD, MAYOR, OFFICER, "qiuminghui"}
    story.time(8, 24, 10)
    do(city, clue, "Receive", OFFICER, received_on="2026-08-24", receipt_number="内-1")
    do(city, clue, "Handle", OFFICER, handle_note="内部", closed_on="2026-08-24")
    known = {who: referrals.receipts(city.core, city.actor(who), {story.inspection}) for who in PEOPLE.values()}
    outside = {who for who, found in known.items() if found}
    assert outside == {YU, ZHU, INSPECTOR}, "two dates, for who inspects or supervises"
    assert city.instance(referral)["outcome"] == "EndReferred"
    assert "内部" not in str(facts(city, referral)) + str(facts(city, story.inspection)) + str(
        facts(city, story.ladder)
    )
    matters = {"case": story.case, "ladder": story.ladder, "inspection": story.inspection, "referral": referral}
    explained = {name: story.doors.explained("inspector", one) for name, one in matters.items()}
    assert explained == {"case": 5, "ladder": 14, "inspection": 10, "referral": 3}
    assert story.doors.explained("discipline", clue) == 1
    own = dossier.make(city.core, story.case).content.decode()
    assert "金丝雀" not in own
    assert record.hash not in own
