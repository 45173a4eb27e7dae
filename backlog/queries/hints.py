"""What an item's words suggest: its type, component and tags, and what says the same already."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity

from backlog.models import Item, LearnedChoices
from backlog.queries.readers import reader
from backlog.queries.search import Hit, hits

MOST_SIMILAR = 4
SHORTEST = 8
_LEAST_LIKENESS = 0.35
Question = LearnedChoices.Question


@dataclass(frozen=True)
class Hint:
    """value: what the field takes. chance: None where a known word says it. words: what spoke for it."""

    question: str
    value: str
    label: str
    chance: float | None
    words: Sequence[str]

    @property
    def percent(self) -> int | None:
        return None if self.chance is None else min(95, round(100 * self.chance))


@dataclass(frozen=True)
class Hints:
    choices: Sequence[Hint]
    similar: Sequence[Hit]


def hints_for(product, user, title: str, text: str = "", *, item: Item | None = None) -> Hints:
    """What the words suggest, in a fixed number of statements; for an item, only what it does not have already."""
    if len(title.strip()) < SHORTEST:
        return Hints((), ())
    return Hints(tuple(_choices(product, title, text, item)), tuple(_similar(product, user, title, item)))


def model_of(learned: LearnedChoices | None):
    from planning import classify

    return classify.unpacked(bytes(learned.data) if learned else b"")


def teach(model, item: Item, labels: Sequence[str]) -> None:
    """Let a model see what was chosen for an item."""
    from planning import classify

    classify.learn(model, classify.features(item.title, item.description), labels)


def pack(model) -> bytes:
    from planning import classify

    return classify.packed(model)


def _choices(product, title, text, item):
    from planning import classify

    of_product = LearnedChoices.objects.filter(organization=product.organization_id, product=product)
    of_all = LearnedChoices.objects.filter(organization=product.organization_id, product=None)
    learned = {row.question: row for row in of_product.union(of_all, all=True)}
    seen = classify.features(title, text)
    by_word = classify.by_lexicon(title)
    components = dict(product.components.active().values_list("name", "pk"))
    has = _has(item)
    for question in Question:
        found = (
            by_word
            if question == Question.TYPE and by_word
            else classify.suggest(model_of(learned.get(question)), seen)
        )
        if found is None or found.label in has.get(question, ()):
            continue
        value, label = found.label, found.label
        if question == Question.TYPE:
            label = Item.Type(value).label
        if question == Question.COMPONENT:
            if value not in components:
                continue
            value = str(components[value])
        yield Hint(question.value, value, label, found.chance, found.words)


def _has(item):
    if item is None:
        return {}
    return {
        Question.TYPE: {item.type},
        Question.COMPONENT: {item.component.name} if item.component_id else set(),
        Question.TAG: {entry.tag.name for entry in item.tag_links.select_related("tag")},
    }


def _similar(product, user, title, item):
    items = Item.objects.filter(reader(product, user).readable(), product=product, title__trigram_similar=title)
    if item is not None:
        items = items.exclude(pk=item.pk)
    alike = items.annotate(likeness=TrigramSimilarity("title", title)).filter(likeness__gte=_LEAST_LIKENESS)
    ids = list(alike.order_by("-likeness").values_list("pk", flat=True)[:MOST_SIMILAR])
    by_id = {hit.id: hit for hit in hits(product.key, ids)}
    return [by_id[pk] for pk in ids]
