"""Find items that say the same, by the cosine of their weighted words (TF-IDF; Salton & Buckley 1988)."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

_WORD = re.compile(r"[^\W_]{2,}")
# A title says more than any sentence below it.
_TITLE = 3
# The share of the commonest words that tell nothing.
_TOO_COMMON = 0.25


@dataclass(frozen=True)
class Likeness:
    """place: of the other text; cosine: 0 … 1."""

    place: int
    cosine: float


class Texts:
    """Titles and texts, weighed once, asked often. texts: pairs of title and text; may be empty."""

    def __init__(self, texts: Sequence[tuple[str, str]]):
        counts = [_counts(title, text) for title, text in texts]
        holding = Counter(word for count in counts for word in count)
        most = max(2, _TOO_COMMON * len(texts))
        kept = sorted(word for word, number in holding.items() if number <= most)
        self._column = {word: column for column, word in enumerate(kept)}
        self._rarity = np.array([math.log((1 + len(texts)) / (1 + holding[word])) + 1 for word in kept])
        self._rows = self._matrix(counts)

    def like(self, title: str, text: str = "", *, most: int = 5) -> list[Likeness]:
        """The texts most like this one, the likest first; only those that share a word."""
        scores = (self._rows @ self._matrix([_counts(title, text)]).T).toarray().ravel()
        best = np.argsort(-scores, kind="stable")[:most]
        return [Likeness(int(place), float(scores[place])) for place in best if scores[place] > 0]

    def _matrix(self, counts):
        rows, columns, values = [], [], []
        for row, count in enumerate(counts):
            for word, number in count.items():
                if word in self._column:
                    rows.append(row)
                    columns.append(self._column[word])
                    values.append(1 + math.log(number))
        matrix = sparse.csr_matrix((values, (rows, columns)), (len(counts), len(self._column)))
        matrix = matrix.multiply(self._rarity).tocsr()
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        return (sparse.diags(1 / np.where(lengths > 0, lengths, 1)) @ matrix).tocsr()


def _counts(title, text):
    words = Counter(_TITLE * _words(title))
    words.update(_words(text))
    return words


def _words(text):
    """Words without the ending of a plural."""
    return [word.lower().removesuffix("s") for word in _WORD.findall(text)]
