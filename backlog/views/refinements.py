"""Refining the next items together."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backlog.actions import refinements
from backlog.forms.refinement import ScaleForm
from backlog.models import Item
from backlog.queries.refine_page import first_to_refine, record, refine_page
from backlog.views.items import values_of
from backlog.views.lookups import permitted_product, visible_item
from backlog.views.told import EVENT
from core.answers import changed
from core.errors import InvalidInput
from core.permissions import allowed


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    session = refine_page(product, request.user, now=timezone.now())
    may_join = bool(allowed(request.user, ["refinement.join"], product))
    values = {"product": product, "session": session, "may_join": may_join, "scale_form": ScaleForm()}
    if session.is_joined and (item := _seen(request, session.current)):
        values |= values_of(item, request.user)
    return render(request, "backlog/refine/page.html", values)


@require_GET
def show(request, product_key, refinement_id):
    product = permitted_product(request, product_key)
    refinement = get_object_or_404(product.refinements.select_related("started_by"), pk=refinement_id)
    values = {"product": product, "record": record(refinement, request.user)}
    return render(request, "backlog/refine/record.html", values)


@require_POST
def start(request, product_key):
    product = permitted_product(request, product_key)
    form = ScaleForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose Fibonacci or T-shirt sizes.", field="scale")
    item = first_to_refine(product, request.user)
    refinements.start(product, item=item, scale=form.cleaned_data["scale"], by=request.user)
    return _changed(request, product, "The refinement has begun.")


@require_POST
def join(request, product_key):
    product = permitted_product(request, product_key)
    refinements.join(_running(product), by=request.user)
    return _changed(request, product, "You take part.")


@require_POST
def leave(request, product_key):
    product = permitted_product(request, product_key)
    refinements.leave(_running(product), by=request.user)
    return _changed(request, product, "You have left; the others go on.")


@require_POST
def stay(request, product_key):
    product = permitted_product(request, product_key)
    refinements.stay(_running(product), by=request.user)
    if request.htmx:
        return HttpResponse(status=204)
    return HttpResponseRedirect(reverse("backlog:refine", args=[product.key]), status=303)


@require_POST
def follow(request, product_key):
    product = permitted_product(request, product_key)
    refinements.follow(_running(product), by=request.user)
    return _changed(request, product, "You see what the others see.")


@require_POST
def unfollow(request, product_key):
    product = permitted_product(request, product_key)
    refinements.unfollow(_running(product), by=request.user)
    return _changed(request, product, "You go your own way.")


@require_POST
def look(request, product_key, number):
    product = permitted_product(request, product_key)
    item = visible_item(request, product_key, number)
    refinements.look(_running(product), item, by=request.user)
    return _changed(request, product, f"{item.key} is on the table.")


@require_POST
def skip(request, product_key, number):
    product = permitted_product(request, product_key)
    item = visible_item(request, product_key, number)
    session = refine_page(product, request.user, now=timezone.now())
    following = session.next or session.previous
    following = following and Item.objects.get(pk=following.id)
    refinements.skip(_running(product), item, following=following, by=request.user)
    return _changed(request, product, f"{item.key} is left for another day.")


@require_POST
def end(request, product_key):
    product = permitted_product(request, product_key)
    refinement = refinements.end(_running(product), by=request.user)
    url = reverse("backlog:refine-record", args=[product.key, refinement.pk])
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return changed(request, url, "The refinement has ended.", event=EVENT)


def _running(product):
    return get_object_or_404(product.refinements, ended_at=None)


def _seen(request, item_id):
    related = ("product", "component", "team", "assignee", "goal", "parent", "created_by", "status_by")
    return Item.objects.readable_by(request.user).select_related(*related).filter(pk=item_id).first()


def _changed(request, product, text):
    return changed(request, reverse("backlog:refine", args=[product.key]), text, event=EVENT)
