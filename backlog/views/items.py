"""The page of an item, its text, its facts and its life."""

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backlog.actions import items, life_cycle
from backlog.actions.ordering import Place
from backlog.forms import items as forms
from backlog.forms.refinement import RoundForm
from backlog.models import Item
from backlog.queries.item_page import item_page, outcome
from backlog.queries.item_texts import conflict, last_edit
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.answers import refuse
from core.errors import InvalidInput, PreconditionFailed, RuleViolation
from core.permissions import require_route

_ICONS = {
    Item.Status.PROPOSED: "message-circle",
    Item.Status.DECLINED: "x",
    Item.Status.OPEN: "circle-dashed",
    Item.Status.IN_PROGRESS: "clock",
    Item.Status.DONE: "check",
    Item.Status.ACCEPTED: "circle-check",
    Item.Status.DROPPED: "trash-2",
}


@require_GET
def by_key(request, item_key):
    """A key the item has, had before or had in its source: on to its page."""
    item = get_object_or_404(Item.objects.visible_to(request.user).by_key(item_key).select_related("product"))
    require_route(request, item)
    return HttpResponseRedirect(_url(item))


@require_GET
def page(request, product_key, number):
    found = Item.objects.visible_to(request.user).by_key(f"{product_key}-{number}")
    related = ("product", "component", "team", "assignee", "goal", "parent", "created_by", "status_by")
    item = get_object_or_404(found.select_related(*related))
    require_route(request, item)
    if item.product.key != product_key or item.number != number:
        return HttpResponseRedirect(_url(item))
    return render(request, "backlog/items/page.html", values_of(item, request.user))


def values_of(item, user):
    """What the regions of an item's page are drawn from."""
    page = item_page(item, user, today=item.product.organization.today())
    values = {
        "page": page,
        "case": page.case,
        "item": item,
        "status_icon": _ICONS[item.status],
        "ready_hint": _hint(page),
    }
    return values | _forms(page)


@require_http_methods(["GET", "POST"])
def edit(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item)
    form = forms.TextForm(request.POST or None, initial=vars(item))
    if request.method == "POST" and form.is_valid():
        try:
            items.edit(item, by=request.user, **form.cleaned_data | _theirs(request, item))
        except PreconditionFailed:
            # A region of another page can't show two texts side by side: it keeps what is typed, and says why.
            if request.htmx:
                raise
            return _conflict(request, item, form)
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            return told(request, item, f"{item.key} is saved.")
    return render(request, "backlog/items/edit.html", {"item": item, "form": form}, status=422 if form.errors else 200)


@require_POST
def classify(request, product_key, number):
    return _change(request, product_key, number, forms.ClassForm)


@require_POST
def estimate(request, product_key, number):
    return _change(request, product_key, number, forms.EstimateForm)


@require_POST
def value(request, product_key, number):
    return _change(request, product_key, number, forms.ValueForm)


@require_GET
def wsjf(request, product_key, number):
    """What the figures in the form would come to, before they are saved."""
    item = visible_item(request, product_key, number)
    require_route(request, item)
    form = forms.ValueForm(request.GET, item=item)
    values = {"outcome": outcome(item, form.cleaned_data) if form.is_valid() else None}
    return render(request, "backlog/items/wsjf.html", values)


@require_POST
def debt(request, product_key, number):
    return _change(request, product_key, number, forms.DebtForm)


@require_POST
def tag(request, product_key, number):
    return _change(request, product_key, number, forms.TagsForm)


@require_POST
def assign(request, product_key, number):
    return _change(request, product_key, number, forms.AssigneeForm)


@require_POST
def restrict(request, product_key, number):
    return _change(request, product_key, number, forms.RestrictForm)


@require_POST
def engage(request, product_key, number):
    return _change(request, product_key, number, forms.EngageForm)


@require_POST
def accept_proposal(request, product_key, number):
    item = visible_item(request, product_key, number)
    place = {"top": Place.top(), "bottom": Place.bottom()}.get(request.POST.get("place"))
    item = life_cycle.accept_proposal(item, by=request.user, place=place)
    return told(request, item, f"{item.key} is in the backlog.")


@require_POST
def decline(request, product_key, number):
    item = life_cycle.decline(visible_item(request, product_key, number), by=request.user, reason=_reason(request))
    return told(request, item, f"{item.key} is declined.", _step_url("backlog:proposal-accept", item))


