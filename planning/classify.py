"""Suggest what an item is from its words: words with a known meaning first, then what people have chosen before.

One logistic regression for each label over hashed words and pairs of words, learnt one choice at a time by AdaGrad
(Duchi, Hazan & Singer 2011). It speaks only above the chance from which on it has been right nine times in
ten, by its own record of predictions made before each answer was known (Dawid 1984), with a standard error to spare;
else it abstains. docs/planning.md has the measured figures. Nothing is ever set by it.
"""

import math
import re
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

WIDTH = 2**15
# It must have been right so often, in so many predictions, where it speaks.
PRECISION = 0.90
FEWEST_PREDICTIONS = 20
_BINS = 20
_RATE = 0.5
_TITLE, _TEXT = 1.0, 0.3
# Beyond, more text says nothing new.
_MOST_WORDS = 120
_NAMED_WORDS = 2
_WORD = re.compile(r"[^\W\d_][\w-]+")

# Words whose meaning is known beforehand, in English and French, by the type they speak for.
LEXICON: Mapping[str, str] = {
    "debt": r"refactor\w*|clean[ -]?up|technical debt|legacy|deprecat\w+|remove dead|hand-written"
    r"|dette technique|nettoyer",
    "infrastructure": r"deploy\w*|docker|kubernetes|terraform|ci/cd|pipeline|provision\w*|monitoring|backup|failover"
    r"|déploiement|sauvegarde",
    "security": r"secur\w+|vulnerab\w+|cve|encrypt\w*|certificate|hardening|xss|csrf|sécurité|chiffr\w+",
    "test_architecture": r"unit tests?|integration tests?|test (suite|harness|coverage)|contract tests?|flaky"
    r"|jeu de tests",
    "architecture": r"architecture|decouple|split .+ from .+|interface between|module boundar\w+|découpl\w+",
    "spike": r"spike|investigate|evaluate|prototype|proof of concept|find out|research|étudier|évaluer",
    "enabler": r"upgrade|migrat\w+|schema|api version|idempoten\w+|event bus|message queue|mise à niveau|migrer",
    "bug": r"bug|crash\w*|exception|broken|does not work|doesn't work|fails? (to|when)|wrong|erreur|ne fonctionne pas",
}


@dataclass(frozen=True)
class Features:
    """Hashed words: places below WIDTH with their values, scaled to length one; words: by place, as written."""

    places: np.ndarray
    values: np.ndarray
    words: Mapping[int, str]


@dataclass(frozen=True)
class Suggestion:
    """chance: None where a word says it, and nothing was learnt. words: what spoke for it most."""

    label: str
    chance: float | None
    words: Sequence[str]


@dataclass
class Model:
    """What was learnt of one question, such as an item's type.

    weights, squares: by label, (WIDTH + 1,) with the bias last; sums of squared gradients. right, total: by twentieths
    of the chance, how many predictions were right, and how many there were.
    """

    weights: dict[str, np.ndarray] = field(default_factory=dict)
    squares: dict[str, np.ndarray] = field(default_factory=dict)
    right: np.ndarray = field(default_factory=lambda: np.zeros(_BINS, int))
    total: np.ndarray = field(default_factory=lambda: np.zeros(_BINS, int))


def features(title: str, text: str = "", hints: Iterable[str] = ()) -> Features:
    """Words and pairs of words of a title, words of a text, and hints such as a component's name as they are."""
    found: dict[int, float] = {}
    words: dict[int, str] = {}

    def add(word, weight):
        place = zlib.crc32(word.encode()) % WIDTH
        found[place] = max(found.get(place, 0.0), weight)
        words.setdefault(place, word)

    in_title = _words(title)
    for word in in_title:
        add(word, _TITLE)
    for one, other in pairwise(in_title):
        add(f"{one} {other}", _TITLE)
    for word in _words(text)[:_MOST_WORDS]:
        add(word, _TEXT)
    for hint in hints:
        add(f"={hint.lower()}", _TITLE)
    places = np.array(sorted(found), int)
    values = np.array([found[place] for place in places], float)
    return Features(places, values / (np.linalg.norm(values) or 1.0), words)


def chances(model: Model, seen: Features) -> dict[str, float]:
    """By label, the chance that it is chosen."""
    return {
        label: 1 / (1 + math.exp(-_clipped(weights[seen.places] @ seen.values + weights[WIDTH])))
        for label, weights in model.weights.items()
    }


