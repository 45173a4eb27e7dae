"""Propose an item with the case for it, and come back with what changed."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from backlog.actions import dependencies, feed, fields, items
from backlog.actions.item_rows import lock, lock_many, touch
from backlog.models import Item, Proposal
from backlog.models.proposals import SCENARIO
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

CASE = (
    *("why_now", "delay_per_week", "points_low", "points_high", "risk_if_not", "options_considered"),
    *("question", "time_box_days", *SCENARIO, "place", "before"),
)
_NEEDED = {
    Item.Type.SPIKE: {
        "question": "Say which question the spike answers.",
        "time_box_days": "Say after how many days it ends.",
    },
    Item.Type.SECURITY: {
        "stimulus": "Say what happens.",
        "response": "Say what the product then does.",
        "measure": "Say how that is measured: without it nobody can tell whether it is done.",
    },
}
_MOST_DELAY = 1000


class NoProposal(RuleViolation):
    code = "item_not_proposed"
    message = "Only what is proposed, or was declined, can be changed as a proposal."


@transaction.atomic
def propose(product, *, by, case: dict, enables: Iterable[Item] = (), at: datetime | None = None, **values) -> Item:
    """Propose an item as `items.propose` does, with the case for it. case: fields of `CASE`; enables: what needs it.

    Raises PermissionDenied, ProductArchived, InvalidInput.
    """
    enables = list(enables)
    # Before anything is written: nobody may wait for the list while another waits for these items.
    dependencies.queue(product.organization_id)
    lock_many([item.pk for item in enables])
    item = items.propose(product, by=by, at=at, **values)
    proposal = Proposal(item=item, product_id=item.product_id)
    fields.change(proposal, _checked(product, item.type, case))
    proposal.save(force_insert=True)
    for dependent in enables:
        dependencies.add(item, dependent, by=by, at=at)
    return item


@transaction.atomic
def revise(item, *, by, what_changed: str, case: dict, at: datetime | None = None, **values) -> Item:
    """Change one's proposal; one that was declined is proposed again. values: title, plain_lead, description.

    Raises PermissionDenied, NoProposal, InvalidInput.
    """
    item = lock(item)
    require(by, "item.revise", item)
    if item.status not in (Item.Status.PROPOSED, Item.Status.DECLINED):
        raise NoProposal
    was_declined = item.status == Item.Status.DECLINED
    what_changed = what_changed.strip()
    if was_declined and not what_changed:
        raise InvalidInput("Say what changed since it was declined.", field="what_changed")
    proposal = Proposal.objects.filter(item=item).first() or Proposal(item=item, product_id=item.product_id)
    changes = fields.change(item, items.check(item, values))
    case_changes = fields.change(proposal, _checked(item.product, item.type, case))
    proposal.what_changed = what_changed
    proposal.save()
    if was_declined:
        changes["status"] = [item.status, Item.Status.PROPOSED]
        item.status, item.status_at, item.status_by = Item.Status.PROPOSED, at or timezone.now(), by
        item.status_reason = ""
    touch(item, *values, "status", "status_at", "status_by", "status_reason", at=at)
    name = "item.proposed_again" if was_declined else "item.revised"
    events.record(name, target=item, by=by, at=at, changes=changes, case=sorted(case_changes), reason=what_changed)
    feed.changed(item.product_id, [item.pk])
    return item


def _checked(product, type, case):
    if unknown := case.keys() - set(CASE):
        raise TypeError(f"No such fields of a proposal: {sorted(unknown)}")
    case = fields.cleaned(Proposal, case)
    for name, message in _NEEDED.get(type, {}).items():
        if not case.get(name):
            raise InvalidInput(message, field=name)
    if (case.get("delay_per_week") or 0) > _MOST_DELAY:
        raise InvalidInput(f"At most {_MOST_DELAY}.", field="delay_per_week")
    low, high = case.get("points_low"), case.get("points_high")
    if low is not None and high is not None and low > high:
        raise InvalidInput("The most can't be below the least.", field="points_high")
    before = case.get("before")
    if (case.get("place") == Proposal.Place.BEFORE) != (before is not None):
        raise InvalidInput("Say before which item.", field="before")
    if before is not None and before.product_id != product.pk:
        raise InvalidInput("The backlog has no such item.", field="before")
    return case
