"""What a filter may ask of an item: the fields, the words each knows, and what they mean in SQL."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from difflib import get_close_matches

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.lookups import Exact

from backlog.models import ComponentOwner, Dependency, Item, ItemComponent, ItemTag, SourceKey
from backlog.queries.filter_language import FilterUnreadable, Term, Value
from backlog.queries.readers import Reader

_DAYS = {"d": 1, "w": 7}
_LARGEST = Decimal(10) ** 9
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,2})?")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_FROM_TODAY = re.compile(r"([+-]?)(\d{1,4})([dw])")
_KEY = re.compile(r"(?:([A-Za-z][A-Za-z0-9]{1,9})[\s-]?)?(\d{1,9})")
_FINISHED = (Item.Status.DONE, Item.Status.ACCEPTED, Item.Status.DROPPED)


@dataclass(frozen=True)
class Scope:
    """Whose rows a filter is asked of. prefix: of the item on the rows, such as "item__". product_key, ordered_types:
    the types whose readiness looks at the order. ids: what the names and keys in the filter stand for, by (kind,
    lower case name)."""

    who: Reader
    product_id: int
    product_key: str
    today: date
    zone: tzinfo
    prefix: str
    ordered_types: tuple[str, ...] = ()
    ids: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def on_item(self, **conditions) -> Q:
        return Q(**{f"{self.prefix}{name}": value for name, value in conditions.items()})

    @property
    def item(self) -> OuterRef:
        return OuterRef("item_id" if self.prefix else "pk")

    @property
    def rank(self) -> OuterRef:
        return OuterRef("rank" if self.prefix else "order_entry__rank")


Meaning = Callable[[Scope, Term, Value], Q]


@dataclass(frozen=True)
class Field:
    """says: what it asks, for those who choose. words: values it knows; names: the kind of names that stand for rows,
    such as "tag". compares: whether < and > mean something."""

    name: str
    says: str
    means: Meaning
    words: tuple[str, ...] = ()
    names: str = ""
    compares: bool = False

    def refuse(self, value: Value, message: str, known=()) -> FilterUnreadable:
        known = [*known, *self.words]
        return FilterUnreadable(
            message, position=value.start, length=value.end - value.start, expected=known, nearest=nearest(value, known)
        )


_fields: dict[str, Field] = {}


def register(*fields: Field) -> None:
    """Let filters ask this too; a higher app does so in its `apps.py`."""
    for each in fields:
        _fields[each.name] = each


def known_fields() -> list[Field]:
    return sorted(_fields.values(), key=lambda each: each.name)


def field_of(term: Term) -> Field:
    """Raises FilterUnreadable for a name that is none."""
    if known := _fields.get(term.name):
        if term.operator != "=" and not known.compares:
            message = f"{known.name} is this or that, not more or less: write {known.name}: and a value."
            raise FilterUnreadable(message, position=term.start, length=len(term.name) + 2, expected=[":"])
        return known
    close = get_close_matches(term.name, _fields, n=1, cutoff=0.6)
    hint = f"Did you mean {close[0]}?" if close else "Put it in quotes to look for the text itself."
    raise FilterUnreadable(
        f"There is no “{term.name}” to filter by. {hint}",
        position=term.start,
        length=len(term.name),
        expected=sorted(_fields),
        nearest=close[0] if close else "",
    )


def nearest(value: Value, known) -> str:
    """The known word most like the value, empty if none is like it."""
    by_spelling = {word.lower(): word for word in known}
    close = get_close_matches(value.text.lower(), by_spelling, n=1, cutoff=0.6)
    return by_spelling[close[0]] if close else ""


def is_key(text: str) -> bool:
    """Is it written like the key of an item, here or where it came from?"""
    return _KEY.fullmatch(text.strip()) is not None


def number_in(text: str, product_key: str) -> int | None:
    """The number of an item of this product that is written as 142, PAY-142, pay 142 or, with a slip, pya-142."""
    found = _KEY.fullmatch(text.strip())
    if found is None or (found[1] and not get_close_matches(found[1].upper(), [product_key], cutoff=0.6)):
        return None
    return int(found[2])


def _sentence(words):
    *others, last = [word for word in words if word]
    return f"{', '.join(others)} or {last}" if others else last


def _no_such(known, value):
    suggestion = nearest(value, known.words)
    hint = f"Did you mean {suggestion}?" if suggestion else f"It is {_sentence(known.words)}."
    return known.refuse(value, f"“{value.text}” is no {known.name}. {hint}")


def choice(name: str, says: str, column: str, values) -> Field:
    """A field whose column holds one of a few values."""
    spelled = {value.replace("_", "-"): value for value in values}

    def means(scope, term, value):
        chosen = spelled.get(re.sub(r"[\s_]+", "-", value.text.lower()))
        if chosen is None:
            raise _no_such(made, value)
        return scope.on_item(**{column: chosen})

    made = Field(name, says, means, words=tuple(spelled))
    return made


def yes_no(name: str, says: str, condition: Callable[[Scope], Q]) -> Field:
    def means(scope, term, value):
        match value.text.lower():
            case "yes":
                return condition(scope)
            case "no":
                return ~condition(scope)
        raise _no_such(made, value)

    made = Field(name, says, means, words=("yes", "no"))
    return made


def named(name: str, says: str, kind: str, *, column: str = "", rows=None, words=("none", "any")) -> Field:
    """A field whose value is the name of a row. column: of the item, that holds its id; else rows: of the scope and
    ids (None: any), the condition."""

    def condition(scope, ids):
        if rows:
            return rows(scope, ids)
        return ~scope.on_item(**{column: None}) if ids is None else scope.on_item(**{f"{column}__in": ids})

    def means(scope, term, value):
        word = "" if value.is_quoted else value.text.lower()
        if word == "none":
            return ~condition(scope, None)
        if word == "any":
            return condition(scope, None)
        if word == "me" and "me" in words:
            return condition(scope, (scope.who.user_id,))
        return condition(scope, scope.ids[kind, value.text.lower()])

    return Field(name, says, means, words=words, names=kind)


def _number(known, value, text):
    if not _NUMBER.fullmatch(text):
        examples = f"{known.name}:5, {known.name}:>5 or {known.name}:3..8"
        raise known.refuse(value, f"“{value.text}” is no number. Write {examples}.")
    return Decimal(text)


def numeric(name: str, says: str, column: str, *, words=()) -> Field:
    def means(scope, term, value):
        if value.text in words:
            return scope.on_item(**{column: None}) if value.text == "none" else ~scope.on_item(**{column: None})
        low, between, high = value.text.partition("..")
        if between:
            _refuse_both(made, term, value)
            low = _number(made, value, low) if low else Decimal(0)
            high = _number(made, value, high) if high else _LARGEST
            return scope.on_item(**{f"{column}__gte": low, f"{column}__lte": high})
        lookup = {"=": "", "<": "__lt", "<=": "__lte", ">": "__gt", ">=": "__gte"}[term.operator]
        return scope.on_item(**{f"{column}{lookup}": _number(made, value, value.text)})

    made = Field(name, says, means, words=words, compares=True)
    return made


def _refuse_both(known, term, value):
    if term.operator != "=":
        raise known.refuse(value, "Either a range or one end of it: write 3..8 or >=3.")


def _days(known, scope, value, text):
    """The days that a text names, as [from, until)."""
    today, words = scope.today, {"today": 0, "yesterday": -1, "tomorrow": 1}
    if text.lower() in words:
        first = today + timedelta(days=words[text.lower()])
        return first, first + timedelta(days=1)
    if found := _FROM_TODAY.fullmatch(text):
        first = today + timedelta(days=int(f"{found[1] or '+'}{found[2]}") * _DAYS[found[3]])
        return first, first + timedelta(days=1)
    if found := _DATE.fullmatch(text):
        year, month, day = int(found[1]), found[2] and int(found[2]), found[3] and int(found[3])
        try:
            first = date(year, month or 1, day or 1)
            following = date(year + 1, 1, 1) if not month else date(year + month // 12, month % 12 + 1, 1)
            return first, first + timedelta(days=1) if day else following
        except ValueError:
            raise known.refuse(value, f"There is no day {text}.") from None
    example = f"{known.name}:2026-12, {known.name}:<2026-12-24, {known.name}:>-2w or {known.name}:today"
    raise known.refuse(value, f"“{value.text}” is no date. Write for example {example}.")


def dated(name: str, says: str, column: str, *, words: tuple[str, ...], has_time: bool, ahead: bool) -> Field:
    """A field that holds a day. ahead: whether a bare span such as 2w lies before us or behind us."""

    def edge(scope, day):
        return datetime.combine(day, time(), scope.zone) if has_time else day

    def means(scope, term, value):
        word = value.text.lower()
        # The product again, for the index of its due dates.
        return scope.on_item(product=scope.product_id) & within(scope, term, value, word)

    def within(scope, term, value, word):
        if word in ("none", "any"):
            return scope.on_item(**{column: None}) if word == "none" else ~scope.on_item(**{column: None})
        if word == "overdue" and "overdue" in words:
            return scope.on_item(**{f"{column}__lt": scope.today})
        first, until = span(scope, term, value)
        match term.operator:
            case "<":
                return scope.on_item(**{f"{column}__lt": edge(scope, first)})
            case "<=":
                return scope.on_item(**{f"{column}__lt": edge(scope, until)})
            case ">":
                return scope.on_item(**{f"{column}__gte": edge(scope, until)})
            case ">=":
                return scope.on_item(**{f"{column}__gte": edge(scope, first)})
        return scope.on_item(**{f"{column}__gte": edge(scope, first), f"{column}__lt": edge(scope, until)})

    def span(scope, term, value):
        low, between, high = value.text.partition("..")
        if between:
            _refuse_both(made, term, value)
            first = _days(made, scope, value, low)[0] if low else date(1, 1, 2)
            return first, _days(made, scope, value, high)[1] if high else date(9999, 1, 1)
        first, until = _days(made, scope, value, value.text)
        if not _FROM_TODAY.fullmatch(value.text) or value.text[0] in "+-":
            return first, until
        if term.operator != "=":
            raise made.refuse(value, f"Say from where: {name}:<-{value.text} or {name}:>-{value.text}.")
        return (scope.today, until) if ahead else (scope.today - (first - scope.today), scope.today + timedelta(days=1))

    made = Field(name, says, means, words=words, compares=True)
    return made


# What some fields ask.


def _is_ready(scope):
    # As a difference, of which PostgreSQL keeps statistics (migration item_checks_missing): of two equal columns it
    # believes that they are rare, and sorts the whole list.
    missing = F(f"{scope.prefix}checks_total") - F(f"{scope.prefix}checks_met")
    met = Q(Exact(missing, 0))
    if not scope.ordered_types:
        return met
    return met & ~(scope.on_item(type__in=scope.ordered_types) & _is_waiting(scope))


def _is_engaged(scope):
    return scope.on_item(pk__in=Item.objects.engaged().filter(product=scope.product_id).values("pk"))


def _is_waiting(scope):
    """It needs something unfinished that neither stands above it nor is in a sprint of this product."""
    needs = Dependency.objects.filter(scope.who.readable("enabler__"), dependent=scope.item)
    is_here = Q(enabler__product=scope.product_id)
    ahead = is_here & Q(enabler__status__in=Item.UNFINISHED) & ~_is_below(scope)
    return Q(Exists(needs.exclude(enabler__status__in=_FINISHED).exclude(ahead)))


def _is_inverted(scope):
    return Q(Exists(Dependency.objects.filter(scope.who.readable("enabler__"), _is_below(scope), dependent=scope.item)))


def _is_below(scope):
    order = {"list": scope.who.ordered.pk, "is_listed": True, "rank__gt": scope.rank}
    return Q(**{f"enabler__order_entry__{name}": value for name, value in order.items()})


def _is_pinned(scope):
    return Q(is_pinned=True) if scope.prefix else Q(order_entry__is_pinned=True)


def _tagged(scope, ids):
    links = ItemTag.objects.filter(item=scope.item)
    return Q(Exists(links if ids is None else links.filter(tag__in=ids)))


def _touching(scope, ids):
    links = ItemComponent.objects.filter(item=scope.item)
    if ids is None:
        return Q(Exists(links)) | ~scope.on_item(component=None)
    return scope.on_item(component__in=ids) | Q(Exists(links.filter(component__in=ids)))


def _in_feature(scope, ids):
    of_type = scope.on_item(component__type="feature")
    return of_type if ids is None else of_type & scope.on_item(component__in=ids)


def _owned(scope, ids):
    owners = ComponentOwner.objects.filter(component=OuterRef(f"{scope.prefix}component"))
    return Q(Exists(owners if ids is None else owners.filter(user__in=ids)))


def _linked(here, there):
    def rows(scope, ids):
        links = Dependency.objects.filter(scope.who.readable(f"{there}__"), **{here: scope.item})
        return Q(Exists(links if ids is None else links.filter(**{f"{there}__in": ids})))

    return rows


def _keyed(scope, term, value):
    low, between, high = value.text.partition("..")
    first, last = (number_in(text, scope.product_key) for text in (low, high if between else low))
    if first is not None and last is not None:
        return scope.on_item(product=scope.product_id, number__gte=first, number__lte=last)
    if between:
        raise field_of(term).refuse(value, f"Write {scope.product_key}-1..{scope.product_key}-20.")
    return Q(Exists(SourceKey.objects.filter(item=scope.item, key=value.text.upper())))


_PEOPLE = ("me", "none", "any")
_DATES = ("today", "yesterday")

register(
    choice("kind", "functional or technical", "kind", Item.Kind.values),
    choice("type", "story, bug, enabler …", "type", Item.Type.values),
    choice("status", "open, in progress, done …", "status", Item.Status.values),
    yes_no("ready", "its Definition of Ready is met", _is_ready),
    yes_no("blocked", "it needs something that is neither done nor above it", _is_waiting),
    yes_no("inverted", "it stands above something it needs", _is_inverted),
    yes_no("pinned", "it keeps its place", _is_pinned),
    yes_no("restricted", "only for those who must know of it", lambda scope: scope.on_item(is_restricted=True)),
    yes_no("engaged", "it needs a technical owner's word", _is_engaged),
    named("component", "the component that owns it", "component", column="component"),
    named("touches", "a component that owns it or that it touches", "component", rows=_touching),
    named("feature", "the feature that owns it", "feature", rows=_in_feature),
    named("tag", "a tag it carries", "tag", rows=_tagged),
    named("team", "the team that has it", "team", column="team"),
    named("goal", "the goal it serves", "goal", column="goal"),
    named("assignee", "who works on it", "person", column="assignee", words=_PEOPLE),
    named("owner", "the technical owner of its component", "person", rows=_owned, words=_PEOPLE),
    named("needs", "what it needs, by key", "key", rows=_linked("dependent", "enabler")),
    named("enables", "what it enables, by key", "key", rows=_linked("enabler", "dependent")),
    numeric("points", "its estimate: 5, >5, 3..8", "points", words=("none", "any")),
    numeric("questions", "how many are open: 0, >0", "open_question_count"),
    dated("due", "its due date", "due_on", words=("overdue", "today", "none", "any"), has_time=False, ahead=True),
    dated("created", "when it was written", "created_at", words=_DATES, has_time=True, ahead=False),
    dated("updated", "when it was last changed", "updated_at", words=_DATES, has_time=True, ahead=False),
    Field("key", "its key, or a range of them", _keyed),
)
