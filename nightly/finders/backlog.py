"""What is wrong with the items and their order."""

from datetime import date

from nightly.finders.facts import Facts
from nightly.finders.found import Found
from planning import health

# Without a closed sprint nobody knows how far down these look.
_NEED_SPRINTS = {
    "runway_short",
    "runway_long",
    "technical_share_low",
    "technical_share_high",
    "unestimated_near_top",
    "criteria_missing_near_top",
    "too_big",
}
_UNKNOWN = health.Limits(sprint_points=float("inf"))


def find(facts: Facts, today: date):
    """Items out of order, unanswered, unready, too big or forgotten, and shares and runway out of their ranges."""
    findings = health.find(
        facts.items, facts.limits or _UNKNOWN, inversions=facts.inversions, has_owners=False, today=today
    )
    for finding in findings:
        if facts.limits is None and finding.key in _NEED_SPRINTS:
            continue
        yield Found(finding.key, finding.urgency, _owner(finding, facts), finding.items, dict(finding.numbers))


def _owner(finding, facts):
    if finding.key == "questions_waiting":
        oldest = next(question for question in facts.questions if question.number in finding.items)
        technical = facts.owners.get(oldest.component, [facts.product_owner])
        return oldest.addressee or technical[0]
    if finding.key == "unestimated_near_top":
        return facts.any_scrum_master
    return facts.product_owner
