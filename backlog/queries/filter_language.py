"""The filter language: `kind:technical (tag:payday OR needs:PAY-131) -ready:yes refund` becomes a tree.

    either = both {"OR" both}
    both   = unary {["AND"] unary}
    unary  = ("NOT" | "-") unary | "(" either ")" | term | words
    term   = field operator value {"," value}
    words  = bare | quoted

The operators are written in capitals, so that "and" and "or" stay words to look for. A tree equals another whatever
the spaces and the superfluous brackets they were written with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import InvalidInput

MOST_CHARACTERS = 1_000
MOST_TERMS = 40
DEEPEST = 12

_SPACE = re.compile(r"\s*")
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*)(:(?:<=|>=|<|>|=)?|<=|>=|<|>|=)")
_BARE = re.compile(r'[^\s()"]+')
_BARE_VALUE = re.compile(r'[^\s()",<>=][^\s()",]*')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_OPERATORS = {"AND", "OR", "NOT"}


class FilterUnreadable(InvalidInput):
    """position, length: in characters, what it is about. expected: what may stand there. nearest: the known word
    that is most like what stands there, empty if none is."""

    code = "filter_unreadable"

    def __init__(self, message: str, *, position: int, length: int = 1, expected=(), nearest: str = ""):
        place = {"position": position, "length": length, "expected": list(expected), "nearest": nearest}
        super().__init__(message, field="filter", **place)


@dataclass(frozen=True)
class Value:
    text: str
    is_quoted: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Words:
    """Something to look for in title and description; quoted: exactly this, in this order."""

    value: Value


@dataclass(frozen=True)
class Term:
    """operator: one of =, <, <=, >, >=. values: any of them."""

    name: str
    operator: str
    values: tuple[Value, ...]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Not:
    operand: "Node"


@dataclass(frozen=True)
class All:
    """Every one of them; none at all is the empty filter."""

    operands: tuple["Node", ...]


@dataclass(frozen=True)
class Any:
    operands: tuple["Node", ...]


Node = Words | Term | Not | All | Any


def read(text: str) -> Node:
    """The tree of a filter; the empty text is `All(())`.

    Raises FilterUnreadable, with the place of the mistake, also for a text longer than 1,000 characters, for more
    than 40 conditions and for brackets deeper than 12.
    """
    if len(text) > MOST_CHARACTERS:
        message = f"A filter has {MOST_CHARACTERS:,} characters at most."
        raise FilterUnreadable(message, position=MOST_CHARACTERS, length=len(text) - MOST_CHARACTERS)
    return _Reader(text).whole()


def write(node: Node) -> str:
    """The text of a tree, as short as it goes: `read(write(node)) == node`."""
    match node:
        case Words(value):
            return _written(value)
        case Term(name, operator, values):
            listed = ",".join(_written(value) for value in values)
            return f"{name}:{'' if operator == '=' else operator}{listed}"
        case Not(operand):
            return f"-{_within(operand)}"
        case All(operands):
            return " ".join(f"({write(each)})" if isinstance(each, Any) else write(each) for each in operands)
        case Any(operands):
            return " OR ".join(write(each) for each in operands)


def joined(*nodes: Node) -> Node:
    """All of them at once, as one tree; what is said twice, once."""
    said = [each for node in nodes for each in conditions(node)]
    return _merged(All, dict.fromkeys(said))


def asking(name: str, value: str) -> str:
    """The text of the one condition that a field has this value, in quotes where it needs them."""
    return write(Term(name, "=", (_spelled(value),)))


def conditions(node: Node) -> tuple[Node, ...]:
    """What holds at once, one by one: what a page shows as chips."""
    return node.operands if isinstance(node, All) else (node,)


def terms(node: Node) -> Iterator[Term | Words]:
    """Everything in the tree that asks something of an item."""
    match node:
        case Not(operand):
            yield from terms(operand)
        case All(operands) | Any(operands):
            for each in operands:
                yield from terms(each)
        case _:
            yield node


def respelled(node: Node, name: str, old: str, new: str) -> Node:
    """The tree with another value wherever this field is asked for the old one, in any case."""

    def value_of(value):
        return _spelled(new) if value.text.lower() == old.lower() else value

    match node:
        case Not(operand):
            return Not(respelled(operand, name, old, new))
        case All(operands) | Any(operands):
            return type(node)(tuple(respelled(each, name, old, new) for each in operands))
        case Term(field_name, operator, values) if field_name == name:
            return Term(name, operator, tuple(map(value_of, values)))
    return node


class _Reader:
    def __init__(self, text):
        self.text, self.at, self.term_count = text, 0, 0

    def whole(self):
        if self._is_over():
            return All(())
        node = self._either(depth=0)
        if not self._is_over():
            raise FilterUnreadable("Nothing opens this bracket.", position=self.at)
        return node

    def _either(self, depth):
        operands = [self._both(depth)]
        while self._takes("OR"):
            operands.append(self._both(depth))
        return _merged(Any, operands)

    def _both(self, depth):
        operands = [self._unary(depth)]
        while True:
            if self._takes("AND") or not self._is_at_end_of_group():
                operands.append(self._unary(depth))
            else:
                return _merged(All, operands)

    def _unary(self, depth):
        if depth > DEEPEST:
            raise FilterUnreadable(f"Brackets go {DEEPEST} deep at most.", position=self.at)
        if self._takes("NOT") or self._takes_minus():
            return Not(self._unary(depth + 1))
        if not self._is_over() and self.text[self.at] == "(":
            return self._group(depth)
        return self._term()

    def _group(self, depth):
        opened = self.at
        self.at += 1
        node = self._either(depth + 1)
        if self._is_over():
            raise FilterUnreadable("This bracket is not closed.", position=opened, expected=[")"])
        self.at += 1
        return node

    def _term(self):
        self._expect_condition()
        self.term_count += 1
        if self.term_count > MOST_TERMS:
            raise FilterUnreadable(f"A filter has {MOST_TERMS} conditions at most.", position=self.at)
        start = self.at
        if found := _FIELD.match(self.text, self.at):
            self.at = found.end()
            operator = found[2].removeprefix(":") or "="
            return Term(found[1].lower().replace("_", "-"), operator, self._values(found), start, self.at)
        return Words(self._value(_BARE))

    def _values(self, found):
        values = []
        while not values or self.text.startswith(",", self.at):
            self.at += bool(values)
            if not _QUOTED.match(self.text, self.at) and not _BARE_VALUE.match(self.text, self.at):
                self._refuse_open_quote()
                raise FilterUnreadable(
                    f"Say what the {found[1].lower()} is to be.",
                    position=found.start(),
                    length=max(self.at - found.start(), 1),
                    expected=[f"value of {found[1].lower()}"],
                )
            values.append(self._value(_BARE_VALUE))
        return tuple(values)

    def _value(self, bare):
        start = self.at
        if found := _QUOTED.match(self.text, start):
            self.at = found.end()
            return Value(_ESCAPED.sub(r"\1", found[1]), is_quoted=True, start=start, end=self.at)
        self._refuse_open_quote()
        self.at = bare.match(self.text, start).end()
        return Value(self.text[start : self.at], start=start, end=self.at)

    def _refuse_open_quote(self):
        if self.text.startswith('"', self.at):
            length = len(self.text) - self.at
            raise FilterUnreadable("These quotes are not closed.", position=self.at, length=length, expected=['"'])

    def _expect_condition(self):
        operator = self._operator()
        if not self._is_over() and self.text[self.at] != ")" and not operator:
            return
        before = self.text[: self.at].rstrip()
        if operator:
            raise FilterUnreadable(f"Before {operator} comes a condition.", position=self.at, length=len(operator))
        if before.endswith("(") and not self._is_over():
            start = len(before) - 1
            message = "There is nothing in these brackets."
            raise FilterUnreadable(message, position=start, length=self.at + 1 - start, expected=["condition"])
        last = before.split()[-1].lstrip("(") if before.strip("( ") else ""
        if not last and not before:
            raise FilterUnreadable("Nothing opens this bracket.", position=self.at)
        said = f"After {last} comes another condition." if last in _OPERATORS else "Here a condition is missing."
        start = len(before) - len(last or before[-1])
        raise FilterUnreadable(said, position=start, length=len(before) - start, expected=["condition"])

    def _is_over(self):
        self.at = _SPACE.match(self.text, self.at).end()
        return self.at == len(self.text)

    def _is_at_end_of_group(self):
        return self._is_over() or self.text[self.at] == ")" or self._operator() == "OR"

    def _operator(self):
        if self._is_over():
            return ""
        found = _BARE.match(self.text, self.at)
        return found[0] if found and found[0] in _OPERATORS - {"NOT"} else ""

    def _takes(self, word):
        if self._is_over():
            return False
        found = _BARE.match(self.text, self.at)
        if found is None or found[0] != word:
            return False
        self.at = found.end()
        return True

    def _takes_minus(self):
        # A dash by itself is no word either, but "- x" reads as two things.
        if not re.match(r"-[^\s)]", self.text[self.at : self.at + 2]):
            return False
        self.at += 1
        return True


def _merged(kind, operands):
    flat = []
    for each in operands:
        flat += each.operands if isinstance(each, kind) else [each]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _spelled(value):
    return Value(value, is_quoted=_BARE_VALUE.fullmatch(value) is None)


def _within(node):
    return f"({write(node)})" if isinstance(node, All | Any) else write(node)


def _written(value):
    if value.is_quoted:
        escaped = value.text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return value.text