@require_POST
def begin(request, product_key, number):
    item = life_cycle.begin(visible_item(request, product_key, number), by=request.user)
    return told(request, item, f"{item.key} is in progress.", _step_url("backlog:item-stop", item))


@require_POST
def stop(request, product_key, number):
    item = life_cycle.stop(visible_item(request, product_key, number), by=request.user, reason=_reason(request))
    return told(request, item, f"Nobody works on {item.key} now.", _step_url("backlog:item-begin", item))


@require_POST
def finish(request, product_key, number):
    item = life_cycle.finish(visible_item(request, product_key, number), by=request.user)
    return told(request, item, f"{item.key} is done.")


@require_POST
def accept(request, product_key, number):
    item = life_cycle.accept(visible_item(request, product_key, number), by=request.user)
    return told(request, item, f"{item.key} is accepted.")


@require_POST
def send_back(request, product_key, number):
    item = life_cycle.send_back(visible_item(request, product_key, number), by=request.user, reason=_reason(request))
    return told(request, item, f"{item.key} is in progress again.")


@require_POST
def drop(request, product_key, number):
    item = life_cycle.drop(visible_item(request, product_key, number), by=request.user, reason=_reason(request))
    return told(request, item, f"{item.key} is dropped.", _step_url("backlog:item-restore", item))


@require_POST
def restore(request, product_key, number):
    item = life_cycle.restore(visible_item(request, product_key, number), by=request.user, reason=_reason(request))
    return told(request, item, f"{item.key} is back.", _step_url("backlog:item-drop", item))


def _url(item):
    return reverse("backlog:item", args=[item.product.key, item.number])


def _step_url(route, item):
    return reverse(route, args=[item.product.key, item.number])


def _hint(page):
    return "can enter a sprint" if page.is_ready else f"can enter a sprint at {len(page.checks)}"


def _reason(request):
    form = forms.ReasonForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("At most 500 characters.", field="reason")
    return form.cleaned_data["reason"]


def _change(request, product_key, number, form_class):
    item = visible_item(request, product_key, number)
    form = form_class(request.POST, item=item)
    if not form.is_valid():
        name, (message, *_) = next(iter(form.errors.items()))
        raise InvalidInput(f"{form.fields[name].label or name.replace('_', ' ').capitalize()}: {message}", field=name)
    items.edit(item, by=request.user, **form.as_changes())
    return told(request, item, f"{item.key} is saved.")


def _theirs(request, item):
    """The texts of which the person, asked on the page of a conflict, wants those that are saved."""
    return {name: getattr(item, name) for name in forms.TEXTS if request.POST.get(f"take-{name}") == "theirs"}


def _conflict(request, item, form):
    item.refresh_from_db()
    # Whoever sends it once more has seen the fresh text.
    sent = request.POST.copy()
    sent["version"] = item.version
    fresh = forms.TextForm(sent)
    pairs = conflict(item, form.cleaned_data)
    differing = {pair.name for pair in pairs}
    values = {"item": item, "form": fresh, "pairs": pairs, "differing": differing, "last": last_edit(item)}
    return render(request, "backlog/items/conflict.html", values, status=409)


def _forms(page):
    item, rights = page.item, page.rights
    made = {
        "class_form": ("item.classify", lambda: forms.ClassForm(item=item)),
        "estimate_form": ("item.estimate", lambda: forms.EstimateForm(item=item)),
        "value_form": ("item.value", lambda: forms.ValueForm(item=item)),
        "debt_form": ("item.edit", lambda: forms.DebtForm(item=item)),
        "tags_form": ("item.tag", lambda: forms.TagsForm(item=item, tags=page.tags)),
        "assignee_form": ("item.work", lambda: forms.AssigneeForm(item=item)),
        "restrict_form": ("item.restrict", lambda: forms.RestrictForm(item=item)),
        "engage_form": ("item.engage", lambda: forms.EngageForm(item=item)),
        "text_form": ("item.edit", lambda: forms.TextForm(initial=vars(item), auto_id="text_%s")),
        "round_form": ("item.poker", lambda: RoundForm(auto_id="round_%s")),
        "question_form": ("item.ask", lambda: forms.QuestionForm(item=item)),
    }
    return {name: make() for name, (verb, make) in made.items() if verb in rights}
