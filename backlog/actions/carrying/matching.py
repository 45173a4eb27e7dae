"""Which rows are items that an earlier import brought, and which are new."""

from backlog.models import ImportRun, Item, SourceKey


def match(cargo):
    """Tell new rows from those whose source key is known here."""
    keys = [draft.key for draft in cargo.drafts if draft.key]
    sources = SourceKey.objects.filter(organization=cargo.run.organization, source=cargo.run.source, key__in=keys)
    found = sources.values_list("key", "item__product")
    # Whoever may import into one product must not rewrite what an import brought into another.
    elsewhere = {key for key, product in found if product not in cargo.lists}
    cargo.sources = {source.key: source for source in sources if source.key not in elsewhere}
    own = _own_numbers(cargo)
    taken = set(
        Item.objects.filter(product__in=cargo.lists, number__in={number for _, number in own.values()}).values_list(
            "product_id", "number"
        )
    )
    cargo.numbers, cargo.new, cargo.old = {}, [], []
    for draft in cargo.drafts:
        if draft.key in elsewhere:
            cargo.leave_out(draft, "item", draft.key, "An import has brought it into another product.")
        elif draft.key and draft.key in cargo.sources:
            cargo.old.append(draft)
        elif draft.line in own and own[draft.line] in taken:
            cargo.leave_out(draft, "item", draft.key, "It is here already, and no import brought it.")
        else:
            cargo.new.append(draft)
            if draft.line in own:
                cargo.numbers[draft.line] = own[draft.line][1]


def _own_numbers(cargo):
    # Our own export, on its way home or into an empty product of the same key: the keys stay.
    if cargo.run.source != ImportRun.Source.CSV:
        return {}
    found = {}
    for draft in cargo.drafts:
        key, _, number = draft.key.rpartition("-")
        if key == draft.product and number.isascii() and number.isdigit() and 0 < int(number) < 2**31:
            found[draft.line] = (cargo.products[key].pk, int(number))
    return found
