"""What the pages of decisions send in."""

import re

from django import forms

from accounts.models import Membership
from backlog.models import Decision, Item
from backlog.models.decisions import TONES

# What two people may write at once, in the order of the page.
TEXTS = (
    *("title", "plain_summary", "context", "drivers", "decision", "consequences", "confirmation"),
    "more_information",
)
PEOPLE = ("deciders", "consulted", "informed")
LISTS = (*PEOPLE, "items", "components")
EMPTY_OPTIONS = 2


def _text(label, hint, rows=4):
    return forms.CharField(
        label=label, help_text=hint, required=False, widget=forms.Textarea(attrs={"rows": rows}), max_length=100_000
    )


def _names(label, hint):
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=10_000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DecisionForm(forms.Form):
    """The texts, people and links of a decision; its options are forms of their own."""

    title = forms.CharField(
        label="Title",
        max_length=300,
        help_text="The problem and what is done about it, in one line.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    plain_summary = _text(
        "In plain words",
        "For those who pay for it: what changes for them. Two or three sentences without technical terms.",
        rows=3,
    )
    context = _text("Context and problem", "What forces a decision, and why now.", rows=6)
    drivers = _text("Drivers", "What counts in it, one a line, with * before each.")
    decision = _text("Decision", "Why this option: because ...")
    consequences = _text("Consequences", "What becomes better and what becomes worse, with * before each.")
    confirmation = _text("Confirmation", "How you will see that it is kept: a test, a review, a figure.")
    more_information = _text("More information", "Links, votes, when to look at it again.", rows=3)
    deciders = _names("Who decides", "Full names, with commas between. They are asked for their word.")
    consulted = _names("Who is consulted", "Whose opinion is wanted.")
    informed = _names("Who is informed", "They are told once it is decided.")
    items = _names("Items it is about", "Keys, such as PAY-142. A debt entry is an item.")
    components = forms.ModelMultipleChoiceField(
        queryset=None, required=False, label="Components it is about", widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, product, user, **options):
        super().__init__(data, **options)
        self.product, self.user = product, user
        self.fields["components"].queryset = product.components.active().order_by("name")

    def clean_items(self):
        keys = list(dict.fromkeys(re.findall(r"[^\s,;]+", self.cleaned_data["items"])))
        readable = Item.objects.readable_by(self.user).filter(product=self.product)
        found = {key: readable.by_key(key).first() for key in keys}
        if missing := [key for key, item in found.items() if item is None]:
            raise forms.ValidationError(f"There is no {' and no '.join(missing)} here.")
        return list(found.values())

    def clean(self):
        given = super().clean()
        for name in PEOPLE:
            if name in given:
                given[name] = self._people(given[name])
        return given

    def _people(self, text):
        """Members by their name; others as they are written."""
        if not hasattr(self, "_members"):
            members = Membership.objects.active().filter(organization=self.product.organization_id)
            self._members = {each.user.name.casefold(): each.user for each in members.select_related("user")}
        names = (" ".join(name.split()) for name in re.split(r"[,;\n]", text))
        return [self._members.get(name.casefold(), name) for name in names if name]


class OptionForm(forms.Form):
    """One option; without a name it is none. is_chosen is a radio button that all of them share."""

    title = forms.CharField(label="Option", required=False, max_length=300)
    text = _text("What it is", "", rows=2)
    good = _text("Good, because", "One reason a line.", rows=3)
    neutral = _text("Neutral, because", "One a line.", rows=2)
    bad = _text("Bad, because", "One reason a line.", rows=3)

    def clean(self):
        given = super().clean()
        if not given.get("title") and any(given.get(name) for name in ("text", *TONES)):
            self.add_error("title", "Give the option a name.")
        return given

    def as_option(self):
        given = self.cleaned_data
        lists = {tone: given[tone].splitlines() for tone in TONES}
        return {"title": " ".join(given["title"].split()), "text": given["text"], **lists}


class OptionFormSet(forms.formset_factory(OptionForm, extra=EMPTY_OPTIONS, max_num=50, absolute_max=60)):
    """chosen: the place of the option that is decided for; anything else: none yet."""

    def __init__(self, data=None, *, decision=None, **options):
        self.chosen = data.get("chosen", "") if data is not None else _place_of_chosen(decision)
        initial = [_as_initial(option) for option in decision.options] if decision else None
        super().__init__(data, initial=initial, prefix="option", **options)

    def as_values(self) -> dict:
        """`options` and `chosen`, as the actions take them."""
        forms_with_name = [form for form in self.forms if form.cleaned_data.get("title")]
        chosen = next((form for form in forms_with_name if form.prefix == f"option-{self.chosen}"), None)
        return {
            "options": [form.as_option() for form in forms_with_name],
            "chosen": chosen.as_option()["title"] if chosen else "",
        }


def initial_of(decision, links, people) -> dict:
    """What stands in the form of a decision. links: its item keys and components; people: by part, names."""
    names = {name: ", ".join(people[name]) for name in PEOPLE}
    texts = {name: getattr(decision, name) for name in TEXTS}
    return texts | names | {"version": decision.version, "items": ", ".join(links[0]), "components": links[1]}


def _place_of_chosen(decision):
    titles = [option["title"] for option in decision.options] if decision else []
    return str(titles.index(decision.chosen)) if decision and decision.chosen in titles else ""


def _as_initial(option):
    return {"title": option["title"], "text": option["text"]} | {tone: "\n".join(option[tone]) for tone in TONES}


class ReasonForm(forms.Form):
    reason = forms.CharField(required=False, max_length=500)


class SuccessorForm(ReasonForm):
    successor = forms.ModelChoiceField(queryset=None)

    def __init__(self, data, *, decision):
        super().__init__(data)
        holding = Decision.objects.filter(product=decision.product_id, status__in=Decision.OPEN_TO_WORDS)
        self.fields["successor"].queryset = holding.exclude(pk=decision.pk)


class FileForm(forms.Form):
    file = forms.FileField(
        label="Markdown file or zip",
        help_text="Files that begin with their number, such as 0007-send-events.md, keep it.",
        error_messages={"required": "Choose a file first.", "empty": "The file is empty."},
    )
