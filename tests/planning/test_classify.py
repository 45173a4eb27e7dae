"""Suggestions from words: what they say, when they stay silent, and that they learn."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import classify
from planning.duplicates import Texts

WORDS = {
    "debt": ("mapper", "rounding", "copied", "ugly", "rewrite"),
    "story": ("customer", "checkout", "button", "refund", "receipt"),
}


def titles(count, seed=1):
    rng = random.Random(seed)
    for _ in range(count):
        label = rng.choice(list(WORDS))
        yield label, " ".join([*rng.choices(WORDS[label], k=3), rng.choice(("payment", "order", "page"))])


def taught(count):
    model = classify.Model()
    for label, title in titles(count):
        classify.learn(model, classify.features(title), [label])
    return model


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Refactor the fee table", "debt"),
        ("Rotate the signing certificate", "security"),
        ("Deploy to a second region", "infrastructure"),
        ("Contract tests for the ledger", "test_architecture"),
        ("Investigate what scoring costs", "spike"),
        ("Checkout crashes without a card", "bug"),
        ("Refund in two parts", None),
        # Two meanings, no suggestion.
        ("Refactor the deployment pipeline", None),
        # A part of a word is not the word.
        ("Bugle calls at noon", None),
    ],
)
def test_words_with_a_known_meaning(title, label):
    found = classify.by_lexicon(title)

    assert (found and found.label) == label


def test_it_stays_silent_until_it_has_been_right_often_enough():
    assert classify.suggest(taught(15), classify.features("customer refund button")) is None

    model = taught(200)

    said = classify.suggest(model, classify.features("customer refund button"))
    assert (said.label, said.chance > 0.8) == ("story", True)
    assert set(said.words) & {"customer", "refund", "button", "customer refund", "refund button"}
    assert classify.suggest(model, classify.features("entirely other matters")) is None


def test_noise_earns_it_no_word():
    rng = random.Random(3)
    model = classify.Model()
    for _, title in titles(300):
        classify.learn(model, classify.features(title), [rng.choice(list(WORDS))])

    assert classify.suggest(model, classify.features("customer refund button")) is None


def test_a_model_survives_being_packed():
    model = taught(60)

    again = classify.unpacked(classify.packed(model))

    seen = classify.features("customer mapper")
    for label, chance in classify.chances(model, seen).items():
        assert classify.chances(again, seen)[label] == pytest.approx(chance, abs=0.01)
    assert (again.total == model.total).all()
    assert classify.chances(classify.unpacked(b""), seen) == {}


@given(st.text(max_size=80), st.text(max_size=200))
def test_features_are_of_length_one_whatever_is_written(title, text):
    seen = classify.features(title, text, hints=["Payouts"])

    assert np.linalg.norm(seen.values) == pytest.approx(1)
    assert len(seen.places) == len(set(seen.places)) and seen.places.max() < classify.WIDTH


def test_what_says_the_same_comes_first():
    texts = Texts(
        [
            ("Weekend payouts for merchants", "Banks settle on weekdays only"),
            ("Show fees on the receipt", "Customers ask what a payment cost"),
            ("Payouts at weekends", "A merchant wants money on Sunday"),
            ("Rotate the certificate", "It ends in January"),
        ]
    )

    assert [one.place for one in texts.like("Merchant payouts on weekends", most=2)] == [0, 2]
    assert texts.like("Quite another thing") == []
    assert Texts([]).like("Anything") == []
