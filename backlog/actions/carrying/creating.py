"""The items that a file brings for the first time."""

from backlog.actions.carrying import columns
from backlog.models import Item, ItemCounter, SourceKey


def create(cargo):
    """Write the new items with their numbers, their rows and their source keys."""
    for product in cargo.products.values():
        drafts = [draft for draft in cargo.new if cargo.products[draft.product] == product]
        numbers = _take_numbers(cargo, product, drafts)
        items = [_item(cargo, draft, product, number) for draft, number in zip(drafts, numbers, strict=True)]
        Item.objects.bulk_create(items, batch_size=columns.BATCH)
        cargo.made += zip(drafts, items, strict=True)
    cargo.counts["new"] = len(cargo.made)
    for draft, item in cargo.made:
        cargo.touched[item.product_id].add(item.pk)
        if draft.key:
            cargo.items[draft.key] = item
    columns.write_rows(cargo, cargo.made)
    SourceKey.objects.bulk_create(
        [
            SourceKey(
                organization=cargo.run.organization,
                item=item,
                source=cargo.run.source,
                key=draft.key,
                fingerprint=draft.fingerprint(),
                imported=draft.digests(),
            )
            for draft, item in cargo.made
            if draft.key
        ],
        batch_size=columns.BATCH,
    )


def _take_numbers(cargo, product, drafts):
    counter = ItemCounter.objects.select_for_update().get(product=product)
    kept = [cargo.numbers[draft.line] for draft in drafts if draft.line in cargo.numbers]
    last = max([counter.last_number, *kept])
    numbers = []
    for draft in drafts:
        if draft.line in cargo.numbers:
            numbers.append(cargo.numbers[draft.line])
        else:
            last += 1
            numbers.append(last)
    counter.last_number = last
    counter.save(update_fields=["last_number"])
    return numbers


def _item(cargo, draft, product, number):
    elsewhere = (*columns.BY_NAME, *columns.ROWS_OF_THEIR_OWN)
    plain = {name: value for name, value in draft.values.items() if name not in elsewhere}
    return Item(
        organization=cargo.run.organization,
        product=product,
        number=number,
        created_at=draft.created_at or cargo.now,
        created_by_id=draft.created_by or cargo.by.pk,
        updated_at=cargo.now,
        status_by=cargo.by,
        **plain,
        **columns.references(cargo, draft, product),
    )
