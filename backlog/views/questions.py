"""Questions about an item."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from backlog.actions import questions
from backlog.forms.items import DecisionAnswerForm, OneTextForm, QuestionForm
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.errors import InvalidInput


@require_POST
def ask(request, product_key, number):
    item = visible_item(request, product_key, number)
    form = QuestionForm(request.POST, item=item)
    if not form.is_valid():
        raise InvalidInput("Write the question first.", field="text")
    questions.ask(item, by=request.user, **form.cleaned_data)
    return told(request, item, "The question is asked.")


@require_POST
def answer(request, product_key, number, question_id):
    item, question = _question(request, product_key, number, question_id)
    form = OneTextForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Write the answer first.", field="text")
    questions.answer(question, form.cleaned_data["text"], by=request.user)
    reopen_url = reverse("backlog:question-reopen", args=[product_key, number, question_id])
    return told(request, item, "The question is answered.", reopen_url)


@require_POST
def decide(request, product_key, number, question_id):
    item, question = _question(request, product_key, number, question_id)
    form = DecisionAnswerForm(request.POST)
    if not form.is_valid():
        name, (message, *_) = next(iter(form.errors.items()))
        raise InvalidInput(message, field=name)
    text, title = form.cleaned_data["text"], form.cleaned_data["title"]
    questions.answer_as_decision(question, text, title=title, by=request.user)
    return told(request, item, "The question is answered, and the decision is in the log.")


@require_POST
def reopen(request, product_key, number, question_id):
    item, question = _question(request, product_key, number, question_id)
    questions.reopen(question, by=request.user)
    return told(request, item, "The question is open again.")


def _question(request, product_key, number, question_id):
    item = visible_item(request, product_key, number)
    return item, get_object_or_404(item.questions, pk=question_id)
