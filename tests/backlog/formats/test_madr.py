"""MADR files: what is written is read again, and nothing of a foreign file is lost."""

from datetime import date
from string import printable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlog.formats.madr import Madr, Option, Unreadable, file_name, number_in, parse, write

# What looks like the file's own structure is what could go wrong.
_PIECES = st.sampled_from(
    [
        *(
            "# One",
            "## Two",
            "### Three",
            "#### Four",
            "\\## Escaped",
            "\\\\# Twice",
            "```",
            "~~~",
            "```sh",
            "---",
            "\\---",
        ),
        *("* Good, because x", "- Bad, because", "\\* Good, because y", "* bullet", "  indented", ""),
        *('Chosen option: "A", because b', "Chosen option: ", '\\Chosen option: "A"', "### Consequences", "status: x"),
        *("## More Information", "<!-- note -->", "* Status: accepted", "\\", "    # code", "\\```"),
    ]
)
_LINES = st.one_of(_PIECES, st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12))
_TEXTS = st.lists(_LINES, max_size=6).map(lambda lines: "\n".join(lines).strip())
_ONE_LINE = st.one_of(_PIECES, st.text(printable, max_size=20), st.text(st.characters(codec="utf-8"), max_size=8))
_SENTENCES = _ONE_LINE.map(lambda text: " ".join(text.replace("\x00", "").split())).filter(bool)
_NAMES = st.lists(_SENTENCES, max_size=3, unique=True).map(tuple)
_OPTIONS = st.lists(
    st.builds(Option, _SENTENCES, _TEXTS, _NAMES, _NAMES, _NAMES), max_size=3, unique_by=lambda option: option.title
).map(tuple)
_EXTRA = st.dictionaries(
    st.sampled_from(["tags", "jira", "reviewed"]), st.one_of(_SENTENCES, st.integers(), st.booleans(), st.none())
)


@st.composite
def decisions(draw):
    options = draw(_OPTIONS)
    return Madr(
        title=draw(_SENTENCES),
        status=draw(st.sampled_from(["proposed", "accepted", "rejected", "deprecated"])),
        dated_on=draw(st.one_of(st.none(), st.dates())),
        options=options,
        chosen=draw(st.sampled_from(["", *(option.title for option in options)])),
        front_matter=draw(_EXTRA),
        **{name: draw(_NAMES) for name in ("deciders", "consulted", "informed", "items", "components")},
        **{
            name: draw(_TEXTS)
            for name in ("context", "drivers", "decision", "consequences", "confirmation", "more_information")
        },
        plain_summary=draw(_TEXTS),
    )


@given(decisions())
@settings(max_examples=120, deadline=None)
def test_every_decision_comes_back_from_its_file(madr):
    text = write(madr)

    assert parse(text) == madr
    assert write(parse(text)) == text
    assert parse(text.replace("\n", "\r\n")) == madr


@given(st.lists(_LINES, max_size=12))
@settings(max_examples=60, deadline=None)
def test_any_file_with_a_title_settles_after_one_writing(lines):
    first = parse("\n".join(["# Title", *lines]))

    assert parse(write(first)) == first


TEMPLATE = """---
status: "superseded by [ADR-0012](0012-other.md)"
date: 2026-03-04
decision-makers: Ines Falk, Marek Osei
consulted:
informed: [Dev]
tags: [events]
---

# Send events through an outbox

## Context and Problem Statement

Events get lost.

```sh
# no heading
```

<!-- This is an optional element. Feel free to remove. -->
## Decision Drivers

* {safety}

## Considered Options

* Outbox table
* Two-phase
  commit

## Decision Outcome

Chosen option: "Outbox table", because it needs
no second system.

### Consequences

* Good, because nothing is lost
* Bad, because one more table

### Confirmation

A test stops the broker.

## Pros and Cons of the Options

### Outbox table

One transaction.

* Good, because it is
  simple
* Neutral, because known
* Bad, because it polls

## Links

See ADR-0003.
"""


def test_the_template_of_madr_4_is_read():
    assert parse(TEMPLATE) == Madr(
        title="Send events through an outbox",
        status="superseded",
        superseded_by=12,
        dated_on=date(2026, 3, 4),
        deciders=("Ines Falk", "Marek Osei"),
        informed=("Dev",),
        context="Events get lost.\n\n```sh\n# no heading\n```",
        drivers="* {safety}",
        options=(
            Option("Outbox table", "One transaction.", ("it is simple",), ("known",), ("it polls",)),
            Option("Two-phase commit"),
        ),
        chosen="Outbox table",
        decision="it needs\nno second system.",
        consequences="* Good, because nothing is lost\n* Bad, because one more table",
        confirmation="A test stops the broker.",
        more_information="### Links\n\nSee ADR-0003.",
        front_matter={"tags": ["events"]},
    )


def test_older_forms_are_read():
    madr2 = parse("# A\n\n* Status: accepted <!-- optional -->\n* Deciders: Ann, Bo\n* Date: 2020-02-03\n\nWhy: x\n")
    nygard = parse("# 5. B\n\n## Status\n\nApproved\n\n## Context\n\nC\n\n## Decision\n\nD\n\n## Consequences\n\nE\n")

    assert (madr2.status, madr2.deciders, madr2.dated_on) == ("accepted", ("Ann", "Bo"), date(2020, 2, 3))
    assert madr2.context == "Why: x"
    assert (nygard.status, nygard.context, nygard.decision, nygard.consequences) == ("accepted", "C", "D", "E")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("No title\n## Context", "no title"),
        ("---\na: [\n---\n# T", "no YAML"),
        ("---\na: &x [1]\nb: [*x, *x]\n---\n# T", "refers to itself"),
        ("---\n- a\n---\n# T", "no names"),
        ("---\na: " + "[" * 9000 + "\n---\n# T", "brackets"),
        ("---\n" + "- " * 9000 + "\n---\n# T", "no YAML"),
        ("---\na: " + "x" * 30_000 + "\n---\n# T", "longer than"),
        ("---\na: 2020-99-99\n---\n# T", "no YAML"),
    ],
)
def test_what_is_no_decision_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(Unreadable, match=sentence):
        parse(text)


def test_names_of_files():
    assert file_name(7, "Send events: an Outbox!") == "0007-send-events-an-outbox.md"
    assert file_name(12, "日本") == "0012-decision.md"
    assert [number_in(name) for name in ("0007-x.md", "ADR-12.md", "adr_3 x.md", "0000-t.md", "x-1.md", "")] == [
        *(7, 12, 3, None, None, None)
    ]
