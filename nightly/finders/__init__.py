"""What can be wrong with a backlog, each looked for by a finder.

A finder takes (facts, today) and yields what it Found; where its data is absent it yields nothing.
"""

from nightly.finders import alike, backlog, components, debt, owners, proposals, sprints

FINDERS = (
    backlog.find,
    owners.find,
    components.find,
    proposals.find,
    debt.find,
    sprints.find,
    alike.find,
)
