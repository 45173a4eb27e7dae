"""Suggest what an imported item is, functional or technical, from its type, component or label."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Suggestion:
    """kind: "kind/type", or "" for nothing to say. reason: one sentence for the person who reviews it."""

    kind: str
    reason: str


_BY_TYPE = (
    (r"bug|defect|fault|incident", "functional/bug", "it reports something that does not work"),
    (r"debt|refactor", "technical/debt", "its name speaks of debt"),
    (r"spike|research|investigation|proof of concept|poc", "technical/spike", "its name says that a question is open"),
    (r"secur|vulnerab", "technical/security", "its name speaks of security"),
    (r"test", "technical/test_architecture", "its name speaks of tests"),
    (r"architect", "technical/architecture", "its name speaks of architecture"),
    (r"infrastruct|build|devops|operation", "technical/infrastructure", "its name speaks of infrastructure"),
    (r"technical|enabler|chore", "technical/enabler", "its name says that it is technical"),
    (r"story|feature|improvement|epic|requirement|wish", "functional/story", "it asks for something users see"),
)
_BY_WORD = (
    (r"tech(nical)?[ _-]?debt|refactor(ing)?|clean[ _-]?up", "technical/debt", "the word speaks of debt"),
    (
        r"infrastructure|build|builds|ci|ci/cd|deploy(ment)?|devops|pipeline|maven|gradle|docker|kubernetes|configs?",
        "technical/infrastructure",
        "the word speaks of building and running",
    ),
    (r"architecture", "technical/architecture", "the word speaks of architecture"),
    (
        r"tests?|testing|test[ _-]?automation|qa",
        "technical/test_architecture",
        "the word speaks of tests",
    ),
    (r"security|vulnerabilit(y|ies)|hardening", "technical/security", "the word speaks of security"),
    (r"spikes?|research", "technical/spike", "the word says that a question is open"),
    (r"performance|upgrade|java\d+|library|libraries", "technical/enabler", "the word speaks of the technical base"),
)


def of_type(name: str) -> Suggestion:
    """Suggest by the type an item had; a type that says nothing is taken for a story."""
    for pattern, kind, reason in _BY_TYPE:
        if re.search(pattern, name, re.IGNORECASE):
            return Suggestion(kind, reason)
    return Suggestion("functional/story", "nothing in its name says that it is technical")


def of_word(name: str) -> Suggestion:
    """Suggest by a component or label; most of them say nothing."""
    for pattern, kind, reason in _BY_WORD:
        if re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", name, re.IGNORECASE):
            return Suggestion(kind, reason)
    return Suggestion("", "")
