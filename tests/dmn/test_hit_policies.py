"""Hit policies, from the text of DMN 1.5, 8.2.10 (hit policy), 8.2.11 (default outputs) and 10.3.2.10 (decision tables)."""

from __future__ import annotations

import pytest

from tests.dmn.drawing import Column, codes, decision, dmn_file, failed, made, table

AGE = [["> 10", '"a"'], ["> 20", '"b"'], ["< 5", '"c"']]
RANKED = ("grade", {"values": '"c", "b", "a"'})


def test_unique_no_overlap_is_possible() -> None:
    rules = table(["age"], ["grade"], AGE)
    assert made(rules, age=15) == "a"
    assert made(rules, age=1) == "c"
    error = failed(rules, age=25)
    assert error.rules == (1, 2)
    assert "UNIQUE" in error.text("zh")
    assert "2 rules match: 1, 2" in error.text("en")


def test_unique_is_the_policy_where_none_is_said() -> None:
    assert failed(table(["age"], ["grade"], AGE).replace(' hitPolicy="UNIQUE"', ""), age=25).rules == (1, 2)


def test_two_rules_with_the_same_output_are_still_not_unique() -> None:
    assert failed(table(["age"], ["grade"], [["> 1", "1"], ["> 2", "1"]]), age=3).rules == (1, 2)


def test_any_all_matching_rules_have_equal_outputs() -> None:
    rules = table(["age"], ["grade"], [["> 10", '"a"'], ["> 20", '"a"'], ["> 30", '"b"']], "ANY")
    assert made(rules, age=25) == "a"
    assert failed(rules, age=31).rules == (1, 2, 3)
    assert failed(table(["age"], ["grade"], AGE, "ANY"), age=25).rules == (1, 2)


def test_any_compares_every_output() -> None:
    rules = table(["age"], ["g", "h"], [["> 10", "1", "2"], ["> 20", "1.0", "2"], ["> 30", "1", "3"]], "ANY")
    assert made(rules, age=25) == {"g": 1, "h": 2}
    assert failed(rules, age=31).rules == (1, 2, 3)


def test_first_is_the_first_by_rule_order() -> None:
    rules = table(["age"], ["grade"], [["> 20", '"b"'], ["> 10", '"a"'], ["-", '"z"']], "FIRST")
    assert [made(rules, age=age) for age in (25, 15, 5)] == ["b", "a", "z"]


def test_first_evaluates_no_other_output() -> None:
    rules = table(["age"], [("grade", {"type": "number"})], [["> 20", "1"], ["-", '"not a number"']], "FIRST")
    assert made(rules, age=25) == 1


def test_priority_by_the_order_of_the_output_values() -> None:
    rules = table(["age"], [RANKED], AGE, "PRIORITY")
    assert made(rules, age=25) == "b"  # a and b match; b stands before a
    assert made(rules, age=15) == "a"


def test_priority_of_several_outputs_goes_from_left_to_right() -> None:
    outputs: list[Column] = [("x", {"values": '"p", "q"'}), ("y", {"values": "1, 2"})]
    rules = [["> 0", '"q"', "1"], ["> 0", '"p"', "2"], ["> 5", '"p"', "1"]]
    assert made(table(["n"], outputs, rules, "PRIORITY"), n=1) == {"x": "p", "y": 2}
    assert made(table(["n"], outputs, rules, "PRIORITY"), n=6) == {"x": "p", "y": 1}


def test_an_output_without_values_has_no_say_in_priorities() -> None:
    outputs: list[Column] = ["x", ("y", {"values": "1, 2"})]
    assert made(table(["n"], outputs, [["-", '"a"', "2"], ["-", '"b"', "1"]], "PRIORITY"), n=1) == {"x": "b", "y": 1}


def test_output_order_all_in_decreasing_priority() -> None:
    rules = table(["age"], [RANKED], [*AGE, ["> 0", '"c"'], ["> 0", '"a"']], "OUTPUT ORDER")
    assert made(rules, age=25) == ["c", "b", "a", "a"]


def test_rule_order_all_in_the_order_of_the_rules() -> None:
    rules = table(["age"], ["grade"], [["> 20", '"b"'], ["> 10", '"a"'], ["> 0", '"b"']], "RULE ORDER")
    assert made(rules, age=25) == ["b", "a", "b"]
    assert made(rules, age=15) == ["a", "b"]


