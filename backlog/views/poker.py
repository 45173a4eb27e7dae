"""Rounds in which people estimate an item."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from backlog.actions import poker
from backlog.forms.refinement import CardForm, PointsForm, RoundForm
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.errors import InvalidInput


@require_POST
def open_round(request, product_key, number):
    item = visible_item(request, product_key, number)
    poker.open_round(item, by=request.user, **_sent(RoundForm(request.POST)).as_arguments())
    return told(request, item, f"Lay your card for {item.key}.")


@require_POST
def lay(request, product_key, number, round_id):
    item, played = _round(request, product_key, number, round_id)
    form = _sent(CardForm(request.POST))
    poker.lay(played, form.cleaned_data["card"], words=form.cleaned_data["words"], by=request.user)
    return told(request, item, "Your card lies on the table, face down.")


@require_POST
def show(request, product_key, number, round_id):
    item, played = _round(request, product_key, number, round_id)
    poker.show(played, by=request.user)
    return told(request, item, "The cards are shown.")


@require_POST
def play_again(request, product_key, number, round_id):
    item, played = _round(request, product_key, number, round_id)
    poker.play_again(played, by=request.user)
    return told(request, item, "Another round: lay your card.")


@require_POST
def settle(request, product_key, number, round_id):
    item, played = _round(request, product_key, number, round_id)
    poker.settle(played, _sent(PointsForm(request.POST)).cleaned_data["points"], by=request.user)
    return told(request, item, f"{item.key} is estimated.")


@require_POST
def withdraw(request, product_key, number, round_id):
    item, played = _round(request, product_key, number, round_id)
    poker.withdraw(played, by=request.user)
    return told(request, item, "The round is over, without an estimate.")


def _round(request, product_key, number, round_id):
    item = visible_item(request, product_key, number)
    return item, get_object_or_404(item.poker_rounds, pk=round_id)


def _sent(form):
    if not form.is_valid():
        name, (message, *_) = next(iter(form.errors.items()))
        raise InvalidInput(f"{form.fields[name].label or name.capitalize()}: {message}", field=name)
    return form
