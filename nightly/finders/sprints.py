"""Active sprints that go otherwise than planned."""

from datetime import date

from nightly.finders.facts import Facts
from nightly.finders.found import Found
from planning.health import Urgency

# Of the sprint's points, behind an even pace.
BEHIND_SHARE = 0.25


def find(facts: Facts, today: date):
    for sprint in facts.active:
        owner = facts.scrum_masters.get(sprint.team, facts.product_owner)
        numbers = {"sprint": sprint.number, "team": sprint.team_name}
        if today > sprint.ends_on:
            numbers["days"] = (today - sprint.ends_on).days
            yield Found("sprint_overdue", Urgency.NOW, owner, (), numbers)
        elif _behind(sprint, today) > BEHIND_SHARE:
            left = sprint.points - sprint.done
            numbers |= {"left": left, "days": (sprint.ends_on - today).days + 1}
            yield Found("sprint_behind", Urgency.NOW, owner, (), numbers)


def _behind(sprint, today):
    if not sprint.points:
        return 0.0
    gone = (today - sprint.starts_on).days / ((sprint.ends_on - sprint.starts_on).days + 1)
    return gone - sprint.done / sprint.points
