"""What stands in a digest."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q
from django.urls import reverse

from accounts.models import Organization
from backlog.models import Delegation, Item, Product, Question
from backlog.queries.engagement import waiting_for
from nightly.models import HealthReport, Night, OrderingProposal, ProposedMove
from nightly.queries import words
from nightly.queries.addressees import Addressee
from nightly.queries.reports import finding_rows, verdict

MOST_NEEDS = 2
_COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Need:
    """Something that waits for the reader; title without a full stop, url without the host."""

    product: str
    title: str
    hint: str
    action: str
    url: str


@dataclass(frozen=True)
class Standing:
    """How a product stands. on: of its report; None before the first. others: further findings in it."""

    key: str
    name: str
    verdict: str
    on: date | None
    is_of_tonight: bool
    others: int
    url: str


@dataclass(frozen=True)
class Letter:
    """A digest. needs: at most two; more: how many things beyond them wait for the reader."""

    organization: str
    on: date
    headline: str
    subject: str
    needs: tuple[Need, ...]
    more: int
    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class House:
    """What the nights of a date left in an organization; each by product's id."""

    organization: Organization
    on: date
    products: dict[int, Product]
    reports: dict[int, HealthReport]
    nights: dict[int, Night]
    moves: dict[int, int]


def house(organization: Organization, on: date) -> House:
    """What the nights of a date left, in four statements."""
    newest = {
        name: model.objects.filter(product=OuterRef("pk"), on__lte=on).latest_first().values("pk")[:1]
        for name, model in (("report", HealthReport), ("proposal", OrderingProposal))
    }
    # From the products, each with one look into an index: of years of nights only the last counts.
    rows = Product.objects.active().filter(organization=organization).annotate(**newest)
    products = {product.pk: product for product in rows}
    reports = HealthReport.objects.filter(pk__in=[product.report for product in rows]).select_related("product")
    waiting = ProposedMove.objects.filter(
        proposal__in=[product.proposal for product in rows], verdict=ProposedMove.Verdict.OPEN
    )
    return House(
        organization=organization,
        on=on,
        products=products,
        reports={report.product_id: report for report in reports},
        nights={night.product_id: night for night in Night.objects.filter(product__in=products, on=on)},
        moves=dict(waiting.order_by().values_list("proposal__product").annotate(Count("pk"))),
    )


def letter(house: House, to: Addressee) -> Letter | None:
    """The digest of a person, in three statements and at most four for each product; None if there is nothing to tell.

    What is restricted stays out of it, whoever reads it: a mailbox is no place for it.
    """
    products = sorted((house.products[pk] for pk in to.roles if pk in house.products), key=lambda each: each.name)
    questions, done, words_due = _questions(to, house), _to_accept(to), _words_due(to)
    found, standings = [], []
    for product in products:
        report = house.reports.get(product.pk)
        rows = finding_rows(report, to.person) if report else ()
        mine = [row for row in rows if row.is_mine and row.urgency == "now"]
        is_owner = to.roles[product.pk].is_owner
        needs = [
            *_night_needs(house, product, is_owner),
            *_finding_needs(product, mine),
            *_question_needs(product, questions, house.on, mine),
            *_proposal_needs(house, product, is_owner, mine),
            *_accept_needs(product, done),
            *_word_needs(product, words_due, done),
        ]
        found += needs
        if report or needs:
            standings.append(_standing(house, product, report, len(rows) - len(mine)))
    if not standings:
        return None
    needs = tuple(need for _, need in sorted(found, key=lambda pair: pair[0]))
    return Letter(
        organization=house.organization.name,
        on=house.on,
        headline=_headline(standings, len(needs)),
        subject=f"{_about(house, standings)} on {house.on:%-d %B}: {_needing(len(needs))}",
        needs=needs[:MOST_NEEDS],
        more=max(len(needs) - MOST_NEEDS, 0),
        standings=tuple(standings),
    )


def _questions(to, house):
    """Open questions to the person, or about a component of theirs and to nobody: by product, the oldest first."""
    components = {pk for role in to.roles.values() for pk in role.owned_components}
    mine = Q(addressee=to.person) | Q(addressee=None, item__component__in=components)
    readable = Item.objects.readable_by(to.person).filter(is_restricted=False)
    rows = Question.objects.open().filter(mine, product__in=to.roles, item__in=readable.values("pk"))
    zone = ZoneInfo(house.organization.time_zone)
    found = defaultdict(list)
    for product, number, asked_at in rows.order_by("asked_at", "pk").values_list("product", "item__number", "asked_at"):
        found[product].append((number, asked_at.astimezone(zone).date()))
    return found


