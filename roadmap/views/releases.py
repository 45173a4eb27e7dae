"""A release: what is in it, when it should be out and when it will."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.models import Item
from backlog.views.lookups import permitted_product, visible_product
from core.answers import changed, refuse
from core.errors import InvalidInput, RuleViolation
from core.permissions import require_route
from roadmap.actions import releases
from roadmap.forms import ReleaseForm
from roadmap.models import Release
from roadmap.queries import roadmap_page
from roadmap.views.roadmap import EVENT, render_page
from sprints.forms import KeysForm


@require_POST
def create(request, product_key):
    product = permitted_product(request, product_key)
    form = ReleaseForm(request.POST)
    if form.is_valid():
        try:
            release = releases.create(product, by=request.user, **form.cleaned_data)
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{release} is set up. Say what goes into it.")
            return HttpResponseRedirect(_url(release), status=303)
    return render_page(request, product, form=form, status=422)


@require_GET
def page(request, product_key, release_id):
    return _page(request, _release(request, product_key, release_id))


@require_POST
def edit(request, product_key, release_id):
    release = _release(request, product_key, release_id)
    form = ReleaseForm(request.POST)
    if form.is_valid():
        try:
            release = releases.edit(release, by=request.user, **form.cleaned_data)
            return _changed(request, release, f"{release} is saved.")
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, release, form=form, status=422)


@require_POST
def add(request, product_key, release_id):
    release = _release(request, product_key, release_id)
    items = _items(request, release.product)
    releases.add(release, items, by=request.user)
    return _changed(request, release, f"{_named(items)} in {release} now.")


@require_POST
def remove(request, product_key, release_id):
    release = _release(request, product_key, release_id)
    items = _items(request, release.product)
    releases.remove(release, items, by=request.user)
    return _changed(request, release, f"{_named(items)} no longer in {release}.")


@require_POST
def release(request, product_key, release_id):
    release = releases.release(_release(request, product_key, release_id), by=request.user)
    undo = reverse("roadmap:release-take-back", args=[product_key, release.pk])
    return _changed(request, release, f"{release} is out.", undo_url=undo)


@require_POST
def take_back(request, product_key, release_id):
    release = releases.take_back(_release(request, product_key, release_id), by=request.user)
    return _changed(request, release, f"{release} is not out.")


def _release(request, product_key, release_id):
    product = visible_product(request, product_key)
    release = get_object_or_404(Release, product=product, pk=release_id)
    release.product = product
    require_route(request, release)
    return release


def _items(request, product):
    form = KeysForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Say which items by their keys.", field="keys")
    return [_item(request, product, key) for key in form.as_keys()]


def _item(request, product, key):
    full = key if "-" in key else f"{product.key}-{key}"
    item = Item.objects.readable_by(request.user).by_key(full).filter(product=product).select_related("product").first()
    if item is None:
        raise InvalidInput(f"There is no item {full.upper()} in {product} that you may see.", field="keys")
    return item


def _named(items):
    return f"{items[0].key} and {len(items) - 1} more are" if len(items) > 1 else f"{items[0].key} is"


def _url(release):
    return reverse("roadmap:release", args=[release.product.key, release.pk])


def _changed(request, release, text, **more):
    return changed(request, _url(release), text, event=EVENT, **more)


def _page(request, release, *, form=None, status=200):
    product = release.product
    page = roadmap_page.release_page(product, release, request.user, today=product.organization.today())
    values = {"page": page, "release": release, "product": product, "form": form or ReleaseForm(initial=vars(release))}
    return render(request, "roadmap/releases/page.html", values, status=status)
