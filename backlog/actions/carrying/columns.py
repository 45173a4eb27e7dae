"""From a draft's values to the columns and rows of an item."""

from backlog.models import AcceptanceCriterion, ItemComponent, ItemTag

BATCH = 500
BY_NAME = ("component", "team", "goal", "assignee", "parent")
ROWS_OF_THEIR_OWN = ("further_components", "tags", "criteria")
STATUS_FIELDS = ("status", "status_at", "status_reason", "started_at", "done_at")


def references(cargo, draft, product):
    """The columns that refer to what the draft names, as far as the product has it."""
    values, found = draft.values, {}
    if "component" in values:
        found["component_id"] = cargo.components.get((product.pk, values["component"]))
    if "assignee" in values:
        found["assignee_id"] = values["assignee"]
    if "team" in values:
        found["team_id"] = _known(cargo, draft, "team", cargo.teams.get(values["team"]))
    if "goal" in values:
        found["goal_id"] = _known(cargo, draft, "goal", cargo.goals.get((product.pk, values["goal"])))
    return found


def _known(cargo, draft, what, pk):
    if draft.values[what] and pk is None:
        cargo.leave_out(draft, what, draft.values[what], f"The product has no {what} of this name.")
    return pk


def write_rows(cargo, pairs, names=ROWS_OF_THEIR_OWN):
    """Write the criteria, tags and further components of items; `names` says which of them."""
    criteria, further, tags = [], [], []
    for draft, item in pairs:
        values = {name: draft.values.get(name, ()) for name in names}
        for position, (text, is_met) in enumerate(values.get("criteria", ()), 1):
            met = {"met_at": cargo.now, "met_by": cargo.by} if is_met else {}
            criteria.append(AcceptanceCriterion(item=item, position=position, text=text, **met))
        product_id = item.product_id
        further += [
            ItemComponent(product_id=product_id, item=item, component_id=cargo.components[product_id, name])
            for name in values.get("further_components", ())
        ]
        tags += [
            ItemTag(product_id=product_id, item=item, tag_id=cargo.tags[product_id, name.lower()])
            for name in values.get("tags", ())
        ]
    AcceptanceCriterion.objects.bulk_create(criteria, batch_size=BATCH)
    ItemComponent.objects.bulk_create(further, batch_size=BATCH)
    ItemTag.objects.bulk_create(tags, batch_size=BATCH)
