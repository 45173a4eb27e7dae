"""Keep the debt register."""

from django.db import transaction

from backlog.actions import fields, items
from backlog.actions.item_rows import lock
from backlog.models import DebtEntry, Item
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
def describe(item, *, by, version: int | None = None, of_item: dict | None = None, at=None, **values) -> DebtEntry:
    """Say of a debt who pays its interest, what triggers it, what it risks, since when, and which incidents it caused.

    of_item: what changes of the item itself, such as principal and interest, as for `items.edit`.
    version: of the entry; 0 if there was none. Raises PermissionDenied, PreconditionFailed, NoDebt, InvalidInput.
    """
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"No such fields of a debt: {sorted(unknown)}")
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
