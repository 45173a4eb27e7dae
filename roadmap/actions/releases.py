"""Say what is handed out together, what is in it, and that it is out."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from backlog.actions import fields
from backlog.models import Item, Product
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from roadmap.models import Release, ReleaseItem

FIELDS = ("name", "target_on")
MOST_ITEMS = 500


class ReleaseNameTaken(RuleViolation):
    code = "release_name_taken"
    message = "There is a release of that name already."
    field = "name"


class AlreadyReleased(RuleViolation):
    code = "already_released"
    message = "The release is out: it stays as it was. Take it back first."


class ForeignItems(RuleViolation):
    code = "items_of_other_product"
    message = "Only items of the same product go into its releases."
    field = "items"


@transaction.atomic
def create(product, *, name: str, by, target_on=None, at: datetime | None = None) -> Release:
    """Raises PermissionDenied, InvalidInput, ReleaseNameTaken."""
    _lock_product(product.pk)
    require(by, "release.manage", product)
    values = fields.cleaned(Release, {"name": name, "target_on": target_on})
    _refuse_taken(product.pk, values["name"])
    release = Release.objects.create(product=product, created_at=at or timezone.now(), created_by=by, **values)
    events.record("release.created", target=release, by=by, at=at, **values)
    return release


@transaction.atomic
def edit(release, *, by, version: int | None = None, **values) -> Release:
    """Change `FIELDS` of a release.

    Raises PermissionDenied, PreconditionFailed, InvalidInput, AlreadyReleased, ReleaseNameTaken.
    """
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"No such fields of a release: {sorted(unknown)}")
    release = _lock(release, by)
    fields.expect(release, version)
    _refuse_released(release)
    cleaned = fields.cleaned(Release, values)
    if "name" in cleaned and cleaned["name"].lower() != release.name.lower():
        _refuse_taken(release.product_id, cleaned["name"])
    changes = fields.change(release, cleaned)
    if changes:
        _save(release, *changes)
        events.record("release.edited", target=release, by=by, changes=changes)
    return release


@transaction.atomic
def add(release, items: Iterable[Item], *, by, at: datetime | None = None) -> None:
    """Put items into a release. Raises PermissionDenied, InvalidInput, AlreadyReleased, ForeignItems."""
    release = _lock(release, by)
    _refuse_released(release)
    items = _distinct(items)
    if any(item.product_id != release.product_id for item in items):
        raise ForeignItems
    _put(release, [item.pk for item in items], by=by, at=at)


@transaction.atomic
def remove(release, items: Iterable[Item], *, by) -> None:
    """Take items out of a release. Raises PermissionDenied, InvalidInput, AlreadyReleased."""
    release = _lock(release, by)
    _refuse_released(release)
    entries = ReleaseItem.objects.filter(release=release, item__in=_distinct(items), is_in=True)
    out = sorted(entries.values_list("item", flat=True))
    entries.update(is_in=False)
    if out:
        events.record("release.items_removed", target=release, by=by, items=out)


@transaction.atomic
def release(release, *, by, at: datetime | None = None) -> Release:
    """Say that it is out. Raises PermissionDenied, AlreadyReleased."""
    release = _lock(release, by)
    _refuse_released(release)
    release.released_at, release.released_by = at or timezone.now(), by
    _save(release, "released_at", "released_by")
    left = ReleaseItem.objects.filter(release=release, is_in=True, item__status__in=Item.UNFINISHED).count()
    events.record("release.released", target=release, by=by, at=at, name=release.name, unfinished=left)
    return release


@transaction.atomic
def take_back(release, *, by) -> Release:
    """Say that it is not out after all. Raises PermissionDenied."""
    release = _lock(release, by)
    if release.released_at is None:
        return release
    release.released_at = release.released_by = None
    _save(release, "released_at", "released_by")
    events.record("release.taken_back", target=release, by=by, name=release.name)
    return release


@transaction.atomic
def take_over_fix_versions(product, *, by, at: datetime | None = None) -> list[Release]:
    """Make releases of the fix versions that items came with, and put the items into them.

    Safe to repeat: a release of that name is used, whatever its case; what was taken out of it stays out, and what is
    released stays as it is. One that comes in with everything in it finished counts as released on the day of the last.
    Returns the releases that were made. Raises PermissionDenied.
    """
    _lock_product(product.pk)
    require(by, "release.manage", product)
    named = _named_versions(product)
    releases = {one.name.lower(): one for one in Release.objects.filter(product=product)}
    made = [
        Release(product=product, name=name, created_at=at or timezone.now(), created_by=by)
        for key, (name, _) in named.items()
        if key not in releases
    ]
    Release.objects.bulk_create(made)
    releases |= {one.name.lower(): one for one in made}
    events.record_many(
        [events.Happening("release.created", one, {"name": one.name, "target_on": None}) for one in made], by=by, at=at
    )
    for key, (_, items) in named.items():
        if releases[key].released_at is None:
            known = set(ReleaseItem.objects.filter(release=releases[key]).values_list("item", flat=True))
            _put(releases[key], [item for item in items if item not in known], by=by, at=at)
    _release_finished(made, by=by)
    return made


def _release_finished(made, *, by):
    over = ReleaseItem.objects.filter(release__in=made, is_in=True).values("release").order_by()
    over = over.annotate(last=Max("item__done_at"), left=Count("pk", filter=Q(item__status__in=Item.UNFINISHED)))
    finished = {row["release"]: row["last"] for row in over if row["last"] and not row["left"]}
    out = [one for one in made if one.pk in finished]
    for one in out:
        one.released_at, one.released_by = finished[one.pk], by
    Release.objects.bulk_update(out, ["released_at", "released_by"])
    events.record_many(
        [events.Happening("release.released", one, {"name": one.name, "unfinished": 0}) for one in out], by=by
    )


def _named_versions(product) -> dict[str, tuple[str, list[int]]]:
    named: dict[str, tuple[str, list[int]]] = {}
    rows = Item.objects.filter(product=product).exclude(source_fix_versions=[]).order_by("number")
    spelled = defaultdict(list)
    for pk, names in rows.values_list("pk", "source_fix_versions"):
        for name in names:
            clean = " ".join(name.split())
            if clean:
                spelled[clean.lower()].append((clean, pk))
    for key, pairs in spelled.items():
        named[key] = (pairs[0][0], list(dict.fromkeys(pk for _, pk in pairs)))
    return named


def _put(release, item_ids, *, by, at):
    taken_out = ReleaseItem.objects.filter(release=release, item__in=item_ids)
    before = dict(taken_out.values_list("item", "is_in"))
    taken_out.update(is_in=True)
    ReleaseItem.objects.bulk_create(
        ReleaseItem(product_id=release.product_id, release=release, item_id=pk) for pk in item_ids if pk not in before
    )
    put = [pk for pk in item_ids if not before.get(pk)]
    if put:
        events.record("release.items_added", target=release, by=by, at=at, items=put)


def _distinct(items):
    items = list({item.pk: item for item in items}.values())
    if not 0 < len(items) <= MOST_ITEMS:
        raise InvalidInput(f"Name 1 to {MOST_ITEMS} items.", field="items")
    return items


def _lock_product(product_id):
    # The product's row is the queue for its releases, as it is for its goals.
    return Product.objects.select_for_update(no_key=True).get(pk=product_id)


def _lock(release, by):
    _lock_product(release.product_id)
    release = Release.objects.select_related("product").get(pk=release.pk)
    require(by, "release.manage", release)
    return release


def _refuse_taken(product_id, name):
    if Release.objects.filter(product=product_id, name__iexact=name).exists():
        raise ReleaseNameTaken


def _refuse_released(release):
    if release.released_at:
        raise AlreadyReleased


def _save(release, *names):
    release.version += 1
    release.save(update_fields=[*names, "version"])