def _to_accept(to):
    """Numbers of finished items that wait for the person's word, by product."""
    owned = [product for product, role in to.roles.items() if role.is_owner]
    lent = Delegation.objects.live().filter(grantee=to.person, power=Delegation.Power.ACCEPT).values("component")
    mine = Q(product__in=owned) | Q(kind=Item.Kind.TECHNICAL, component__in=lent, product__in=to.roles)
    rows = Item.objects.readable_by(to.person).filter(mine, is_restricted=False, status=Item.Status.DONE)
    found = defaultdict(list)
    for product, number in rows.order_by("status_at", "pk").values_list("product", "number"):
        found[product].append(number)
    return found


def _words_due(to):
    """Numbers of architectural and large-scale items that lack the person's word now, by product."""
    rows = Item.objects.readable_by(to.person).engaged().filter(waiting_for(to.person), product__in=to.roles)
    found = defaultdict(list)
    for product, number in rows.filter(is_restricted=False).order_by("pk").values_list("product", "number"):
        found[product].append(number)
    return found


def _night_needs(house, product, is_owner):
    night = house.nights.get(product.pk)
    if is_owner and night and night.error:
        title = f"The night of {product.name} was not worked out whole"
        yield 0, Need(product.name, title, night.error, "Look at the night", _url("nightly:nights", product))


def _finding_needs(product, rows):
    for row in rows:
        yield 1, Need(product.name, row.title, row.hint, row.action, row.action_url)


def _question_needs(product, questions, on, findings):
    asked = questions.get(product.pk, ())
    # The report names the same ones once they have waited for long.
    if not asked or any(row.key == "questions_waiting" for row in findings):
        return
    numbers = list(dict.fromkeys(number for number, _ in asked))
    oldest = f"the oldest was asked {_days_ago((on - asked[0][1]).days)}"
    title = f"{_count(len(asked), 'question')} in {product.name} {_plural(len(asked), 'waits', 'wait')} for your answer"
    hint = f"Others can't go on with {_named(product, numbers)} before; {oldest}."
    url = words.action_url("questions_waiting", product.key, numbers)
    yield 2, Need(product.name, title, hint, "Answer", url)


def _proposal_needs(house, product, is_owner, findings):
    count, url = house.moves.get(product.pk, 0), _url("nightly:proposal", product)
    # A finding that these moves mend leads to them already.
    if is_owner and count and all(row.action_url != url for row in findings):
        title = f"{_count(count, 'move')} {_plural(count, 'is', 'are')} proposed in the order of {product.name}"
        hint = "Each says what it brings. Accept or reject them one by one; nothing moves before you apply them."
        yield 3, Need(product.name, title, hint, "Decide on the moves", url)


def _accept_needs(product, done):
    numbers = done.get(product.pk, ())
    if numbers:
        waiting = _plural(len(numbers), "is done and waits", "are done and wait")
        title = f"{_count(len(numbers), 'item')} of {product.name} {waiting} for your word"
        hint = f"Accept {_named(product, numbers)}, or send back what is not as it should be."
        yield 4, Need(product.name, title, hint, "Look at what is done", reverse("backlog:for-you"))


def _word_needs(product, due, done):
    # Who accepts an item gives the word with it.
    numbers = [number for number in due.get(product.pk, ()) if number not in done.get(product.pk, ())]
    if numbers:
        title = f"{_count(len(numbers), 'item')} of {product.name} {_plural(len(numbers), 'lacks', 'lack')} your word"
        hint = f"{_named(product, numbers)}: architectural or large-scale work is planned and accepted with it."
        yield 4, Need(product.name, title, hint, "Give your word", reverse("backlog:for-you"))


def _standing(house, product, report, others):
    return Standing(
        key=product.key,
        name=product.name,
        verdict=verdict(report) if report else "There is no health report yet.",
        on=report.on if report else None,
        is_of_tonight=bool(report) and report.on == house.on,
        others=others,
        url=_url("nightly:health", product),
    )


def _headline(standings, needs):
    if len(standings) == 1:
        return f"{standings[0].verdict} {_needing(needs).capitalize()}."
    return f"{_needing(needs).capitalize()} in your {_number(len(standings))} products."


def _about(house, standings):
    return standings[0].name if len(standings) == 1 else house.organization.name


def _needing(count):
    if not count:
        return "nothing needs you"
    return f"{_number(count)} {_plural(count, 'thing needs', 'things need')} you"


def _plural(count, one, several):
    return one if count == 1 else several


def _number(count):
    return _COUNTED[count] if count < len(_COUNTED) else str(count)


def _count(count, noun):
    return f"{_number(count).capitalize()} {noun}{_plural(count, '', 's')}"


def _named(product, numbers):
    keys = [f"{product.key}-{number}" for number in numbers[:3]]
    if len(numbers) > len(keys):
        keys.append(f"{len(numbers) - len(keys)} more")
    return keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"


def _days_ago(days):
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"


def _url(name, product):
    return reverse(name, args=[product.key])
