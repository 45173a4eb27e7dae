"""Hold a filter against a product: what its names stand for, which items it finds, and what it says to people."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Team, User
from backlog.models import Component, Goal, Item, SourceKey, Tag
from backlog.queries import filter_language as language
from backlog.queries.filter_fields import Scope, field_of, is_key, known_fields, nearest, number_in
from backlog.queries.filter_language import FilterUnreadable
from backlog.queries.readers import Reader
from backlog.queries.readiness import types_held_against_order
from backlog.queries.search import FEW, similar

# Names offered where one was not understood are looked for among so many.
MOST_NAMES = 2_000
# Words that more items have than this are met soon enough on the way along the order.
MOST_RARE = 2_000
_REACHES_OUTSIDE = {"status", "sprint", "key"}


@dataclass(frozen=True)
class Condition:
    """One of the conditions that hold at once. without: the filter that is left when it goes."""

    name: str
    value: str
    text: str
    without: str


@dataclass(frozen=True)
class Filter:
    """A filter that was understood. text: as short as it goes. condition: on the rows it was made for."""

    text: str
    conditions: tuple[Condition, ...]
    condition: Q
    tree: language.Node
    scope: Scope

    @property
    def is_empty(self) -> bool:
        return not self.text

    @property
    def looks_outside(self) -> bool:
        """Does it name something that items out of the list may have too: words, a key, a status, a sprint?"""
        asked = language.terms(self.tree)
        return any(isinstance(each, language.Words) or each.name in _REACHES_OUTSIDE for each in asked)

    def find(self, rows: QuerySet, *, most: int | None = None) -> list:
        """The first of the rows that fit; with fewer than five, those whose title has nearly the words too."""
        found = list(rows.filter(self._found_first() if most else self.condition)[:most])
        if len(found) >= FEW or not (words := self._words()):
            return found
        items = Item.objects.filter(self.scope.who.readable(), product=self.scope.product_id)
        near = similar(items, words, is_all=not found)
        return list(rows.filter(self._nearly(near))[:most]) if near else found

    def _found_first(self):
        """The condition, with rare words looked up beforehand: PostgreSQL would go along the order to find them."""
        values = [each.value for each in language.conditions(self.tree) if isinstance(each, language.Words)]
        if not values:
            return self.condition
        scope = replace(self.scope, prefix="")
        items = Item.objects.filter(_all(_looked_for(values, scope)), product=scope.product_id).order_by()
        ids = list(items.values_list("pk", flat=True)[: MOST_RARE + 1])
        return self.condition if len(ids) > MOST_RARE else self._rest() & self.scope.on_item(pk__in=ids)

    def on_items(self) -> "Filter":
        """The same, to be asked of items instead of places."""
        scope = replace(self.scope, prefix="")
        return replace(self, scope=scope, condition=_condition(self.tree, scope))

    def _words(self):
        """What is written as plain words; whoever quotes, or writes a key, means it."""
        values = [each.value for each in language.conditions(self.tree) if isinstance(each, language.Words)]
        if any(value.is_quoted or is_key(value.text) for value in values):
            return ""
        return " ".join(value.text for value in values)

    def _nearly(self, ids):
        return self.condition | (self._rest() & self.scope.on_item(pk__in=ids))

    def _rest(self):
        rest = [each for each in language.conditions(self.tree) if not isinstance(each, language.Words)]
        return _condition(language.joined(*rest), self.scope)


def understand(product, who: Reader, text: str, *, named: QuerySet) -> Filter:
    """What a filter asks of places in the product's list, in one statement for each kind of name it holds.

    named: the items whose keys may stand in it. Raises FilterUnreadable.
    """
    tree = language.read(text)
    scope = Scope(
        who=who,
        product_id=product.pk,
        product_key=product.key,
        today=product.organization.today(),
        zone=product.organization.zone,
        prefix="item__",
        ordered_types=types_held_against_order(product),
    )
    scope = replace(scope, ids=_ids(product, tree, named))
    return Filter(language.write(tree), _conditions(tree), _condition(tree, scope), tree, scope)


def together(*filters: Filter) -> str:
    """The text that asks for all of them at once."""
    return language.write(language.joined(*(each.tree for each in filters)))


def known_words(product) -> list[dict]:
    """The fields with what each says and the values that may be offered, for completion."""
    names = {kind: sorted(_known(product, kind), key=str.lower) for kind in _NAMES}
    return [
        {"name": each.name, "says": each.says, "values": [*each.words, *names.get(each.names, ())]}
        for each in known_fields()
    ]


def _conditions(tree):
    each = language.conditions(tree)
    return tuple(
        Condition(*_said(node), language.write(node), language.write(language.joined(*each[:at], *each[at + 1 :])))
        for at, node in enumerate(each)
    )


def _said(node):
    match node:
        case language.Words(value):
            return "", language.write(node)
        case language.Term(name, operator, values):
            return name, ("" if operator == "=" else operator) + ", ".join(value.text for value in values)
        case language.Not(language.Term() as term):
            name, value = _said(term)
            return f"not {name}", value
    return "", language.write(node)


# Conditions.


def _condition(node, scope) -> Q:
    match node:
        case language.All(operands):
            words = [each.value for each in operands if isinstance(each, language.Words)]
            rest = [_condition(each, scope) for each in operands if not isinstance(each, language.Words)]
            return _all([*rest, *_looked_for(words, scope)])
        case language.Any(operands):
            return _any(_condition(each, scope) for each in operands)
        case language.Not(operand):
            return ~_condition(operand, scope)
        case language.Words(value):
            return _all(_looked_for([value], scope))
        case language.Term(values=values):
            known = field_of(node)
            return _any(known.means(scope, node, value) for value in values)


def _all(conditions):
    whole = Q()
    for each in conditions:
        whole &= each
    return whole


def _any(conditions):
    whole = Q()
    for each in conditions:
        whole |= each
    return whole


def _looked_for(values, scope):
    """Words that stand together are one look at the index, but for those that may be keys."""
    alone = [value for value in values if not value.is_quoted and number_in(value.text, scope.product_key) is not None]
    together = [value for value in values if value not in alone]
    made = [_has_words(together, scope)] if together else []
    for value in alone:
        numbered = scope.on_item(product=scope.product_id, number=number_in(value.text, scope.product_key))
        made.append(numbered | _has_words([value], scope))
    return made


def _has_words(values, scope):
    terms = []
    for value in values:
        words = re.findall(r"\w+", value.text)
        if not words:
            message = f"There is no word in {language.write(language.Words(value))} to look for."
            raise FilterUnreadable(message, position=value.start, length=value.end - value.start)
        joint = " <-> " if value.is_quoted else " & "
        terms.append(joint.join(f"'{word}'" if value.is_quoted else f"'{word}':*" for word in words))
    query = SearchQuery(" & ".join(f"({term})" for term in terms), search_type="raw", config="english")
    condition = scope.on_item(search=query)
    if len(values) == 1 and not values[0].is_quoted and "-" in values[0].text:
        condition |= Q(Exists(SourceKey.objects.filter(item=scope.item, key=values[0].text.upper())))
    return condition


# Names.


def _components(product):
    return Component.objects.filter(product=product)


def _people(product):
    return User.objects.filter(memberships__organization=product.organization_id)


_NAMES = {
    "component": (_components, "name"),
    "feature": (lambda product: _components(product).filter(type="feature"), "name"),
    "tag": (lambda product: Tag.objects.filter(product=product), "name"),
    "team": (lambda product: Team.objects.filter(product_links__product=product), "name"),
    "goal": (lambda product: Goal.objects.filter(product=product), "title"),
    "person": (_people, "name"),
}


def _ids(product, tree, named):
    asked = defaultdict(dict)
    for term in language.terms(tree):
        if isinstance(term, language.Term) and (kind := field_of(term).names):
            for value in term.values:
                if value.is_quoted or value.text.lower() not in field_of(term).words:
                    asked[kind].setdefault(value.text.lower(), (term, value))
    ids = {}
    for kind, values in asked.items():
        found = _keys(product, values, named) if kind == "key" else _found(product, kind, values)
        for text, (term, value) in values.items():
            if text not in found:
                raise _unknown(product, kind, term, value)
            ids[kind, text] = tuple(found[text])
    return ids


def _found(product, kind, values):
    rows, column = _NAMES[kind]
    spelled = rows(product).annotate(spelled=Lower(column))
    found = defaultdict(list)
    for pk, name in spelled.filter(_named(kind, values)).values_list("pk", "spelled"):
        for text in (name, name.partition(" ")[0]) if kind == "person" else (name,):
            found[text].append(pk)
    return found


def _named(kind, values):
    condition = Q(spelled__in=list(values))
    if kind == "person":
        # By the first name alone too: whoever bears it.
        for text in values:
            condition |= Q(spelled__startswith=f"{text} ")
    return condition


def _keys(product, values, named):
    found = defaultdict(list)
    wanted = {text.upper(): text for text in values}
    here = {f"{product.key}-{text}" if text.isdigit() else text.upper(): text for text in values}
    pairs = [key.rpartition("-") for key in here]
    condition = Q(source_keys__key__in=list(wanted))
    for product_key, _, number in pairs:
        if number.isascii() and number.isdigit() and len(number) < 10:
            condition |= Q(product__key=product_key, number=int(number))
    rows = named.filter(condition, organization=product.organization_id)
    for pk, key, number, source in rows.values_list("pk", "product__key", "number", "source_keys__key").distinct():
        for spelled in (f"{key}-{number}", source):
            if (text := here.get(spelled) or wanted.get(spelled)) and pk not in found[text]:
                found[text].append(pk)
    return found


def _known(product, kind) -> list[str]:
    rows, column = _NAMES[kind]
    return list(rows(product).order_by(column).values_list(column, flat=True).distinct()[:MOST_NAMES])


def _unknown(product, kind, term, value):
    known = field_of(term)
    if kind == "key":
        return known.refuse(value, f"There is no item {value.text} that you may see.")
    names = _known(product, kind)
    suggestion = nearest(value, [*names, *known.words])
    what = {"person": "person"}.get(kind, kind)
    hint = f"Did you mean {suggestion}?" if suggestion else f"Write {known.name}: and choose from what is offered."
    return known.refuse(value, f"There is no {what} “{value.text}”. {hint}", known=names)
