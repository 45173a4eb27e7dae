"""Find items of a product by words in title and description, by key, and by nearly the right word."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from backlog.models import Item
from backlog.queries.readers import reader

SHOWN = 50
MOST_CANDIDATES = 1_000
# With fewer hits than this, words that are only similar count too.
FEW = 5
# PostgreSQL's own threshold, 0.6, takes "gatway" for another word than "gateway"; "payuot" is less like "payout" than
# "payment" is.
_NEARLY = 0.45
_ROUGHLY = 0.4
_NUMBERED = re.compile(r"[A-Za-z]{0,10}[\s-]?(\d{1,9})")


@dataclass(frozen=True)
class Hit:
    id: int
    key: str
    title: str
    kind: str
    type: str
    status: str
    is_listed: bool

    @property
    def status_label(self) -> str:
        return Item.Status(self.status).label


@dataclass(frozen=True)
class SearchResult:
    """hits: what is in the list first, in backlog order. is_capped: there were more than 1,000 to order."""

    hits: list[Hit]
    is_capped: bool


def search(product, user, text: str) -> SearchResult:
    """The first 50 items of a product that match all the words, of which the last may be unfinished."""
    words = re.findall(r"\w+", text)[:12]
    if not words:
        return SearchResult([], is_capped=False)
    items = Item.objects.filter(reader(product, user).readable(), product=product)
    candidates = _candidates(items.filter(_full_text(words)))
    is_capped = len(candidates) > MOST_CANDIDATES
    named = _by_key(items, text)
    if len(candidates) < FEW and not named and not _NUMBERED.fullmatch(text.strip()):
        candidates += similar(items, " ".join(words), is_all=not candidates)
    return SearchResult(hits(product.key, [*named, *candidates[:MOST_CANDIDATES]]), is_capped)


def hits(product_key: str, ids: Collection[int]) -> list[Hit]:
    """The first 50 of these items of a product: what is in the list first, in its order."""
    is_listed = Coalesce("order_entry__is_listed", False)
    found = Item.objects.filter(pk__in=ids).annotate(is_listed=is_listed)
    fields = ("pk", "number", "title", "kind", "type", "status", "is_listed")
    ordered = found.order_by("-is_listed", "order_entry__rank", "pk").values_list(*fields)[:SHOWN]
    return [Hit(pk, f"{product_key}-{number}", *rest) for pk, number, *rest in ordered]


def _candidates(items):
    return list(items.order_by().values_list("pk", flat=True)[: MOST_CANDIDATES + 1])


def _full_text(words):
    terms = [f"'{word}':*" if word == words[-1] else f"'{word}'" for word in words]
    return Q(search=SearchQuery(" & ".join(terms), search_type="raw", config="english"))


def similar(items: QuerySet, words: str, *, is_all: bool) -> list[int]:
    """Ids of the items whose title has nearly these words, 1,001 at most.

    is_all: nothing else was found, so that what is only roughly like them counts where nothing is nearly.
    """
    return _similar(items, words, _NEARLY) or (_similar(items, words, _ROUGHLY) if is_all else [])


@transaction.atomic
def _similar(items, words, threshold):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = %s", [threshold])
    return _candidates(items.filter(title__trigram_word_similar=words))


def _by_key(items, text):
    """The number alone, the key, the key without its dash or with a slip in its letters; a key in the source."""
    found = list(items.filter(source_keys__key=text.strip().upper()).values_list("pk", flat=True)[:1])
    if slipped := _NUMBERED.fullmatch(text.strip()):
        found += items.filter(number=int(slipped[1])).values_list("pk", flat=True)
    return found
