"""The settings of a product, and who has which role in it."""

from dataclasses import dataclass

from accounts.models import Team, User
from backlog.models import Goal, HandOver, Product, ProductRole
from backlog.queries.readiness import checklist
from core.permissions import allowed
from planning.readiness import RULES, Check

_VERBS = (
    *("product.edit", "product.rename_key", "product.archive", "product.appoint_owner", "product.hand_over"),
    *("product.manage_stakeholders", "product.choose_teams", "goal.manage"),
)
# A type that falls under each checklist.
_KINDS = (
    ("functional", "Functional items", "functional", "story"),
    ("technical", "Technical items", "technical", "enabler"),
    ("spike", "Spikes", "technical", "spike"),
)


@dataclass(frozen=True)
class Checklist:
    """name: of the list in the form; is_usual: the product has none of its own."""

    kind: str
    label: str
    checks: tuple[Check, ...]
    is_usual: bool


@dataclass(frozen=True)
class ProductSettings:
    product: Product
    rights: frozenset[str]
    owner: User | None
    offer: HandOver | None
    stakeholders: tuple[User, ...]
    members: tuple[User, ...]
    teams: tuple[Team, ...]
    other_teams: tuple[Team, ...]
    goals: tuple[Goal, ...]
    closed_goals: tuple[Goal, ...]
    ready: tuple[Checklist, ...]
    done: tuple[Checklist, ...]
    rules: tuple[tuple[str, str], ...]
    retired_keys: tuple[str, ...]


def product_settings(product, user) -> ProductSettings:
    """The settings page, in a fixed number of statements."""
    roles = ProductRole.objects.filter(product=product).select_related("user").order_by("user__name")
    stakeholders = tuple(role.user for role in roles if role.role == ProductRole.Role.STAKEHOLDER)
    goals = list(product.goals.order_by("position", "pk"))
    teams = Team.objects.active().filter(organization=product.organization_id).order_by("name")
    linked = set(product.team_links.values_list("team", flat=True))
    members = User.objects.filter(
        memberships__organization=product.organization_id, memberships__deactivated_at=None, is_service=False
    )
    return ProductSettings(
        product=product,
        rights=frozenset(allowed(user, _VERBS, product)),
        owner=next((role.user for role in roles if role.role == ProductRole.Role.PRODUCT_OWNER), None),
        offer=HandOver.objects.filter(product=product).select_related("to").first(),
        stakeholders=stakeholders,
        members=tuple(members.order_by("name")),
        teams=tuple(team for team in teams if team.pk in linked),
        other_teams=tuple(team for team in teams if team.pk not in linked),
        goals=tuple(goal for goal in goals if not goal.closed_at),
        closed_goals=tuple(goal for goal in goals if goal.closed_at),
        ready=tuple(
            Checklist(name, label, checklist(product, kind, type), not product.definition_of_ready.get(name))
            for name, label, kind, type in _KINDS
        ),
        done=tuple(
            Checklist(name, label, tuple(_checks(product.definition_of_done.get(name, []))), is_usual=False)
            for name, label, _, _ in _KINDS
        ),
        rules=tuple(RULES.items()),
        retired_keys=tuple(product.retired_keys.order_by("-retired_at").values_list("key", flat=True)),
    )


def _checks(rows):
    return (Check(row["key"], row["label"], row.get("rule")) for row in rows)
