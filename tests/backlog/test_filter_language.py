"""The filter language: what is written becomes a tree, and the tree what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog.queries import filter_language as language
from backlog.queries.filter_language import All, Any, FilterUnreadable, Not, Term, Value, Words

BARE = st.text("abcdefgxyzäß012.!-_'", min_size=1, max_size=8).filter(lambda text: not text.startswith("-"))
VALUES = st.builds(Value, BARE) | st.builds(Value, st.text(max_size=12), st.just(True))
WORDS = st.builds(Words, VALUES)
TERMS = st.builds(
    Term,
    st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True),
    st.sampled_from(["=", "<", "<=", ">", ">="]),
    st.lists(VALUES, min_size=1, max_size=3).map(tuple),
)


def groups(nodes):
    several = st.lists(nodes, min_size=2, max_size=4)
    return (
        nodes.map(Not)
        | several.map(lambda each: language.joined(*each))
        | several.map(lambda each: language._merged(Any, each))
    )


TREES = st.just(All(())) | st.recursive(WORDS | TERMS, groups, max_leaves=12)


@given(TREES)
def test_what_is_written_reads_as_it_was(tree):
    assert language.read(language.write(tree)) == tree


@given(st.text('ab:<>=,"()\\- NOTRDA', max_size=40))
def test_any_text_is_read_or_refused_at_a_place_in_it(text):
    try:
        tree = language.read(text)
    except FilterUnreadable as refusal:
        position, length = refusal.extra["position"], refusal.extra["length"]
        assert 0 <= position <= len(text)
        assert 0 < length <= len(text) - position
        assert refusal.message.endswith(".")
    else:
        assert language.read(language.write(tree)) == tree


def word(text):
    return Words(Value(text))


def term(name, *values, operator="="):
    return Term(name, operator, tuple(Value(value) for value in values))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", All(())),
        ("  ", All(())),
        ("refund", word("refund")),
        ("a b", All((word("a"), word("b")))),
        ("a AND b", All((word("a"), word("b")))),
        ("a b OR c", Any((All((word("a"), word("b"))), word("c")))),
        ("a (b OR c)", All((word("a"), Any((word("b"), word("c")))))),
        ("NOT a b", All((Not(word("a")), word("b")))),
        ("-(a b)", Not(All((word("a"), word("b"))))),
        ("a or b", All((word("a"), word("or"), word("b")))),
        ("well-known", word("well-known")),
        ("Kind:technical", term("kind", "technical")),
        ("tag:a,b", term("tag", "a", "b")),
        ("points>=3", term("points", "3", operator=">=")),
        ("points:<8", term("points", "8", operator="<")),
        ("due:-2w..", term("due", "-2w..")),
        ('tag:"pay \\"day\\""', Term("tag", "=", (Value('pay "day"', is_quoted=True),))),
        ('"in order"', Words(Value("in order", is_quoted=True))),
        ("10:30", word("10:30")),
    ],
)
def test_a_text_reads_as(text, tree):
    assert language.read(text) == tree


@pytest.mark.parametrize(
    ("text", "marked", "message"),
    [
        ("a AND", "AND", "After AND comes another condition."),
        ("a OR OR b", "OR", "Before OR comes a condition."),
        ("NOT", "NOT", "After NOT comes another condition."),
        ("kind:", "kind:", "Say what the kind is to be."),
        ("tag:a, b", "tag:a,", "Say what the tag is to be."),
        ("x (a", "(", "This bracket is not closed."),
        ("a)", ")", "Nothing opens this bracket."),
        ("a ()", "()", "There is nothing in these brackets."),
        ('tag:"pay day', '"pay day', "These quotes are not closed."),
    ],
)
def test_a_mistake_is_marked_at_its_place(text, marked, message):
    with pytest.raises(FilterUnreadable, match=f"^{message}$") as refused:
        language.read(text)

    position, length = refused.value.extra["position"], refused.value.extra["length"]
    assert text[position : position + length] == marked


@pytest.mark.parametrize("text", ["x" * 1_001, "x " * 41, "(" * 14 + "x" + ")" * 14, "-" * 14 + "x", "NOT " * 14 + "x"])
def test_filters_are_bounded(text):
    with pytest.raises(FilterUnreadable):
        language.read(text)
