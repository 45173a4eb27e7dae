"""Decisions in and out as markdown files."""

import io
import zipfile

import pytest

from backlog.actions import decision_files, decisions
from backlog.formats import madr, markdown_files
from backlog.models import Decision
from backlog.queries.decision_files import archive, as_madr, file_of, with_all
from core.models import Event
from tests import factories

FOREIGN = b"""\xef\xbb\xbf---
status: accepted
date: 2024-05-06
decision-makers: [Ines Falkner, Guest]
items: PAY-1
components: [payouts, Unknown]
team: Kestrel
---

# Use  one queue\r
## Context and Problem Statement
Text.
"""


@pytest.fixture
def zipped():
    def zipped(files):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return content.getvalue()

    return zipped


def reread(decision, user):
    return with_all(Decision.objects.filter(pk=decision.pk), user).get()


def test_a_file_is_given_out_byte_for_byte_until_somebody_changes_it(payments, payouts, ines):
    item = factories.ItemFactory(product=payments, number=1)

    taken = decision_files.take_over(payments, "0007-one-queue.md", FOREIGN, by=ines)

    (decision,) = taken.new
    assert (decision.number, decision.status, decision.title) == (7, "accepted", "Use one queue")
    assert (decision.dated_on.isoformat(), decision.front_matter) == ("2024-05-06", {"team": "Kestrel"})
    assert [str(person) for person in decision.people.order_by("pk")] == ["Ines Falkner", "Guest"]
    assert (decision.item_links.get().item, decision.component_links.get().component) == (item, payouts)
    assert file_of(reread(decision, ines)) == ("0007-use-one-queue.md", FOREIGN.decode())
    assert Event.objects.about(decision).get().name == "decision.imported"
    again = decision_files.take_over(payments, "0007-one-queue.md", FOREIGN, by=ines)
    assert (again.new, again.unchanged) == ((), ("0007-one-queue.md",))

    decisions.edit(decision, context="Other text.", by=ines)
    written = file_of(reread(decision, ines))[1]
    assert "Other text." in written and "team: Kestrel" in written
    assert madr.parse(written) == as_madr(reread(decision, ines))
    refused = decision_files.take_over(payments, "0007-one-queue.md", FOREIGN, by=ines)
    assert "another text" in refused.left_out[0].why


def test_what_one_product_gives_out_another_takes_in_the_same(payments, payouts, ines):
    first = decisions.propose(
        payments,
        title="Outbox",
        context="## Not a section\n\n```\ncode",
        options=[{"title": "A", "text": "x", "good": ["g"], "bad": ["b"]}, {"title": "B"}],
        chosen="A",
        decision="it is\nsimple",
        plain_summary="Nothing is lost.",
        deciders=[ines],
        by=ines,
    )
    second = decisions.propose(payments, title="Log tailing", by=ines)
    decisions.supersede(decisions.accept(first, by=ines), second, by=ines)
    other = factories.ProductFactory(organization=payments.organization)
    factories.ProductRoleFactory(product=other, user=ines, role="product_owner")

    content = archive(payments, ines)
    taken = decision_files.take_over(other, "decisions.zip", content, by=ines)

    assert (len(taken.new), taken.left_out) == (2, ())
    copy = Decision.objects.get(product=other, number=1)
    assert (copy.status, copy.superseded_by.number, copy.people.get().user) == ("superseded", 2, ines)
    assert as_madr(reread(copy, ines)) == as_madr(reread(first, ines))
    assert archive(other, ines) == content
    Decision.objects.filter(product=other).update(source="")
    assert archive(other, ines) == content


def test_a_zip_is_read_with_care(payments, ines, zipped):
    files = {
        "docs/adr/0001-a.md": "# A",
        "docs/adr/0001-a-again.md": "# Again",
        "docs/adr/0003-c.md": "---\nstatus: superseded by ADR-0099\n---\n# C",
        "docs/adr/README.txt": "x",
        "docs/adr/0004-d.md": "no title",
        "docs/adr/0005-e.md": b"\xff\xfe",
        "docs/adr/0006-f.md": f"# {'x' * 301}",
        "docs/adr/0008-h.md": "# H" + " " * (markdown_files.LARGEST_FILE + 1),
    }

    taken = decision_files.take_over(payments, "adr.zip", zipped(files), by=ines)

    assert sorted(decision.number for decision in taken.new) == [1, 3]
    assert Decision.objects.get(number=3).status == "deprecated"
    assert {(left.name, left.why.split(":")[0].split(".")[0]) for left in taken.left_out} == {
        ("0001-a.md", "ADR-0001 is here with another text"),
        ("docs/adr/README.txt", "It is no markdown file ("),
        ("0004-d.md", "It has no title"),
        ("docs/adr/0005-e.md", "It is no text in UTF-8"),
        ("0006-f.md", "At most 300 characters; there are 301"),
        ("docs/adr/0008-h.md", "It is larger than 500 kB"),
        ("0003-c.md", "It is taken as deprecated"),
    }


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"../0001-a.md": "# A"}, "leads out"),
        ({"/etc/0001-a.md": "# A"}, "leads out"),
        ({"C:\\0001-a.md": "# A"}, "leads out"),
        ({"a\n.md": "# A"}, "leads out"),
        ({f"{n:04}.md": " " * 499_000 for n in range(41)}, "Unpacked"),
        ({f"{n:04}.md": "" for n in range(1001)}, "more than 1,000 files"),
    ],
)
def test_bombs_and_bad_names_are_refused_with_a_sentence(payments, ines, zipped, files, sentence):
    with pytest.raises(decision_files.FileRefused, match=sentence):
        decision_files.take_over(payments, "adr.zip", zipped(files), by=ines)

    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"PK\x03\x04 broken", "broken"), (b"x" * 500_001, "larger than 500 kB"), (b"PK" + b"x" * 10_000_000, "10 MB")],
)
def test_what_is_no_file_of_ours_is_refused(payments, ines, content, sentence):
    with pytest.raises(decision_files.FileRefused, match=sentence):
        decision_files.take_over(payments, "x", content, by=ines)
