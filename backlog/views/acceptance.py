"""Accept what is done: evidence for its criteria, the technical owners' word, and the page of all that waits."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.actions import built_checks, criteria, engagement
from backlog.forms.acceptance import BuiltCheckForm, EvidenceForm, WordForm
from backlog.queries.acceptance import acceptance_page
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.errors import InvalidInput
from core.permissions import require_route


@require_GET
def page(request):
    require_route(request, request.user)
    return render(request, "backlog/acceptance/page.html", {"page": acceptance_page(request.user)})


@require_POST
def prove(request, product_key, number, criterion_id):
    item = visible_item(request, product_key, number)
    criterion = get_object_or_404(item.criteria, pk=criterion_id)
    form = EvidenceForm(request.POST, item=item)
    if not form.is_valid():
        name, (message, *_) = next(iter(form.errors.items()))
        raise InvalidInput(message, field=name)
    criteria.prove(criterion, by=request.user, **form.cleaned_data)
    return told(request, item, "The criterion is met, with its evidence.")


@require_POST
def check(request, product_key, number):
    item = visible_item(request, product_key, number)
    form = BuiltCheckForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Say whether it is built as meant, in at most 500 characters.", field="note")
    is_as_meant = form.cleaned_data["verdict"] == "as_meant"
    built_checks.say(item, is_as_meant, by=request.user, note=form.cleaned_data["note"])
    return told(request, item, f"Your word on {item.key} is with the product owner.")


@require_POST
def give_word(request, product_key, number, stage):
    item = visible_item(request, product_key, number)
    form = WordForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("At most 500 characters.", field="text")
    engagement.give(item, stage, by=request.user, **form.cleaned_data)
    undo_url = reverse("backlog:word-take-back", args=[product_key, number, stage])
    return told(request, item, f"{item.key} has your word at {stage}.", undo_url)


@require_POST
def take_word_back(request, product_key, number, stage):
    item = visible_item(request, product_key, number)
    engagement.take_back(item, stage, by=request.user)
    undo_url = reverse("backlog:word-give", args=[product_key, number, stage])
    return told(request, item, f"The word at {stage} is taken back.", undo_url)
