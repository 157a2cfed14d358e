"""What is no expression, told at its place in both languages."""

from __future__ import annotations

import pytest

from engine import feel


@pytest.mark.parametrize(
    "text,line,column,sentence",
    [
        ("", 1, 1, "the expression is empty"),
        (" \n ", 1, 1, "the expression is empty"),
        ("1 +", 1, 4, "the expression is not finished"),
        ("(1", 1, 3, "the expression is not finished"),
        ("a and\n  and b", 2, 3, "“and” cannot stand here"),
        ("1 2", 1, 3, "“2” cannot stand here"),
        ("a = b = c", 1, 7, "“=” cannot stand here"),
        ("1..2", 1, 2, "“..” cannot stand here"),
        ("a == 1", 1, 4, "FEEL compares with a single “=”"),
        ("a && b", 1, 3, "FEEL writes “and”"),
        ("a || b", 1, 3, "FEEL writes “or”"),
        ("!a", 1, 1, "FEEL writes “not(…)”"),
        ("a = 'x'", 1, 5, "FEEL's strings stand in double quotes"),
        ("a = “x”", 1, 5, 'use the plain double quote "'),
        ("count(a，b)", 1, 8, "use the plain (half-width) punctuation mark"),
        ('a = "x', 1, 5, "the string has no closing quote"),
        ("${a > 1}", 1, 1, "this is JUEL, not FEEL"),
        ("a % 2", 1, 3, "FEEL writes “modulo(a, b)”"),
        ("a\n  .b()", 2, 5, "“(” cannot stand here"),
        ("{a: 1, a: 2}", 1, 8, "the context has “a” twice"),
        ('@"tomorrow"', 1, 1, "“tomorrow” after @ is no date, time, date and time or duration"),
        ("1 instance of person", 1, 15, "the type “person” is not supported"),
        ("1 instance of string<number>", 1, 15, "the type “string” takes no element type"),
        ("substring()", 1, 1, "the arguments do not fit, known is substring(string, start position, length?)"),
        ('1 + substring("a")', 1, 5, "the arguments do not fit"),
        ('contains("a", b: "c")', 1, 16, "cannot stand here"),
        ('contains(string: "a", matched: "c")', 1, 1, "the arguments do not fit"),
        ('contains(match: "a", match: "c")', 1, 1, "an argument is given twice"),
        ("count([1], function(x, y) x < y)", 1, 12, "user-defined and external functions"),
        ("{f: function(x) x + 1}", 1, 5, "user-defined and external functions"),
        ('function(x) external {java: {class: "java.lang.Math"}}', 1, 1, "user-defined and external functions"),
        ("external(1)", 1, 1, "user-defined and external functions"),
        (r'"\uD800"', 1, 1, "half a surrogate pair"),
        ("1e9999999", 1, 1, "is too large"),
        ("if = 1", 1, 4, "“=” cannot stand here"),
        ("[1, 2", 1, 6, "the expression is not finished"),
        ("(!= 3)", 1, 2, "“!=” makes no interval"),
        ("= 1", 1, 1, "“=” cannot stand here"),
    ],
)
def test_the_place_and_the_sentence(text: str, line: int, column: int, sentence: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert sentence in error.text("en")
    assert error.text("zh").startswith(f"第 {line} 行第 {column} 列：")


@pytest.mark.parametrize("word", ["if", "for", "and", "return", "null", "true", "between", "function"])
def test_a_reserved_word_is_a_key_but_no_name(word: str) -> None:
    assert feel.compile(f"{{{word}: 1}}.{word}").evaluate({}) == 1
    if word not in ("null", "true"):
        with pytest.raises(feel.FeelSyntaxError):
            feel.compile(f"{word} > 1")


def test_words_that_only_begin_like_reserved_ones() -> None:
    expression = feel.compile("order + iffy + nullable + not_done + dates")
    assert expression.names == {"order", "iffy", "nullable", "not_done", "dates"}


def test_errors_are_the_product_s_own() -> None:
    from engine.errors import LiandongError  # noqa: PLC0415 - only this test asks

    assert issubclass(feel.FeelError, LiandongError)
    assert issubclass(feel.FeelSyntaxError, feel.FeelError)
    assert issubclass(feel.FeelLimit, feel.FeelError)
