"""The Definition of Ready held against an item."""

import pytest

from planning import readiness
from planning.readiness import Check, ItemFacts, Readiness

READY = ItemFacts(
    plain_lead="A merchant gets the money on Sunday",
    description="Payouts at any hour",
    criteria_count=3,
    points=8,
    largest_ready_points=13,
    enables_count=1,
    has_component=True,
    business_value=8,
)


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        ("outcome_stated", ItemFacts(plain_lead="Paid on Sunday"), True),
        ("outcome_stated", ItemFacts(plain_lead="  "), False),
        ("has_description", ItemFacts(description="Payouts"), True),
        ("has_description", ItemFacts(description="\n"), False),
        ("has_criteria", ItemFacts(criteria_count=1), True),
        ("has_criteria", ItemFacts(criteria_count=0), False),
        ("is_estimated", ItemFacts(points=0), True),
        ("is_estimated", ItemFacts(points=None), False),
        ("is_small_enough", ItemFacts(points=8, largest_ready_points=8), True),
        ("is_small_enough", ItemFacts(points=8.5, largest_ready_points=8), False),
        ("is_small_enough", ItemFacts(points=100, largest_ready_points=None), True),
        ("is_small_enough", ItemFacts(points=None, largest_ready_points=8), False),
        ("no_open_blocking_question", ItemFacts(blocking_question_count=0), True),
        ("no_open_blocking_question", ItemFacts(blocking_question_count=1), False),
        ("needs_are_done_or_above", ItemFacts(waiting_need_count=0), True),
        ("needs_are_done_or_above", ItemFacts(waiting_need_count=1), False),
        ("enables_something", ItemFacts(enables_count=1), True),
        ("enables_something", ItemFacts(enables_count=0), False),
        ("has_component", ItemFacts(has_component=True), True),
        ("has_component", ItemFacts(has_component=False), False),
        ("has_value", ItemFacts(business_value=0), True),
        ("has_value", ItemFacts(business_value=None), False),
    ],
)
def test_automatic_rules(rule, facts, expected):
    check = Check("it", "It holds", rule)

    assert readiness.assess([check], facts, ticked=set()).is_ready is expected


@pytest.mark.parametrize("rule", readiness.RULES)
def test_every_described_rule_can_be_assessed(rule):
    assert readiness.assess([Check("it", "It holds", rule)], READY, ticked=set()).is_ready


def test_a_rule_without_a_description_is_refused():
    with pytest.raises(ValueError, match="no rule “is_lucky”"):
        readiness.assess([Check("luck", "Lucky", "is_lucky")], READY, ticked=set())


def test_both_kinds_of_checks_count():
    estimated = Check("estimated", "Estimated by the team", "is_estimated")
    design = Check("design", "Design agreed")
    roll_back = Check("roll_back", "Roll-back described")

    result = readiness.assess([roll_back, estimated, design], READY, ticked={"design", "of a removed check"})

    assert result == Readiness(met=2, total=3, missing=(roll_back,))
    assert not result.is_ready


def test_an_automatic_check_cannot_be_ticked():
    estimated = Check("estimated", "Estimated by the team", "is_estimated")

    result = readiness.assess([estimated], ItemFacts(), ticked={"estimated"})

    assert result == Readiness(met=0, total=1, missing=(estimated,))


def test_an_empty_checklist_makes_every_item_ready():
    assert readiness.assess([], ItemFacts(), ticked=set()).is_ready


@pytest.mark.parametrize(("kind", "total"), [("functional", 6), ("technical", 6), ("spike", 5)])
def test_a_refined_item_is_ready_by_the_default_checks(kind, total):
    by_hand = {check.key for check in readiness.DEFAULT_CHECKS[kind] if check.rule is None}

    assert readiness.assess(readiness.DEFAULT_CHECKS[kind], READY, by_hand) == Readiness(total, total, ())


@pytest.mark.parametrize("kind", readiness.DEFAULT_CHECKS)
def test_the_default_checks_survive_being_stored(kind):
    checks = readiness.DEFAULT_CHECKS[kind]
    stored = [{"key": check.key, "label": check.label, "rule": check.rule} for check in checks]

    assert readiness.read_checklist(stored) == checks


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"key": "a"}, "A checklist is a list of checks."),
        (["estimated"], "A check has a key, a label and a rule, nothing else."),
        ([{"key": "a", "label": "A", "met": True}], "A check has a key, a label and a rule, nothing else."),
        ([{"label": "A"}], "A check needs a key and a label."),
        ([{"key": "a", "label": " "}], "A check needs a key and a label."),
        ([{"key": 1, "label": "A"}], "A check needs a key and a label."),
        ([{"key": "a" * 41, "label": "A"}], "The key of a check has at most 40 characters."),
        ([{"key": "a", "label": "A"}, {"key": "a", "label": "B"}], "Two checks have the key “a”."),
        ([{"key": "a", "label": "A", "rule": "is_lucky"}], "There is no rule “is_lucky”."),
        ([{"key": "a", "label": "A", "rule": ["is_estimated"]}], "There is no rule"),
    ],
)
def test_a_stored_checklist_of_another_shape_is_refused(rows, message):
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        readiness.read_checklist(rows)


@pytest.mark.parametrize(
    "rows",
    [
        [{"key": f"k{n}", "label": "x", "rule": None} for n in range(101)],
        [{"key": "k", "label": "x" * 301, "rule": None}],
        [{"key": "k", "label": "x\x00", "rule": None}],
    ],
)
def test_a_checklist_has_bounds(rows):
    with pytest.raises(ValueError, match="at most"):
        readiness.read_checklist(rows)
