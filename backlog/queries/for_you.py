"""What waits for one person."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Value
from django.utils import timezone

from accounts.models import Invitation, TeamMembership
from backlog.models import (
    BuiltCheck,
    ComponentOwner,
    Delegation,
    EngagementWord,
    HandOver,
    Item,
    ItemComponent,
    Notification,
    Product,
    ProductRole,
    ProductTeam,
    Proposal,
    Suggestion,
)
from backlog.queries.engagement import engagements, waiting_for
from backlog.queries.questions import questions_for
from backlog.queries.suggestions import SuggestedChange, suggested

# The page shows the newest of a kind; the count tells of all.
MOST = 50
_SHOWN = ("by", "product", "item__product", "comment", "question", "decision", "suggestion")
_OVER = (Item.Status.ACCEPTED, Item.Status.DECLINED, Item.Status.DROPPED)


@dataclass(frozen=True)
class Told:
    """A notification in words: somebody did something about an item or a decision. route: of its page."""

    id: int
    by: str
    initials: str
    words: str
    excerpt: str
    at: datetime
    is_read: bool
    route: str
    key: str
    product_key: str
    number: int
    title: str


@dataclass(frozen=True)
class WaitingItem:
    """An item that waits for this person; who: who brought it there, and when.

    asked: whose word it lacks before it can be accepted, empty where it lacks none or the person may give it.
    words: the stages at which it lacks this person's word, each as its value and its label.
    """

    key: str
    product_key: str
    number: int
    title: str
    kind: str
    type: str
    who: str
    at: datetime
    person_id: int
    case: Proposal | None
    level: str = ""
    asked: str = ""
    words: tuple[tuple[str, str], ...] = ()

    @property
    def gives_word(self) -> bool:
        """Accepting it is this person's word as well."""
        return any(stage == EngagementWord.Stage.ACCEPTANCE for stage, _ in self.words)


@dataclass(frozen=True)
class AskedOf:
    """A question about an item that waits for this person; is_to_anybody: they are not the only one asked."""

    id: int
    text: str
    by: str
    initials: str
    at: datetime
    is_blocking: bool
    is_to_anybody: bool
    key: str
    product_key: str
    number: int
    title: str


@dataclass(frozen=True)
class ForYou:
    told: tuple[Told, ...]
    questions: tuple[AskedOf, ...]
    proposals: tuple[WaitingItem, ...]
    suggestions: tuple[SuggestedChange, ...]
    to_accept: tuple[WaitingItem, ...]
    to_word: tuple[WaitingItem, ...]
    to_check_count: int
    offers: tuple[HandOver, ...]
    invitations: tuple[Invitation, ...]
    earlier: tuple[Told, ...]

    @property
    def is_empty(self) -> bool:
        return not any(
            (
                self.told,
                self.questions,
                self.proposals,
                self.suggestions,
                self.to_accept,
                self.to_word,
                self.to_check_count,
                self.offers,
                self.invitations,
            )
        )


def for_you(user) -> ForYou:
    """The page, in at most nineteen statements. earlier: the newest that were read."""
    told = _notifications(user).select_related(*_SHOWN)
    done = list(to_accept(user)[:MOST])
    lacking = list(to_word(user)[:MOST])
    words = engagements([*done, *lacking])
    return ForYou(
        told=tuple(_told(row) for row in told.unread()[:MOST]),
        questions=tuple(_asked(row) for row in questions_for(user).select_related("asked_by", "item__product")[:MOST]),
        proposals=tuple(
            _waiting(row) for row in _proposals(user).select_related("product", "status_by", "proposal__before")[:MOST]
        ),
        suggestions=suggested(_suggestions(user).select_related("item__product", "by")[:MOST], user),
        to_accept=tuple(_waiting(row, words.get(row.pk), user) for row in done),
        to_word=tuple(_waiting(row, words[row.pk], user) for row in lacking),
        to_check_count=to_check(user).count(),
        offers=tuple(_offers(user).select_related("product", "offered_by").order_by("pk")),
        invitations=tuple(_invitations(user).select_related("organization", "invited_by").order_by("pk")),
        earlier=tuple(_told(row) for row in told.exclude(read_at=None)[:10]),
    )


def count_for_you(user) -> int:
    """How much waits for a person, in one statement."""
    rows = [
        rows.order_by().annotate(of=Value(name)).values_list("of", "pk")
        for name, rows in (
            ("told", _notifications(user).unread()),
            ("question", questions_for(user)),
            ("proposal", _proposals(user)),
            ("suggestion", _suggestions(user)),
            ("done", to_accept(user)),
            ("word", to_word(user)),
            ("check", to_check(user)),
            ("offer", _offers(user)),
            ("invitation", _invitations(user)),
        )
    ]
    return rows[0].union(*rows[1:], all=True).count()


def _notifications(user):
    """The newest first. Not what lacks the person's word: that stands there until it has it."""
    return Notification.objects.visible_to(user).exclude(kind=Notification.Kind.WORD_DUE).order_by("-pk")


def _proposals(user):
    return _with_case(_owned(user).filter(status=Item.Status.PROPOSED)).order_by("status_at", "pk")


