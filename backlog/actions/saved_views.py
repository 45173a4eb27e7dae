"""Keep filters by a name, for oneself or for everybody who reads the backlog."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backlog.actions import fields
from backlog.models import Item, Product, SavedView
from backlog.queries import filters
from backlog.queries.filter_language import MOST_CHARACTERS, read, respelled, write
from backlog.queries.readers import reader
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

MOST_VIEWS = 200


class ViewNameTaken(RuleViolation):
    code = "view_name_taken"
    message = "There is already a view of that name. Choose another one."
    field = "name"


class TooManyViews(RuleViolation):
    code = "too_many_views"
    message = f"You keep {MOST_VIEWS} views here already. Delete one first."


@transaction.atomic
def save(product, *, name: str, filter: str, by, is_shared: bool = False, at: datetime | None = None) -> SavedView:
    """Keep a filter. Raises PermissionDenied, InvalidInput, FilterUnreadable, ViewNameTaken, TooManyViews."""
    _lock_product(product.pk)
    require(by, "view.save", product)
    values = fields.cleaned(SavedView, {"name": name, "filter": filter, "is_shared": is_shared})
    view = SavedView(product=product, by=by, **values | {"filter": _read(product, filter, by)})
    _refuse_name(view)
    if SavedView.objects.filter(product=product, by=by, dropped_at=None).count() >= MOST_VIEWS:
        raise TooManyViews
    view.created_at = at or timezone.now()
    view.save()
    events.record("view.saved", target=view, by=by, at=at, name=view.name, filter=view.filter, is_shared=is_shared)
    return view


@transaction.atomic
def edit(view, *, by, version: int | None = None, **values) -> SavedView:
    """Change name, filter or is_shared.

    Raises PermissionDenied, PreconditionFailed, InvalidInput, FilterUnreadable, ViewNameTaken.
    """
    if unknown := values.keys() - {"name", "filter", "is_shared"}:
        raise TypeError(f"No such fields of a view: {sorted(unknown)}")
    view = _lock(view)
    require(by, "view.manage", view)
    fields.expect(view, version)
    values = fields.cleaned(SavedView, values)
    if "filter" in values:
        values["filter"] = _read(view.product, values["filter"], by)
    if changes := fields.change(view, values):
        _refuse_name(view)
        view.version += 1
        view.save(update_fields=[*changes, "version"])
        events.record("view.edited", target=view, by=by, changes=changes)
    return view


@transaction.atomic
def drop(view, *, by) -> SavedView:
    """Put a view away; `restore` brings it back. Raises PermissionDenied."""
    view = _lock(view)
    require(by, "view.manage", view)
    if view.dropped_at is None:
        view.dropped_at = timezone.now()
        view.save(update_fields=["dropped_at"])
        events.record("view.dropped", target=view, by=by, name=view.name)
    return view


@transaction.atomic
def restore(view, *, by) -> SavedView:
    """Raises PermissionDenied, ViewNameTaken."""
    view = _lock(view)
    require(by, "view.manage", view)
    if view.dropped_at is not None:
        _refuse_name(view)
        view.dropped_at = None
        view.save(update_fields=["dropped_at"])
        events.record("view.restored", target=view, by=by, name=view.name)
    return view


def follow_tag(product_id: int, old: str, new: str) -> None:
    """Have the views of a product ask for a tag by its new name; asks nobody and records nothing: for the actions
    on tags, which hold the product's lock. A filter that would become too long stays as it is."""
    rewritten = []
    for view in SavedView.objects.filter(product=product_id, filter__icontains="tag:"):
        text = write(respelled(read(view.filter), "tag", old, new))
        if text != view.filter and len(text) <= MOST_CHARACTERS:
            view.filter, view.version = text, view.version + 1
            rewritten.append(view)
    SavedView.objects.bulk_update(rewritten, ["filter", "version"])


def _read(product, text, by):
    understood = filters.understand(product, reader(product, by), text, named=Item.objects.readable_by(by))
    if understood.is_empty:
        raise InvalidInput("A view needs a filter. Narrow the list first.", field="filter")
    return understood.text


def _refuse_name(view):
    same = SavedView.objects.filter(product=view.product_id, dropped_at=None, name__iexact=view.name)
    rivals = Q(by=view.by_id) | Q(is_shared=True) if view.is_shared else Q(by=view.by_id)
    if same.filter(rivals).exclude(pk=view.pk).exists():
        raise ViewNameTaken


def _lock_product(product_id):
    # The product's row is the queue for the names of its views.
    Product.objects.select_for_update(no_key=True).get(pk=product_id)


def _lock(view):
    _lock_product(view.product_id)
    return SavedView.objects.select_related("product").get(pk=view.pk)
