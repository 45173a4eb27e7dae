"""A product of any size, in the shape of PERFORMANCE.md: 400-character descriptions, points, one to three tags,
a hundred items in an open sprint."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.actions import organizations, teams, tokens
from backlog.actions import components, products
from backlog.models import Dependency, Item, ItemCounter, ItemTag, OrderedList, OrderEntry, Product, Tag
from planning import ranking
from sprints.actions import sprints

WORDS = [
    "payout",
    "gateway",
    "merchant",
    "settlement",
    "refund",
    "ledger",
    "retry",
    "invoice",
    "currency",
    "dispute",
    "checkout",
    "token",
    "webhook",
    "fee",
    "balance",
    "posting",
    "bank",
    "window",
    "limit",
    "region",
    "queue",
    "index",
    "report",
    "vault",
    "rounding",
    "schedule",
    "account",
    "order",
    "screen",
]
RARE_WORD = "zeppelin"
BATCH = 5_000
IN_SPRINT = 100
PAST_WEEKS, DONE_A_WEEK = 26, 6


@dataclass(frozen=True)
class World:
    product: Product
    token: str
    tag: Tag
    sprint_id: int
    session: str
    component_id: int


def found():
    """The organization, its admin, who is product owner of all products here, and a token with every scope."""
    organization, admin = organizations.create_first(
        name="Bench", time_zone="UTC", admin_name="Bea Mark", email="bea@bench.example", password="only for the bench"
    )
    token = tokens.create(admin, by=admin, name="bench", scopes=tokens.token_scopes()).secret
    team = teams.create(organization, name="Kestrel", by=admin)
    return organization, admin, team, token


def build(organization, admin, team, token, size: int) -> World:
    """A product of `size` open items, a hundred of them in the team's active sprint."""
    product = products.create(organization, key=f"B{size}", name=f"{size:,} items", owner=admin, by=admin)
    products.link_team(product, team, by=admin)
    parts = [components.create(product, name=f"Component {index}", by=admin) for index in range(8)]
    tags = Tag.objects.bulk_create(Tag(product=product, name=word) for word in WORDS)
    rng = random.Random(size)
    ordered, ranks = OrderedList.objects.get(product=product), ranking.even(size)
    for start in range(0, size, BATCH):
        numbers = range(start + 1, min(start + BATCH, size) + 1)
        items = Item.objects.bulk_create(_item(product, admin, parts, number, rng) for number in numbers)
        OrderEntry.objects.bulk_create(
            OrderEntry(product=product, list=ordered, item=item, rank=ranks[item.number - 1]) for item in items
        )
        ItemTag.objects.bulk_create(
            ItemTag(product=product, item=item, tag=tag)
            for item in items
            for tag in rng.sample(tags, rng.randint(1, 3))
        )
    ItemCounter.objects.filter(product=product).update(last_number=size)
    _analyse()
    return World(product, token, tags[0], _start_sprint(product, admin, team), _session(admin), parts[0].pk)


def depend(product, items, admin, rng) -> None:
    """Half as many dependencies as items, between neighbours, every fifth against the order. items: ids, top first."""
    count = len(items)
    pairs = [(low, min(low + rng.randint(1, 40), count - 1)) for low in rng.sample(range(count - 1), count // 2)]
    Dependency.objects.bulk_create(
        (
            Dependency(
                organization=product.organization,
                enabler_id=items[enabler],
                dependent_id=items[dependent],
                created_by=admin,
            )
            for enabler, dependent in (_directed(low, high) for low, high in pairs)
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _directed(low, high):
    """The lower place enables the higher one, but for places that 5 divides: those are enabled by what it doesn't,
    so that no cycle comes about."""
    return (high, low) if low % 5 == 0 and high % 5 else (low, high)


def finish(product, admin, working, *, first: int, before: date, rng) -> None:
    """What the teams finished in the half year before a day. first: the number of the first of these items."""
    Item.objects.bulk_create(
        Item(
            organization=product.organization,
            product=product,
            number=first + place,
            kind="functional",
            type="story",
            title=f"Done {place}",
            points=3,
            status="done",
            done_at=datetime.combine(before - timedelta(days=rng.randint(1, 7 * PAST_WEEKS)), datetime.min.time(), UTC),
            team=working[place % len(working)],
            created_by=admin,
            status_by=admin,
        )
        for place in range(PAST_WEEKS * DONE_A_WEEK)
    )


def _item(product, admin, parts, number, rng):
    kind = "technical" if rng.random() < 0.35 else "functional"
    words = ([RARE_WORD] if number % 97 == 0 else []) + rng.choices(WORDS, k=60)
    return Item(
        organization=product.organization,
        product=product,
        number=number,
        kind=kind,
        **(_kept_as_debt(rng) if kind == "technical" else {"type": "story"}),
        title=" ".join(rng.choices(WORDS, k=7)).capitalize(),
        description=" ".join(words)[:400],
        points=rng.choice((1, 2, 3, 5, 8)),
        # The first holds a fifth of all items.
        component=rng.choices(parts, [16, *[9] * (len(parts) - 1)])[0],
        checks_met=rng.randint(0, 5),
        checks_total=5,
        created_by=admin,
        status_by=admin,
    )


def _kept_as_debt(rng):
    """A tenth of all items are debt."""
    if rng.random() > 0.3:
        return {"type": "enabler"}
    figures = {"debt_principal": rng.randint(1, 40), "debt_interest": rng.randint(0, 12) / 4}
    return {"type": "debt", "debt_interest_unit": "points"} | figures


def _start_sprint(product, admin, team):
    today = timezone.localdate()
    for running in team.sprints.active():
        sprints.close(running, dict.fromkeys(_items_of(running), "returned"), by=admin)
    sprint = sprints.plan(team, starts_on=today, ends_on=today + timedelta(days=13), by=admin)
    sprints.add(sprint, Item.objects.filter(product=product).ranked()[:IN_SPRINT], by=admin)
    sprints.start(sprint, by=admin)
    return sprint.pk


def _session(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _items_of(sprint):
    return sprint.entries.filter(outcome="").values_list("item", flat=True)


def _analyse():
    # A server in use is analysed by PostgreSQL itself; the bench does not wait for that.
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
