"""Which items need a technical owner's word, at which stage, whose, and who has given it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q

from accounts.models import User
from backlog.models import ComponentOwner, EngagementWord, Item, ItemComponent, ProductRole
from backlog.models.engagement import whose_word

Stage = EngagementWord.Stage
# At which statuses of the item a word is said: what is planned is unfinished, what is accepted is done.
WHEN = {
    Stage.PLANNING: (Item.Status.PROPOSED, *Item.UNFINISHED),
    Stage.REVIEW: (Item.Status.DONE, Item.Status.ACCEPTED),
    Stage.ACCEPTANCE: (Item.Status.DONE,),
}


class _IsOneOf(Func):
    """value = ANY(array)"""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


@dataclass(frozen=True)
class StageLine:
    """word: None while nobody has given it. is_due: it can be given now, or taken back."""

    stage: str
    label: str
    word: EngagementWord | None
    is_due: bool


@dataclass(frozen=True)
class Engagement:
    """level: in words. source: where it is marked, as "its component Payouts". asked: whose word it is."""

    level: str
    source: str
    stages: tuple[StageLine, ...]
    asked: tuple[User, ...]

    @property
    def names(self) -> str:
        return in_words(self.asked)

    @property
    def missing(self) -> tuple[StageLine, ...]:
        return tuple(line for line in self.stages if line.is_due and line.word is None)

    def lacks(self, stage: str) -> bool:
        return any(line.stage == stage for line in self.missing)

    @property
    def lacks_acceptance(self) -> bool:
        return self.lacks(Stage.ACCEPTANCE)


def engagements(items: Collection[Item]) -> Mapping[int, Engagement]:
    """By id, those of the items that need a word, in at most four statements; load product, component and goal."""
    engaged = [item for item in items if item.engagement_level]
    if not engaged:
        return {}
    words = EngagementWord.objects.standing().filter(item__in=engaged).select_related("by")
    given = {(word.item_id, word.stage): word for word in words}
    asked = whose_word(engaged)
    return {
        item.pk: Engagement(
            level=item.engagement_label,
            source=_source(item),
            stages=tuple(
                StageLine(stage, label, given.get((item.pk, stage)), item.status in WHEN[stage])
                for stage, label in Stage.choices
            ),
            asked=asked[item.pk],
        )
        for item in engaged
    }


def waiting_for(user) -> Q:
    """A condition on items: their word is this person's to give, and it is missing at a stage that they have reached.

    A planned item is only asked about when nothing else keeps it out of a sprint.
    """
    is_ready = Q(status__in=Item.UNFINISHED, checks_met=F("checks_total"))
    is_unsaid = ~_has(Stage.REVIEW) | ~_has(Stage.ACCEPTANCE)
    return Q(_is_asked(user), (is_ready & ~_has(Stage.PLANNING)) | Q(is_unsaid, status=Item.Status.DONE))


def in_words(people: Iterable[User]) -> str:
    names = [person.name for person in people]
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "nobody yet"


def _has(stage):
    return Q(pk__in=EngagementWord.objects.standing().filter(stage=stage).values("item"))


def _is_asked(user):
    """Every list is read once, and held beside the items: PostgreSQL takes a look-up for each of them as dear."""
    owners = ComponentOwner.objects.all()
    mine = owners.filter(user=user)
    touching = ItemComponent.objects.values("item")
    owned, touched = owners.values("component"), touching.filter(component__owners__isnull=False)
    led = ProductRole.objects.filter(user=user, role=ProductRole.Role.PRODUCT_OWNER).values("product")
    # Who owns and leads nothing is through before any item is looked at.
    products = ArraySubquery(mine.values("product").union(led))
    return Q(_IsOneOf(F("product"), products)) & (
        Q(component__in=mine.values("component"))
        | Q(pk__in=touching.filter(component__in=mine.values("component")))
        | Q(~Q(component__in=owned), ~Q(pk__in=touched), product__in=mine.values("product"))
        | Q(~Q(product__in=owners.values("product")), product__in=led)
    )


def _source(item):
    if item.engagement:
        return "the item itself"
    if item.component and item.component.engagement:
        return f"its component {item.component}"
    return f"its goal “{item.goal}”"
