"""Learn from what people chose for their items."""

from itertools import groupby

from django.db import transaction

from accounts.models import Organization
from backlog.models import Item, LearnedChoices, Product
from core.models import Event
from core.permissions import require

Question = LearnedChoices.Question
# Of one run: it goes on where it stopped.
MOST_EVENTS = 2_000
_CHOSEN = {"item.created", "item.proposed", "item.imported", "item.edited"}
_FIELDS = {"type", "kind", "component", "tags"}


@transaction.atomic
def learn(organization, *, by) -> int:
    """Learn from the items whose type, component or tags people have chosen since the last time; how many there were.

    What a job wrote is no choice. Raises PermissionDenied.
    """
    require(by, "item.learn", organization)
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    learned, _ = LearnedChoices.objects.get_or_create(organization=organization, product=None, question=Question.TYPE)
    products = {
        f"product:{pk}" for pk in Product.objects.filter(organization=organization).values_list("pk", flat=True)
    }
    events = Event.objects.filter(
        pk__gt=learned.last_event, name__in=_CHOSEN, stream__in=products, by__is_service=False
    )
    found = list(events.order_by("pk").values_list("pk", "name", "target_id", "data")[:MOST_EVENTS])
    if not found:
        return 0
    chosen = {target for _, name, target, data in found if name != "item.edited" or _FIELDS & data["changes"].keys()}
    items = Item.objects.filter(pk__in=chosen).select_related("component").prefetch_related("tag_links__tag")
    rows = sorted(items, key=lambda item: (item.product_id, item.pk))
    _learn_types(learned, rows, found[-1][0])
    for product_id, own in groupby(rows, key=lambda item: item.product_id):
        _learn_places(organization, product_id, list(own))
    return len(rows)


def _learn_types(learned, rows, last_event):
    learned.last_event = last_event
    _teach(learned, [(item, [item.type]) for item in rows])


def _learn_places(organization, product_id, rows):
    for question, labels in ((Question.COMPONENT, _component), (Question.TAG, _tags)):
        taught = [(item, chosen) for item in rows if (chosen := labels(item))]
        if not taught:
            continue
        learned, _ = LearnedChoices.objects.get_or_create(
            organization=organization, product_id=product_id, question=question
        )
        _teach(learned, taught)


def _component(item):
    return [item.component.name] if item.component_id else []


def _tags(item):
    return [entry.tag.name for entry in item.tag_links.all()]


def _teach(learned, chosen):
    from planning import classify

    model = classify.unpacked(bytes(learned.data))
    for item, labels in chosen:
        classify.learn(model, classify.features(item.title, item.description), labels)
    learned.data = classify.packed(model)
    learned.save(update_fields=["data", "last_event"])
