"""What becomes of each file of other tools: how it runs, or what is refused on which elements. Written from what the diagrams say,
in the notation of the conformance cases (`tests/bpmn/conformance/case.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bpmn.conformance.case import Play, acted, begin, broadcast, done, fire, hear, play
from tests.bpmn.conformance.figures import chain, end, start, user

FACTS: Mapping[str, Mapping[str, Any]] = {
    "bpmnjs_coloured": {"responsible_unit": "water"},
    "bpmnjs_timers": {"limit": "PT8H"},
    "bpmnjs_nameless": {"次数": 0},
    "camunda8_timers": {"hours": 5},
    "camunda8_both": {"responsible_unit": "water"},
}
"""The facts a file begins with."""

CALLED = {"inspection": (start("i_S"), user("i_A"), end("i_E"), chain("i_S", "i_A", "i_E"))}
"""The processes that files call."""

RUNS: Mapping[str, tuple[Play, ...]] = {
    "bpmnjs_coloured": (
        play(
            "StartEvent_1 Activity_0k2x9d1?",
            *(done("Activity_0k2x9d1", verify_result="confirmed"), "Activity_0k2x9d1>Gateway_1x Activity_1h?"),
            *(done("Activity_1h"), "Activity_1h>Event_done ."),
        ),
        play(
            "StartEvent_1 Activity_0k2x9d1?",
            *(done("Activity_0k2x9d1", verify_result="false"), "Activity_0k2x9d1>Gateway_1x>Event_none ."),
        ),
    ),
    "bpmnjs_pools": (play("Start 受理?", done("受理"), "受理>答复>End 答复^reply ."),),
    "bpmnjs_partners": (play("a_start>ask ask^ask a_wait?", done("a_wait"), "a_wait>a_end ."),),
    "bpmnjs_data": (play("StartEvent_1 Activity_1?", done("Activity_1"), "Activity_1>Event_1 ."),),
    "bpmnjs_events": (
        play(
            "StartEvent_1 sub_start>tell late>remind>reminded work? stop~",
            *(done("work", ok=True), "work>sub_gate>good wait~"),
            *(hear("paid"), "wait>end end^alarm ."),
        ),
        play(
            "StartEvent_1 sub_start>tell late>remind>reminded work? stop~",
            *(done("work", ok=False), "work>sub_gate>bad>caught>returned ."),
        ),
        play(
            "StartEvent_1 sub_start>tell late>remind>reminded work? stop~",
            *(broadcast("alarm"), "stop>stopped ."),
        ),
    ),
    "bpmnjs_beside": (
        play(
            "StartEvent_1 work? every@PT1H heard~",
            *(fire("every"), "every>remind>reminded work? every@PT1H heard~"),
            *(broadcast("alarm"), "heard>stopped ."),
        ),
        play("StartEvent_1 work? every@ heard~", done("work"), "work>end ."),
    ),
    "bpmnjs_undoing": (
        play("StartEvent_1 begin>book decide?", done("decide", cancelled=False), "decide>gate>fine end ."),
        play(
            "StartEvent_1 begin>book decide?",
            *(done("decide", cancelled=True), "decide>gate>cancel unbook cancelled>given_up ."),
        ),
    ),
    "bpmnjs_folded": (play("StartEvent_1 in_start in_work?", done("in_work"), "in_work>in_end end ."),),
    "bpmnjs_timers": (
        play(
            "StartEvent_1 work? late@PT1H gone@PT8H",
            *(fire("late"), "late>told work? late@PT1H gone@"),
            *(done("work"), "work wait@P1DT2H"),
            *(fire("wait"), "wait due@", fire("due"), "due>end ."),
        ),
        play("StartEvent_1 work? late@ gone@PT8H", fire("gone"), "gone>over ."),
    ),
    "bpmnjs_nameless": (play("Start>网关 Root?", done("Root"), "Root>End ."),),
    "bpmnjs_choosing": (
        play(
            "StartEvent_1 heard~ late@PT2H",
            *(hear("reply"), "race>heard>split a? b?", done("a"), "a>first>end b?", done("b"), "b>first>end ."),
        ),
        play("StartEvent_1 heard~ late@PT2H", fire("late"), "race>late>over ."),
    ),
    "camunda7_forms": (play("StartEvent_1 work?", done("work"), "work>end ."),),
    "camunda7_plain_call": (play("StartEvent_1 i_S i_A?", done("i_A"), "i_A>i_E end ."),),
    "camunda7_timers": (
        play("StartEvent_1 wait@PT15M", fire("wait"), "wait work? late@", done("work"), "work>end ."),
        play("StartEvent_1 wait@PT15M", fire("wait"), "wait work? late@", fire("late"), "late>over ."),
    ),
    "camunda7_plain_events": (
        play(
            "StartEvent_1>shout>s u? shout^停工", done("u"), "u>up>raised call_in?", done("call_in"), "call_in>over ."
        ),
    ),
    "camunda7_three": (
        play(
            "StartEvent_1 sign?",
            *(done("sign"), "sign sign?", done("sign"), "sign sign?", done("sign"), "sign>end ."),
        ),
    ),
    "camunda7_decision": (
        play('StartEvent_1>grade work? grade={"decided":"grade_of","saw":null}', done("work"), "work>end ."),
    ),
    "camunda7_undoing": (
        play("StartEvent_1 book?", done("book"), "book unbook?", done("unbook"), "unbook give_up>end ."),
    ),
    "camunda7_pool": (play("StartEvent_1 take?", done("take"), "take wait~", hear("delivered"), "wait>end ."),),
    "camunda8_permit": (
        play("StartEvent_1 check?", done("check", amount=20000), "check>gate big?", done("big"), "big>end ."),
        play("StartEvent_1 check?", done("check", amount=20), "check>gate>end ."),
    ),
    "camunda8_decision": (
        play('StartEvent_1>grade work? grade={"decided":"grade_of","saw":null}', done("work"), "work>end ."),
    ),
    "camunda8_timers": (
        play(
            *(begin("StartEvent_1"), "StartEvent_1 wait@PT5H", fire("wait"), "wait work? late@PT1H"),
            *(fire("late"), "late>told work? late@PT1H", done("work"), "work>end ."),
        ),
    ),
    "camunda8_both": (play("StartEvent_1 work?", done("work"), "work tell!", acted("tell"), "tell>end ."),),
    "flowable_side_by_side": (play("startEvent1>split a? b?", done("b"), "b a?", done("a"), "a>join>end ."),),
    "flowable_pool": (play("startEvent1 work?", done("work"), "work>end ."),),
    "activiti_leave": (
        play(
            "start deptLeaderAudit?",
            done("deptLeaderAudit"),
            "deptLeaderAudit reportBack?",
            done("reportBack"),
            "reportBack>end .",
        ),
    ),
}
"""The files that run, with their courses."""

_CLASS = {"vendor-behaviour", "no-action"}
REFUSED: Mapping[str, Mapping[str, set[str]]] = {
    "bpmnjs_sketch": {
        "Activity_b": {"no-action", "no-way-out"},
        "Activity_lost": {"no-way-out"},
        "Flow_Gateway_0_Activity_a": {"condition-missing"},
        "Flow_Gateway_0_Activity_b": {"condition-missing"},
    },
    "bpmnjs_markers": {"many": {"multi-instance"}},
    "bpmnjs_adhoc": {"Anything": {"unsupported"}},
    "camunda7_invoice": {"archive": _CLASS, "yes": {"expression-language"}, "no": {"expression-language"}},
    "camunda7_services": {
        **dict.fromkeys(("by_class", "by_bean", "by_expression", "outside", "by_connector"), _CLASS),
        "sent": {"vendor-behaviour", "event"},
    },
    "camunda7_calling": {"call": {"vendor-behaviour"}},
    "camunda7_cron": {"nightly": {"timer"}, "wait": {"expression-language"}},
    "camunda7_variables": {
        "Message_1": {"expression-language"},
        "failed": {"vendor-behaviour"},
        "holds": {"expression-language"},
    },
    "camunda7_several": {
        "ask": {"multi-instance", "expression-language", "vendor-behaviour"},
    },
    "camunda7_decisions": {
        "listed": {"vendor-behaviour", "decision-missing"},
        "versioned": {"vendor-behaviour", "decision-missing"},
        "computed": {"vendor-behaviour", "no-lookup"},
        "coded": {"vendor-behaviour", "no-lookup"},
    },
    "camunda7_scripts": {
        "groovy": {"vendor-behaviour", "script-language"},
        "js": {"script-language"},
        "outside": {"vendor-behaviour", "script-language"},
        "scripted": {"expression-language"},
    },
    "camunda8_workers": dict.fromkeys(("work", "connector"), _CLASS),
    "camunda8_calling": {"call": {"vendor-behaviour", "call"}},
    "camunda8_several": {"ask": {"multi-instance", "vendor-behaviour"}},
    "camunda8_computed_decision": {"grade": {"vendor-behaviour", "no-lookup"}},
    "camunda8_messages": {"Message_1": {"vendor-behaviour"}},
    "camunda8_scripts": {"add": {"script-language", "vendor-behaviour"}},
    "flowable_holiday": {
        **dict.fromkeys(("book", "mail"), _CLASS),
        "yes": {"expression-language"},
        "no": {"expression-language"},
    },
    "flowable_several": {
        "sign": {"multi-instance", "vendor-behaviour"},
        "call": {"vendor-behaviour"},
        "decide": _CLASS,
    },
    "flowable_waiting": {"sig": {"vendor-behaviour"}},
    "flowable_scripts": {"shell": _CLASS, "script": {"script-language"}, "skipped": {"vendor-behaviour"}},
    "activiti_services": dict.fromkeys(("by_class", "by_expression"), _CLASS),
}
"""The files that are refused: which codes on which elements."""
