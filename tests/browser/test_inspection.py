"""The desks of the inspection office and of the discipline commission, at a desk and on a phone, in both languages."""

from __future__ import annotations

from escalation import referrals
from tests.browser.conftest import Sit
from tests.factories import case_at
from tests.stories.test_inspection import (
    ACCEPTED,
    APPROVED,
    CLUE,
    INSPECTOR,
    MAYOR,
    OFFICE_HEAD,
    OFFICER,
    PLANNED,
    asked,
    concluded,
    do,
)
from web.city import City


def test_both_desks(city: City, sit: Sit) -> None:
    case = case_at(city, "Handle")
    asked(city, case)
    _, running = asked(city, case)
    do(city, running, "Decide", INSPECTOR, **ACCEPTED)
    do(city, running, "Plan", INSPECTOR, **PLANNED)
    _, told = asked(city, case)
    concluded(city, told)
    referral = int(referrals.refer(city.core, told, CLUE, city.actor(INSPECTOR))["instance"])
    do(city, referral, "Verify", OFFICE_HEAD, verify_decision="submit")
    do(city, referral, "Approve", MAYOR, **APPROVED)
    do(city, referral, "HandOver", INSPECTOR, materials="笔录两份", handed_on="2026-06-10")

    inspector = sit(INSPECTOR)
    inspector.open("/inspection", "inspection")
    inspector.says("决定是否督查")
    inspector.open(f"/inspection/{told}/refer", "refer")
    inspector.open(f"/cases/{told}", "inspection-case")
    sit(INSPECTOR, phone=True).open("/inspection", "inspection-phone")
    sit(INSPECTOR, locale="en-GB").open("/inspection", "inspection-en")
    officer = sit(OFFICER)
    officer.open("/discipline", "discipline")
    officer.says("接收登记")
    sit(OFFICER, phone=True, locale="en-GB").open("/discipline", "discipline-phone-en")
