"""What an item's words suggest: its type, component and tags, and what says the same already."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models.functions import Left

from backlog.models import Item, LearnedChoices
from backlog.queries.readers import reader
from backlog.queries.search import Hit, hits

MOST_SIMILAR = 4
SHORTEST = 8
_LEAST_LIKENESS = 0.35
_LEAST_COSINE = 0.15
# A tenth to a fifth of a second's work.
MOST_COMPARED = 2_000
MOST_TEXT = 2_000
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
    seen = Item.objects.filter(reader(product, user).readable(), product=product)
    alike = _like(seen.exclude(pk=item.pk), title, text) if item else _titled_like(seen, title)
    by_id = {hit.id: hit for hit in hits(product.key, alike)}
    return Hints(tuple(_choices(product, title, text, item)), tuple(by_id[pk] for pk in alike))


def _choices(product, title, text, item):
    from planning import classify

    of_product = LearnedChoices.objects.filter(organization=product.organization_id, product=product)
    of_all = LearnedChoices.objects.filter(organization=product.organization_id, product=None)
    learned = {row.question: row for row in of_product.union(of_all, all=True)}
    seen = classify.features(title, text)
    components = dict(product.components.active().values_list("name", "pk"))
    has = _has(item)
    for question in Question:
        found = classify.by_lexicon(title) if question == Question.TYPE else None
        if found is None and question in learned:
            found = classify.suggest(classify.unpacked(bytes(learned[question].data)), seen)
        if found is None or found.label in has.get(question, ()):
            continue
        if question == Question.COMPONENT and found.label not in components:
            continue
        value = str(components[found.label]) if question == Question.COMPONENT else found.label
        label = Item.Type(value).label if question == Question.TYPE else found.label
        yield Hint(question.value, value, label, found.chance, found.words)


def _has(item):
    if item is None:
        return {}
    return {
        Question.TYPE: {item.type},
        Question.COMPONENT: {item.component.name} if item.component_id else set(),
        Question.TAG: {entry.tag.name for entry in item.tag_links.select_related("tag")},
    }


def _titled_like(items, title):
    """By PostgreSQL's trigrams of titles: quick enough while somebody types."""
    alike = items.filter(title__trigram_similar=title).annotate(likeness=TrigramSimilarity("title", title))
    near = alike.filter(likeness__gte=_LEAST_LIKENESS).order_by("-likeness")
    return list(near.values_list("pk", flat=True)[:MOST_SIMILAR])


def _like(items, title, text):
    """By the words of titles and texts, among the newest: for who looks closer."""
    from planning.duplicates import Texts

    rows = list(items.order_by("-pk").values_list("pk", "title", Left("description", MOST_TEXT))[:MOST_COMPARED])
    likest = Texts([(title, text) for _, title, text in rows]).like(title, text[:MOST_TEXT], most=MOST_SIMILAR)
    return [rows[one.place][0] for one in likest if one.cosine >= _LEAST_COSINE]
