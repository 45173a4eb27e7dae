"""The products of an import, and what items name in them: components, tags, teams, goals."""

from collections import defaultdict

from accounts.models import Team
from backlog.actions import ordering, products
from backlog.models import Component, Goal, Product, Tag
from core import events
from core.permissions import require


def lock_products(cargo):
    """Lock the order of each product that rows go into, and make those that are not here. Raises PermissionDenied."""
    organization = cargo.run.organization
    keys = sorted({draft.product for draft in cargo.drafts})
    here = {product.key: product for product in Product.objects.filter(organization=organization, key__in=keys)}
    cargo.created_products = [key for key in keys if key not in here]
    for key in cargo.created_products:
        name = next((cargo.names.get(project) for project, to in cargo.mapping["products"].items() if to == key), key)
        here[key] = products.create(organization, key=key, name=name or key, by=cargo.by)
    for key in set(keys) - set(cargo.created_products):
        require(cargo.by, "import.run", here[key])
    cargo.products = here
    cargo.lists = {
        product.pk: ordering.lock(product.pk) for product in sorted(here.values(), key=lambda product: product.pk)
    }


def name_parts(cargo):
    """Find what the rows name, and make the components and tags that are missing."""
    wanted = defaultdict(lambda: (set(), {}))
    for draft in cargo.drafts:
        components, tags = wanted[cargo.products[draft.product].pk]
        components |= {
            name for name in [draft.values.get("component"), *draft.values.get("further_components", ())] if name
        }
        tags |= {name.lower(): name for name in draft.values.get("tags", ())}
    cargo.components, cargo.tags = {}, {}
    for product_id, (components, tags) in wanted.items():
        cargo.components |= _components(cargo, product_id, components)
        cargo.tags |= _tags(cargo, product_id, tags)
    teams = Team.objects.active().filter(organization=cargo.run.organization, product_links__product__in=cargo.lists)
    cargo.teams = dict(teams.values_list("name", "pk"))
    goals = Goal.objects.filter(product__in=cargo.lists).values_list("product_id", "title", "pk")
    cargo.goals = {(product_id, title): pk for product_id, title, pk in goals}


def _components(cargo, product_id, names):
    here = Component.objects.filter(product=product_id)
    missing = sorted(names - set(here.values_list("name", flat=True)))
    made = Component.objects.bulk_create(
        [Component(organization=cargo.run.organization, product_id=product_id, name=name) for name in missing]
    )
    cargo.counts["components"] += len(made)
    events.record_many(
        [events.Happening("component.created", component, {"name": component.name}) for component in made],
        by=cargo.by,
    )
    return {(product_id, name): pk for name, pk in here.values_list("name", "pk")}


def _tags(cargo, product_id, names):
    here = Tag.objects.filter(product=product_id)
    known = {name.lower() for name in here.values_list("name", flat=True)}
    Tag.objects.bulk_create(
        [Tag(product_id=product_id, name=name) for lower, name in sorted(names.items()) if lower not in known]
    )
    return {(product_id, name.lower()): pk for name, pk in here.values_list("name", "pk")}
