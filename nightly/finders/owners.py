"""Does the product need a technical owner, or a further one?"""

from datetime import date

from nightly.finders.facts import Facts
from nightly.finders.found import Found
from planning import health


def find(facts: Facts, today: date):
    if facts.limits is None:
        return
    people = {user for users in facts.owners.values() for user in users}
    advice = health.technical_owner_advice(facts.items, facts.limits, owner_count=len(people), today=today)
    if advice:
        yield Found(advice.key, advice.urgency, facts.product_owner, advice.items, dict(advice.numbers))
