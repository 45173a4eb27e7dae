"""Keep the debt register."""

from collections.abc import Iterable

from django.db import transaction

from backlog.actions import decisions, fields, items
from backlog.actions.item_rows import lock
from backlog.models import DebtEntry, Decision, Item
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

FIELDS = ("payer", "trigger", "risk", "since", "incidents")
MOST_INCIDENTS = 50
LONGEST_INCIDENT = 500


class NoDebt(RuleViolation):
    code = "not_debt"
    message = "Only an item of type debt stands in the register. Change its type first."


@transaction.atomic
def describe(
    item,
    *,
    by,
    version: int | None = None,
    of_item: dict | None = None,
    link: Iterable[Decision] = (),
    unlink: Iterable[Decision] = (),
    at=None,
    **values,
) -> DebtEntry:
    """Say of a debt who pays its interest, what triggers it, what it risks, since when, and which incidents it caused.

    of_item: what changes of the item itself, such as principal and interest, as for `items.edit`.
    version: of the entry; 0 if there was none. link, unlink: decisions that are about it, and that no longer are.
    Raises PermissionDenied, PreconditionFailed, NoDebt, InvalidInput, DecisionClosed.
    """
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"No such fields of a debt: {sorted(unknown)}")
    # First, since they lock the product's row, which comes before items.
    for decision in unlink:
        decisions.unlink(decision, item, by=by, at=at)
    for decision in link:
        decisions.link(decision, item, by=by, at=at)
    item = lock(item)
    require(by, "debt.describe", item)
    if item.type != Item.Type.DEBT:
        raise NoDebt
    entry = DebtEntry.objects.filter(item=item).first() or DebtEntry(product_id=item.product_id, item=item, version=0)
    fields.expect(entry, version)
    if "incidents" in values:
        values["incidents"] = _incidents(values["incidents"])
    texts = {name: value for name, value in values.items() if name != "incidents"}
    changes = fields.change(entry, values | fields.cleaned(DebtEntry, texts))
    if changes:
        entry.version += 1
        entry.save()
        events.record("debt.described", target=item, by=by, at=at, changes=changes)
    if of_item:
        items.edit(item, by=by, at=at, **of_item)
    return entry


def _incidents(given):
    lines = list(dict.fromkeys(line for each in given if (line := " ".join(each.split()))))
    if len(lines) > MOST_INCIDENTS:
        raise InvalidInput(f"At most {MOST_INCIDENTS} incidents.", field="incidents")
    if any(len(line) > LONGEST_INCIDENT or "\x00" in line for line in lines):
        raise InvalidInput(f"At most {LONGEST_INCIDENT} characters for an incident.", field="incidents")
    return lines
