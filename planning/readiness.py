"""Definition of Ready: which of its checks an item meets, and what is missing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

Number = int | float | Decimal

MOST_CHECKS = 100
LABEL_LENGTH = 300
KEY_LENGTH = 40


@dataclass(frozen=True)
class Check:
    """One line of a Definition of Ready: automatic with the name of a rule, by hand without."""

    key: str
    label: str
    rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """What the rules look at.

    largest_ready_points: the most points an item may have; None where no limit is agreed.
    blocking_question_count: open questions that block the item; others may stay open.
    waiting_need_count: needed items that are neither done nor placed above this one.
    """

    plain_lead: str = ""
    description: str = ""
    criteria_count: int = 0
    points: Number | None = None
    largest_ready_points: Number | None = None
    blocking_question_count: int = 0
    waiting_need_count: int = 0
    enables_count: int = 0
    has_component: bool = False
    business_value: Number | None = None


@dataclass(frozen=True)
class Readiness:
    """How many checks are met, of how many, and which are missing, in the order of the checklist."""

    met: int
    total: int
    missing: tuple[Check, ...]

    @property
    def is_ready(self) -> bool:
        return not self.missing


RULES: Mapping[str, str] = {
    "outcome_stated": "The plain lead says what comes of it",
    "has_description": "The description is not empty",
    "has_criteria": "There is at least one acceptance criterion",
    "is_estimated": "It has points",
    "is_small_enough": "It has points, and no more than agreed",
    "no_open_blocking_question": "Every question that blocks it is answered",
    "needs_are_done_or_above": "Everything it needs is done or placed above it",
    "enables_something": "At least one item that it enables is linked",
    "has_component": "It belongs to a component",
    "has_value": "It has a business value",
}

_CRITERIA = Check("criteria", "Acceptance criteria can be tested", "has_criteria")
_SMALL = Check("small", "Small enough for one sprint", "is_small_enough")
_ESTIMATED = Check("estimated", "Estimated by the team", "is_estimated")

# By kind; a spike, though technical, has a list of its own.
DEFAULT_CHECKS: Mapping[str, tuple[Check, ...]] = {
    "functional": (
        Check("outcome", "Outcome stated for one kind of user", "outcome_stated"),
        _CRITERIA,
        _SMALL,
        _ESTIMATED,
        Check("design", "Design and wording agreed"),
        Check("needs", "Everything it needs is done or placed above it", "needs_are_done_or_above"),
    ),
    "technical": (
        Check("enables", "What it enables is linked", "enables_something"),
        _CRITERIA,
        _SMALL,
        _ESTIMATED,
        Check("questions", "No open questions that block it", "no_open_blocking_question"),
        Check("roll_back", "Roll-back described"),
    ),
    "spike": (
        Check("question", "The question is written down", "has_description"),
        Check("enables", "What waits for the answer is linked", "enables_something"),
        Check("criteria", "It is clear when the answer is good enough", "has_criteria"),
        Check("estimated", "Time limit set by the team", "is_estimated"),
        _SMALL,
    ),
}


def assess(checks: Iterable[Check], facts: ItemFacts, ticked: Collection[str]) -> Readiness:
    """Hold an item against a Definition of Ready.

    ticked: keys of the checks ticked by hand; a tick on an automatic check counts for nothing.
    Ready is all checks met; an empty checklist makes every item ready.
    Raises ValueError if a check names no known rule.
    """
    checks = tuple(checks)
    missing = tuple(check for check in checks if not _is_met(check, facts, ticked))
    return Readiness(met=len(checks) - len(missing), total=len(checks), missing=missing)


def read_checklist(rows: object) -> tuple[Check, ...]:
    """Turn a stored checklist into checks.

    rows: a list of {"key": text, "label": text, "rule": a name from RULES, or null for a check by hand}.
    Raises ValueError with a sentence for the user if a row has another shape, an empty, repeated or overlong
    key, an empty or overlong label or an unknown rule.
    """
    if not isinstance(rows, list):
        raise ValueError("A checklist is a list of checks.")
    if len(rows) > MOST_CHECKS:
        raise ValueError(f"A checklist has at most {MOST_CHECKS} checks.")
    checks = tuple(_read_row(row) for row in rows)
    keys = [check.key for check in checks]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"Two checks have the key “{key}”.")
    return checks


def _read_row(row):
    if not isinstance(row, dict) or not row.keys() <= {"key", "label", "rule"}:
        raise ValueError("A check has a key, a label and a rule, nothing else.")
    check = Check(row.get("key"), row.get("label"), row.get("rule"))
    for text in (check.key, check.label):
        if not isinstance(text, str) or not text.strip():
            raise ValueError("A check needs a key and a label.")
        if "\x00" in text or len(text) > LABEL_LENGTH:
            raise ValueError(f"A check has at most {LABEL_LENGTH} characters, and no NUL among them.")
    if len(check.key) > KEY_LENGTH:
        raise ValueError(f"The key of a check has at most {KEY_LENGTH} characters.")
    if check.rule is not None and (not isinstance(check.rule, str) or check.rule not in RULES):
        raise ValueError(f"There is no rule “{check.rule}”. Rules: {', '.join(RULES)}.")
    return check


def _is_met(check, facts, ticked):
    if check.rule is None:
        return check.key in ticked
    return _holds(check.rule, facts)


def _holds(rule, facts):
    match rule:
        case "outcome_stated":
            return bool(facts.plain_lead.strip())
        case "has_description":
            return bool(facts.description.strip())
        case "has_criteria":
            return facts.criteria_count > 0
        case "is_estimated":
            return facts.points is not None
        case "is_small_enough":
            return facts.points is not None and _fits(facts.points, facts.largest_ready_points)
        case "no_open_blocking_question":
            return facts.blocking_question_count == 0
        case "needs_are_done_or_above":
            return facts.waiting_need_count == 0
        case "enables_something":
            return facts.enables_count > 0
        case "has_component":
            return facts.has_component
        case "has_value":
            return facts.business_value is not None
    raise ValueError(f"There is no rule “{rule}”.")


def _fits(points, limit):
    return limit is None or points <= limit