def _suggestions(user):
    """Those that the person may take: as product owner, with a lent power, or in a team whose sprint it is."""
    technical = Q(verbs=["order.move"], item__kind=Item.Kind.TECHNICAL)
    mine = (
        Q(product__in=_owned_products(user))
        | (technical & Q(item__component__in=_lent(user, Delegation.Power.ORDER)))
        | Q(verbs=["item.edit"], item__component__in=_lent(user, Delegation.Power.REFINE))
        | Q(verbs=["sprint.pull"], product__in=_worked_on(user))
    )
    waiting = Suggestion.objects.visible_to(user).open().filter(mine).exclude(by=user)
    return waiting.exclude(item__status__in=_OVER).order_by("pk")


def _lent(user, power):
    return Delegation.objects.live().filter(grantee=user, power=power).values("component")


def _worked_on(user):
    teams = TeamMembership.objects.filter(user=user).values("team")
    return ProductTeam.objects.filter(team__in=teams).values("product")


def to_accept(user):
    lent = _lent(user, Delegation.Power.ACCEPT)
    mine = Q(product__in=_owned_products(user)) | Q(kind=Item.Kind.TECHNICAL, component__in=lent)
    done = Item.objects.readable_by(user).filter(mine, status=Item.Status.DONE)
    return _with_case(done).order_by("status_at", "pk")


def to_check(user):
    """Done functional items that touch the person's components, without the person's word since they are done.

    Not those that need a technical owner's word anyway: they are in `to_word`.
    """
    owned = ComponentOwner.objects.filter(user=user).values("component")
    touched = Q(component__in=owned) | Q(pk__in=ItemComponent.objects.filter(component__in=owned).values("item"))
    said = BuiltCheck.objects.filter(by=user, at__gte=F("item__done_at")).values("item")
    done = Item.objects.readable_by(user).functional().filter(touched, status=Item.Status.DONE)
    done = done.exclude(pk__in=said).unengaged()
    return _with_case(done).order_by("status_at", "pk")


def to_word(user):
    """Architectural and large-scale items that lack this person's word at the stage they have reached; done first."""
    lacking = Item.objects.readable_by(user).engaged().filter(waiting_for(user), product__archived_at=None)
    related = ("product", "status_by", "component", "goal", "proposal")
    return lacking.select_related(*related).order_by(F("done_at").asc(nulls_last=True), "pk")


def _with_case(items):
    return items.select_related("product", "status_by", "proposal__before", "component", "goal")


def _owned(user):
    return Item.objects.readable_by(user).filter(product__in=_owned_products(user))


def _owned_products(user):
    owned = ProductRole.objects.filter(user=user, role=ProductRole.Role.PRODUCT_OWNER, product__archived_at=None)
    return owned.values("product")


def _offers(user):
    return HandOver.objects.filter(to=user, product__in=Product.objects.visible_to(user).values("pk"))


def _invitations(user):
    return (
        Invitation.objects.waiting(timezone.now())
        .filter(email__iexact=user.email)
        .exclude(organization__memberships__user=user)
    )


def _told(row):
    about = row.decision or row.item
    if row.decision:
        excerpt = row.decision.plain_summary
    elif row.kind == Notification.Kind.ANSWERED and row.question:
        excerpt = row.question.answer
    elif row.question:
        excerpt = row.question.text
    elif row.kind in (Notification.Kind.PROPOSAL_CHANGED, Notification.Kind.PROPOSAL_DECLINED):
        excerpt = row.item.status_reason
    elif row.suggestion:
        excerpt = row.suggestion.verdict_reason
    else:
        excerpt = row.comment.text if row.comment and not row.comment.removed_at else ""
    return Told(
        id=row.pk,
        by=str(row.by),
        initials=row.by.initials,
        words=row.get_kind_display(),
        excerpt=excerpt,
        at=row.at,
        is_read=row.read_at is not None,
        route="backlog:decision" if row.decision else "backlog:item",
        key=about.key,
        product_key=row.product.key,
        number=about.number,
        title=about.title,
    )


def _waiting(item, engagement=None, user=None):
    is_mine = engagement is not None and user in engagement.asked
    return WaitingItem(
        key=item.key,
        product_key=item.product.key,
        number=item.number,
        title=item.title,
        kind=item.kind,
        type=item.type,
        who=str(item.status_by),
        at=item.status_at,
        person_id=item.status_by_id,
        case=getattr(item, "proposal", None),
        level=engagement.level if engagement else "",
        asked=engagement.names if engagement and engagement.lacks_acceptance and not is_mine else "",
        words=tuple((line.stage, line.label) for line in engagement.missing) if is_mine else (),
    )


def _asked(question):
    return AskedOf(
        id=question.pk,
        text=question.text,
        by=str(question.asked_by),
        initials=question.asked_by.initials,
        at=question.asked_at,
        is_blocking=question.is_blocking,
        is_to_anybody=question.addressee_id is None,
        key=question.item.key,
        product_key=question.item.product.key,
        number=question.item.number,
        title=question.item.title,
    )
