"""What an item needs and enables, and which items it is linked with."""

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from backlog.actions import dependencies
from backlog.forms.items import TieForm
from backlog.models import Dependency, Item, ItemLink
from backlog.queries.references import references
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.errors import InvalidInput
from core.permissions import require_route


@require_POST
def add(request, product_key, number):
    """A dependency or a link, as the form's words say."""
    item = visible_item(request, product_key, number)
    require_route(request, item)
    words, other = _other(request, item)
    try:
        words = _tie(item, words, other, by=request.user)
    except dependencies.DependencyCycle as refusal:
        if not request.htmx:
            raise
        return _cycle(request, refusal.extra["cycle"])
    return told(request, item, f"{item.key} {words} {other.key}.")


@require_POST
def remove(request, product_key, number, dependency_id):
    item = visible_item(request, product_key, number)
    of_item = Dependency.objects.filter(Q(enabler=item) | Q(dependent=item))
    dependencies.remove(get_object_or_404(of_item, pk=dependency_id), by=request.user)
    return told(request, item, "The dependency is removed.")


@require_POST
def unlink(request, product_key, number, link_id):
    item = visible_item(request, product_key, number)
    of_item = ItemLink.objects.filter(Q(source=item) | Q(target=item))
    dependencies.unlink(get_object_or_404(of_item, pk=link_id), by=request.user)
    return told(request, item, "The link is removed.")


def _tie(item, words, other, *, by):
    match words:
        case "needs":
            dependencies.add(other, item, by=by)
        case "enables":
            dependencies.add(item, other, by=by)
        case kind:
            dependencies.link(item, other, kind, by=by)
            return ItemLink.Kind(kind).label
    return words


def _cycle(request, keys):
    found = references(keys, request.user)
    steps = [
        {"key": key, "title": item.title, "url": reverse("backlog:item", args=[item.product_key, item.number])}
        if (item := found.get(key))
        else {"key": key}
        for key in keys
    ]
    return render(request, "backlog/items/cycle.html", {"steps": steps}, status=422)


def _other(request, item):
    form = TieForm(request.POST)
    if not form.is_valid():
        name, (message, *_) = next(iter(form.errors.items()))
        raise InvalidInput(message, field=name)
    key = form.cleaned_data["key"].strip()
    visible = Item.objects.readable_by(request.user).filter(organization=item.organization_id)
    full = key if "-" in key else f"{item.product.key}-{key}"
    other = visible.by_key(full).select_related("product").first()
    if other is None:
        raise InvalidInput(f"There is no item {full.upper()} that you may see.", field="key")
    return form.cleaned_data["words"], other