def learn(model: Model, seen: Features, chosen: Collection[str]) -> None:
    """Take a person's choice to heart: first note whether it would have been foreseen, then move the weights.

    chosen: the labels that hold, several for tags; labels are made as they come.
    """
    before = chances(model, seen)
    if before:
        best = max(before, key=before.get)
        _note(model, before[best], best in chosen)
    for label in {*before, *chosen}:
        if label not in model.weights:
            model.weights[label] = np.zeros(WIDTH + 1, np.float32)
            model.squares[label] = np.zeros(WIDTH + 1, np.float32)
        error = before.get(label, 0.5) - (label in chosen)
        _step(model, label, np.append(seen.places, WIDTH), error * np.append(seen.values, 1.0))


def threshold(model: Model) -> float | None:
    """The lowest chance from which on it was right often enough; None: it has not earned to speak."""
    right, total = (np.cumsum(counts[::-1])[::-1] for counts in (model.right, model.total))
    spare = np.sqrt(PRECISION * (1 - PRECISION) * total)
    good = (total >= FEWEST_PREDICTIONS) & (right >= PRECISION * total + spare)
    return float(np.argmax(good)) / _BINS if good.any() else None


def suggest(model: Model, seen: Features) -> Suggestion | None:
    """The most likely label, or None where the model abstains: also where no word speaks for it."""
    least, found = threshold(model), chances(model, seen)
    if least is None or not found:
        return None
    best = max(found, key=found.get)
    words = _speaking(model, best, seen)
    return Suggestion(best, found[best], words) if words and found[best] >= least else None


def by_lexicon(title: str) -> Suggestion | None:
    """The type that a known word of the title speaks for; None where words speak for several, or none does."""
    found = {
        label: match[0]
        for label, pattern in LEXICON.items()
        if (match := re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", title, re.IGNORECASE))
    }
    if len(found) != 1:
        return None
    label, word = next(iter(found.items()))
    return Suggestion(label, None, (word.lower(),))


def packed(model: Model) -> bytes:
    """The model as bytes, as short as they get."""
    parts = {f"w:{label}": values.astype(np.float16) for label, values in model.weights.items()}
    parts |= {f"s:{label}": values.astype(np.float16) for label, values in model.squares.items()}
    header, body = [], b""
    for name, values in parts.items():
        filled = np.flatnonzero(values)
        header.append((name, len(filled)))
        body += filled.astype(np.uint16).tobytes() + values[filled].tobytes()
    lines = [f"{count}\t{name}" for name, count in header]
    lines += [",".join(map(str, counts)) for counts in (model.right, model.total)]
    head = "\n".join(lines).encode()
    return zlib.compress(len(head).to_bytes(4, "big") + head + body)


def unpacked(data: bytes) -> Model:
    """The model that `packed` gave; an empty one for no bytes."""
    model = Model()
    if not data:
        return model
    raw = zlib.decompress(data)
    start = 4 + int.from_bytes(raw[:4], "big")
    *labels, right, total = raw[4:start].decode().split("\n")
    model.right, model.total = (np.array([int(count) for count in line.split(",")]) for line in (right, total))
    for line in labels:
        count, _, name = line.partition("\t")
        of = model.weights if name.startswith("w:") else model.squares
        of[name[2:]] = values = np.zeros(WIDTH + 1, np.float32)
        middle, end = start + 2 * int(count), start + 4 * int(count)
        values[np.frombuffer(raw[start:middle], np.uint16)] = np.frombuffer(raw[middle:end], np.float16)
        start = end
    return model


def _words(text):
    return [word.lower() for word in _WORD.findall(text)]


def _clipped(score):
    return min(max(float(score), -30.0), 30.0)


def _note(model, chance, is_right):
    place = min(int(chance * _BINS), _BINS - 1)
    model.total[place] += 1
    model.right[place] += is_right


def _step(model, label, places, gradient):
    squares = model.squares[label]
    squares[places] += gradient**2
    model.weights[label][places] -= _RATE * gradient / (np.sqrt(squares[places]) + 1e-3)


def _speaking(model, label, seen):
    """The words that spoke for it most."""
    shares = model.weights[label][seen.places] * seen.values
    best = [place for place in np.argsort(-shares)[:_NAMED_WORDS] if shares[place] > 0]
    return tuple(seen.words[int(seen.places[place])].removeprefix("=") for place in best)
