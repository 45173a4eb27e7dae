"""The decisions of a product: list, page, editor, and what is decided."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backlog.actions import decisions
from backlog.forms import decisions as forms
from backlog.models import Decision, Item, Question
from backlog.queries.decision_page import decision_list, decision_page
from backlog.queries.decision_texts import conflict, last_edit, people_and_links
from backlog.views.lookups import permitted_product, visible_product
from backlog.views.told import EVENT
from core.answers import changed, refuse
from core.errors import InvalidInput, PreconditionFailed, RuleViolation
from core.permissions import require_route

_ICONS = {
    Decision.Status.PROPOSED: ("message-circle", "warn"),
    Decision.Status.ACCEPTED: ("circle-check", "good"),
    Decision.Status.REJECTED: ("x", "plain"),
    Decision.Status.DEPRECATED: ("clock", "plain"),
    Decision.Status.SUPERSEDED: ("corner-down-right", "plain"),
}


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    chosen = _filter(request, product)
    found = decision_list(product, request.user, **chosen)
    values = {
        "product": product,
        "page": found,
        "chosen": chosen,
        "is_filtered": any(chosen.values()),
        "statuses": Decision.Status.choices,
        "components": () if found.is_plain else product.components.active().order_by("name"),
    }
    return render(request, "backlog/decisions/list.html", values)


@require_GET
def decision(request, product_key, number):
    found = _decision(request, product_key, number)
    icon, tone = _ICONS[found.status]
    values = {"page": decision_page(found, request.user), "decision": found, "icon_name": icon, "tone": tone}
    return render(request, "backlog/decisions/page.html", values)


@require_http_methods(["GET", "POST"])
def new(request, product_key):
    """question, item, component in the query: what it is about, filled in."""
    product = permitted_product(request, product_key)
    question = _question(request, product)
    form = forms.DecisionForm(
        request.POST or None, product=product, user=request.user, initial=_about(request, product, question)
    )
    options = forms.OptionFormSet(request.POST or None)
    if request.method == "POST" and form.is_valid() and options.is_valid():
        values = _values(form, options) | ({"questions": [question]} if question else {})
        try:
            made = decisions.propose(product, by=request.user, **values)
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{made.key} is proposed.")
            return HttpResponseRedirect(_url(made), status=303)
    return _editor(request, product, form, options, question=question)


@require_http_methods(["GET", "POST"])
def edit(request, product_key, number):
    found = _decision(request, product_key, number)
    links, people = people_and_links(found, request.user)
    form = forms.DecisionForm(
        request.POST or None,
        product=found.product,
        user=request.user,
        initial=forms.initial_of(found, links, people),
    )
    options = forms.OptionFormSet(request.POST or None, decision=found)
    if request.method == "POST" and form.is_valid() and options.is_valid():
        values = _values(form, options)
        try:
            decisions.edit(found, by=request.user, version=form.cleaned_data["version"], **_mine(request, values))
        except PreconditionFailed:
            return _conflict(request, found, form, values)
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{found.key} is saved.")
            return HttpResponseRedirect(_url(found), status=303)
    return _editor(request, found.product, form, options, decision=found)


@require_POST
def accept(request, product_key, number):
    found = decisions.accept(_visible(request, product_key, number), by=request.user, reason=_reason(request))
    return _told(request, found, f"{found.key} is accepted.", is_undoable=True)


@require_POST
def reject(request, product_key, number):
    found = decisions.reject(_visible(request, product_key, number), by=request.user, reason=_reason(request))
    return _told(request, found, f"{found.key} is rejected.", is_undoable=True)


@require_POST
def deprecate(request, product_key, number):
    found = decisions.deprecate(_visible(request, product_key, number), by=request.user, reason=_reason(request))
    return _told(request, found, f"{found.key} is deprecated.", is_undoable=True)


@require_POST
def supersede(request, product_key, number):
    found = _visible(request, product_key, number)
    form = forms.SuccessorForm(request.POST, decision=found)
    if not form.is_valid():
        raise InvalidInput("Choose the decision that replaces this one.", field="successor")
    successor = form.cleaned_data["successor"]
    found = decisions.supersede(found, successor, by=request.user, reason=form.cleaned_data["reason"])
    return _told(request, found, f"{found.key} is superseded by {successor.key}.", is_undoable=True)


@require_POST
def reopen(request, product_key, number):
    found = decisions.reopen(_visible(request, product_key, number), by=request.user, reason=_reason(request))
    return _told(request, found, f"{found.key} is open again.")


def _filter(request, product):
    status = request.GET.get("status", "")
    component = request.GET.get("component", "")
    before = request.GET.get("before", "")
    return {
        "status": status if status in Decision.Status.values else "",
        "component": product.components.filter(pk=component).first() if _is_number(component) else None,
        "text": request.GET.get("text", "").strip()[:200],
        "before": int(before) if _is_number(before) else None,
    }


def _is_number(text):
    return text.isascii() and text.isdigit() and len(text) < 19


def _visible(request, product_key, number):
    product = visible_product(request, product_key)
    seen = Decision.objects.visible_to(request.user).filter(product=product)
    return get_object_or_404(seen.select_related("product", "superseded_by", "status_by", "created_by"), number=number)


def _decision(request, product_key, number):
    found = _visible(request, product_key, number)
    require_route(request, found)
    return found


def _question(request, product):
    """The question that the decision answers; one that is not there, or not for this reader, fills nothing in."""
    pk = request.POST.get("question") or request.GET.get("question") or ""
    readable = Item.objects.readable_by(request.user).filter(product=product).values("pk")
    found = Question.objects.filter(item__in=readable).select_related("item__product")
    return found.filter(pk=pk).first() if _is_number(pk) else None


def _about(request, product, question):
    about = {"items": question.item.key, "title": question.text[:300]} if question else {}
    about |= {"items": request.GET["item"][:40]} if "item" in request.GET else {}
    component = request.GET.get("component", "")
    return about | ({"components": [component]} if _is_number(component) else {})


def _values(form, options):
    given = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    return given | options.as_values()


def _mine(request, values):
    """Without what the person, asked on the page of a conflict, wants as it is saved."""
    theirs = {name for name in values if request.POST.get(f"take-{name}") == "theirs"}
    return {name: value for name, value in values.items() if name not in theirs | _with_options(theirs)}


def _with_options(names):
    # The option chosen is one of the options: both stand as one.
    return {"chosen"} if "options" in names else set()


def _conflict(request, found, form, values):
    found.refresh_from_db()
    pairs = conflict(found, values, request.user)
    # Whoever sends it once more has seen the fresh text.
    hidden = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    editable = {pair.name for pair in pairs if pair.is_editable}
    dropped = editable | {"version", "csrfmiddlewaretoken", *(f"take-{pair.name}" for pair in pairs)}
    values = {
        "decision": found,
        "pairs": pairs,
        "last": last_edit(found),
        "hidden": [(name, value) for name, value in hidden if name not in dropped],
    }
    return render(request, "backlog/decisions/conflict.html", values, status=409)


def _editor(request, product, form, options, *, decision=None, question=None):
    values = {"product": product, "form": form, "options": options, "decision": decision, "question": question}
    is_wrong = form.errors or (options.is_bound and not options.is_valid())
    return render(request, "backlog/decisions/edit.html", values, status=422 if is_wrong else 200)


def _reason(request):
    form = forms.ReasonForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("At most 500 characters.", field="reason")
    return form.cleaned_data["reason"]


def _url(found):
    return reverse("backlog:decision", args=[found.product.key, found.number])


def _told(request, found, text, *, is_undoable=False):
    undo_url = reverse("backlog:decision-reopen", args=[found.product.key, found.number]) if is_undoable else ""
    return changed(request, _url(found), text, event=EVENT, undo_url=undo_url)
