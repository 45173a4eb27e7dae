"""The proposed order of a product: its moves to decide on, earlier ones, and the policy."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.views.lookups import permitted_product
from core.answers import changed
from core.permissions import can, require_route
from nightly.actions import proposals
from nightly.models import OrderingProposal, ProposalPolicy
from nightly.queries.proposals import latest, proposal_page, waiting_count, waiting_for

# Regions that show the order refresh on it too.
EVENT = "backlog-changed"
_ACCEPTED, _REJECTED, _OPEN = "accepted", "rejected", "open"


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    return _page(request, product, latest(product))


@require_GET
def earlier(request, product_key, on):
    product = permitted_product(request, product_key)
    return _page(request, product, get_object_or_404(OrderingProposal, product=product, on=on))


@require_GET
def link(request, product_key):
    product = permitted_product(request, product_key)
    values = {"product": product, "count": waiting_count(product, request.user)}
    return render(request, "nightly/proposals/link.html", values)


@require_GET
def for_you(request):
    require_route(request, request.user)
    return render(request, "nightly/proposals/for_you.html", {"waiting": waiting_for(request.user)})


@require_POST
def decide(request, product_key, on):
    product, proposal = _proposal(request, product_key, on)
    proposals.decide(proposal, _verdicts(request, proposal), by=request.user)
    if request.htmx:
        return _page(request, product, proposal)
    return changed(request, _url(product), "Your decisions are kept. Nothing has moved yet.", event=EVENT)


@require_POST
def apply(request, product_key, on):
    product, proposal = _proposal(request, product_key, on)
    proposals.decide(proposal, _verdicts(request, proposal), by=request.user)
    applied = proposals.apply(proposal, by=request.user)
    undo_url = _undo_url(product, applied.step, request.user) if applied.step else ""
    return changed(request, _url(product), _told(applied), event=EVENT, undo_url=undo_url)


@require_POST
def policy(request, product_key):
    product = permitted_product(request, product_key)
    classes = request.POST.getlist("classes")
    proposals.set_policy(product, classes, by=request.user)
    text = "The policy holds from the next night on." if classes else "No move is accepted without you."
    return changed(request, _url(product), text, event=EVENT)


def _proposal(request, product_key, on):
    product = permitted_product(request, product_key)
    return product, get_object_or_404(OrderingProposal, product=product, on=on)


def _verdicts(request, proposal):
    """What the form says of each move on it; with `rest`, those without a word are accepted."""
    given = {}
    for move in proposal.moves.filter(applied_version=None):
        verdict = request.POST.get(f"verdict-{move.pk}")
        if verdict is None:
            continue
        if verdict == _OPEN and "rest" in request.POST:
            verdict = _ACCEPTED
        if verdict not in (_ACCEPTED, _REJECTED, _OPEN):
            raise Http404
        given[move.pk] = (verdict, request.POST.get(f"reason-{move.pk}", ""))
    return given


def _page(request, product, proposal):
    values = {
        "product": product,
        "page": proposal_page(product, proposal, request.user) if proposal else None,
        "classes": ProposalPolicy.Class.choices,
    }
    return render(request, "nightly/proposals/page.html", values)


def _url(product):
    return reverse("nightly:proposal", args=[product.key])


def _undo_url(product, step, user):
    if can(user, "order.undo_any", product):
        return reverse("backlog:move-undo", args=[product.key, step.version])
    return reverse("backlog:undo", args=[product.key])


def _told(applied):
    count = len(applied.made)
    text = f"{count} move{'s are' if count != 1 else ' is'} made."
    if applied.stale:
        left = len(applied.stale)
        text += f" {left} no longer fitted and {'were' if left != 1 else 'was'} left out."
    return text