def test_collect_without_operator_is_the_list_of_all_outputs() -> None:
    rules = table(["age"], ["grade"], AGE, "COLLECT")
    assert sorted(made(rules, age=25)) == ["a", "b"]  # type: ignore[call-overload]
    both = table(["age"], ["g", "h"], [["> 1", "1", "2"], ["> 2", "3", "4"]], "COLLECT")
    assert made(both, age=5) == [{"g": 1, "h": 2}, {"g": 3, "h": 4}]


@pytest.mark.parametrize(
    "aggregation,result",
    [("SUM", 90), ("MIN", 10), ("MAX", 50), ("COUNT", 4)],
)
def test_collect_with_an_operator(aggregation: str, result: int) -> None:
    rules = [["> 1", "10"], ["> 2", "50"], ["> 3", "20"], ["> 4", "10"], ["> 100", "1000"]]
    assert made(table(["n"], ["points"], rules, "COLLECT", aggregation=aggregation), n=5) == result


def test_collect_sums_decimals_and_durations() -> None:
    rules = [["-", "0.1"], ["-", "0.2"]]
    assert made(table(["n"], ["x"], rules, "COLLECT", aggregation="SUM"), n=1) == 0.3
    rules = [["-", '@"PT1H"'], ["-", '@"PT30M"']]
    assert made(table(["n"], ["x"], rules, "COLLECT", aggregation="SUM"), n=1) == "PT1H30M"
    rules = [["-", '@"2026-10-02"'], ["-", '@"2026-10-01"']]
    assert made(table(["n"], ["x"], rules, "COLLECT", aggregation="MIN"), n=1) == "2026-10-01"


@pytest.mark.parametrize("aggregation", ["SUM", "MIN", "MAX"])
@pytest.mark.parametrize("outputs", [["1", '"a"'], ["null", "1"], ["true", "true"], ["[1]", "2"]])
def test_what_cannot_be_aggregated_is_an_error_that_names_the_rules(aggregation: str, outputs: list[str]) -> None:
    rules = table(["n"], ["x"], [["-", text] for text in outputs], "COLLECT", aggregation=aggregation)
    assert failed(rules, n=1).rules == (1, 2)


@pytest.mark.parametrize(
    "policy,aggregation,result",
    [
        ("UNIQUE", None, None),
        ("FIRST", None, None),
        ("ANY", None, None),
        ("PRIORITY", None, None),
        ("RULE ORDER", None, []),
        ("OUTPUT ORDER", None, []),
        ("COLLECT", None, []),
        ("COLLECT", "SUM", None),
        ("COLLECT", "MIN", None),
        ("COLLECT", "MAX", None),
        ("COLLECT", "COUNT", 0),
    ],
)
def test_no_rule_matches(policy: str, aggregation: str | None, result: object) -> None:
    """Null; of the lists and their aggregations what FEEL's functions give of an empty list (10.3.4.4)."""
    more = {} if aggregation is None else {"aggregation": aggregation}
    outputs = [("x", {"values": "1, 2"})]
    assert made(table(["n"], outputs, [["> 5", "1"], ["> 9", "2"]], policy, **more), n=1) == result


def test_the_default_outputs_when_no_rule_matches() -> None:
    outputs: list[Column] = [("x", {"default": '"none"'}), "y"]
    rules = table(["n"], outputs, [["> 5", "1", "2"]], "FIRST")
    assert made(rules, n=1) == {"x": "none", "y": None}
    assert made(rules, n=6) == {"x": 1, "y": 2}
    assert made(table(["n"], [("x", {"default": "n * 2"})], [["> 5", "1"]]), n=1) == 2
    assert made(table(["n"], [("x", {"default": "0"})], [["> 5", "1"]], "COLLECT"), n=1) == [0]
    assert made(table(["n"], [("x", {"default": "7"})], [["> 5", "1"]], "COLLECT", aggregation="MAX"), n=1) == 7


def test_a_rule_matches_when_all_its_conditions_do() -> None:
    rules = table(["a", "b", "c"], ["x"], [["1", "2", "-", "10"], ["1", "-", "3", "20"]], "RULE ORDER")
    assert made(rules, a=1, b=2, c=3) == [10, 20]
    assert made(rules, a=1, b=2, c=4) == [10]
    assert made(rules, a=0, b=2, c=3) == []


def test_a_condition_that_is_null_does_not_match() -> None:
    rules = table(["n"], ["x"], [["< 5", '"small"'], ["not(< 5)", '"other"'], ["null", '"null"']], "RULE ORDER")
    assert made(rules) == ["null"]
    assert made(rules, n="text") == []


def test_a_table_without_inputs_matches_always() -> None:
    assert made(table([], ["x"], [["1 + 1"]])) == 2


@pytest.mark.parametrize(
    "cell,yes,no",
    [
        ("-", [1, None, "a"], []),
        ("", [1, None], []),
        ("5", [5, 5.0], [4, "5", None]),
        ("< 5", [4], [5, None]),
        ("[1..5]", [1, 5, 2.5], [0, 6]),
        ("]1..5[", [2], [1, 5]),
        ("(1..5)", [2], [1, 5]),
        ("[1..5)", [1], [5]),
        ("1, 3, > 5", [1, 3, 6], [2, 5]),
        ("not(1, 3)", [2], [1, 3]),
        ('"a", "b"', ["a", "b"], ["c", "A"]),
        ("limit", [7], [6]),
        ("> limit", [8], [7]),
        ("? > 3 and ? < limit", [4], [3, 7]),
        ("listed", [1, 2], [3]),
        ("even(?)", [2], [3]),
        ("true", [True], [False, None, 1]),
        ("null", [None], [1]),
        ('@"2026-10-01"', [], ["2026-10-01"]),
    ],
)
def test_the_cells(cell: str, yes: list[object], no: list[object]) -> None:
    rules = table(["n"], ["x"], [[cell, "1"]], "RULE ORDER")
    for value in yes:
        assert made(rules, n=value, limit=7, listed=[1, 2]) == [1], value
    for value in no:
        assert made(rules, n=value, limit=7, listed=[1, 2]) == [], value


def test_input_values_are_checked() -> None:
    rules = table([("n", {"values": "[0..100]", "label": "得分"})], ["x"], [["-", "1"]])
    assert made(rules, n=100) == 1
    error = failed(rules, n=101)
    assert "“得分”" in error.text("zh")
    assert "the input “得分” is 101, which is not among the allowed values [0..100]" in error.text("en")
    assert "null" in failed(rules).text("en")


def test_output_values_are_checked() -> None:
    rules = table(["n"], [("grade", {"values": '"A", "B"'})], [["> 5", '"A"'], ["<= 5", "word"]])
    assert made(rules, n=6) == "A"
    assert made(rules, n=5, word="B") == "B"
    error = failed(rules, n=5, word="C")
    assert error.rules == (2,)
    assert "the output “grade” of rule 2" in error.text("en")
    assert "第 2 条规则的输出“grade”" in error.text("zh")


def test_types_of_columns_are_checked() -> None:
    rules = table([("n", {"type": "number"})], [("x", {"type": "string"})], [["> 5", '"A"'], ["<= 5", "5"]])
    assert made(rules, n=6) == "A"
    assert "must be a string, not a number: 5" in failed(rules, n=5).text("en")
    assert "must be a number, not a string" in failed(rules, n="6").text("en")


def test_a_date_column_takes_the_text_of_json() -> None:
    rules = table([("day", {"type": "date"})], ["x"], [['< @"2026-10-01"', "1"], ["-", "2"]], "FIRST")
    assert made(rules, day="2026-09-30") == 1
    assert made(rules, day="2026-10-01") == 2
    assert "date" in failed(rules, day="2026-02-30").text("en")


@pytest.mark.parametrize(
    "logic,code",
    [
        (table(["n"], ["x"], [["1", "1"]], "unique"), "hit-policy"),
        (table(["n"], ["x"], [["1", "1"]], "COLLECT", aggregation="AVG"), "aggregation"),
        (table(["n"], ["x"], [["1", "1"]], "UNIQUE", aggregation="SUM"), "aggregation"),
        (table(["n"], ["x", "y"], [["1", "1", "2"]], "COLLECT", aggregation="SUM"), "aggregation"),
        (table(["n"], ["x"], [["1", "1"]], "PRIORITY"), "no-priorities"),
        (table(["n"], [("x", {"values": "> 1"})], [["1", "1"]], "OUTPUT ORDER"), "no-priorities"),
        (table(["n"], ["x", "x"], [["1", "1", "1"]]), "output-name"),
        (table(["n"], ["x", ""], [["1", "1", "1"]]), "output-name"),
        (table(["n"], ["x"], [["1"]]), "rule-size"),
        (table(["n"], ["x"], [["1", "1", "1"]]), "rule-size"),
        (table(["n"], ["x"], [["1", "1"]], preferredOrientation="CrossTable"), "orientation"),
    ],
)
def test_refused(logic: str, code: str) -> None:
    assert code in codes(dmn_file(decision("d", logic)))
