"""Markdown becomes clean HTML."""

import pytest

from backlog.actions import items
from backlog.models import RetiredProductKey
from backlog.queries.references import references
from backlog.templatetags.markdown import markdown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Pay *fast*, **safely**", "<p>Pay <em>fast</em>, <strong>safely</strong></p>\n"),
        ("# Why", "<h3>Why</h3>\n"),
        ("###### Small", "<h6>Small</h6>\n"),
        ("~~old~~", "<p><s>old</s></p>\n"),
        (
            "[docs](https://example.org)",
            '<p><a href="https://example.org" rel="noopener noreferrer nofollow">docs</a></p>\n',
        ),
        ("| a | b |\n|---|---|\n| 1 | 2 |", None),
    ],
)
def test_markdown_is_shown(text, html):
    shown = markdown(text)

    assert shown == html if html else "<td>2</td>" in shown


def test_task_lists_are_shown_with_labels_and_cannot_be_changed():
    shown = markdown("- [x] done\n- [ ] open")

    assert shown.count("<label>") == shown.count('type="checkbox"') == shown.count("disabled") == 2
    assert shown.count('checked="checked"') == 1


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://tracker.example/p.png)",
        '<a href="https://example.org" onclick="alert(1)">x</a>',
        "<input type=text autofocus onfocus=alert(1)>",
        '[x](https://example.org "onmouseover=alert(1)")',
        "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(text):
    shown = markdown(text)

    for tag in ("<script", "<img", "<svg", "<iframe", 'href="javascript', 'href="data', "<input", "<a onclick"):
        assert tag not in shown.lower()
    assert 'href="j' not in shown.lower()


def test_keys_become_links_for_who_may_see_the_item(payments, ines, dev):
    items.create(payments, by=ines, title="Refund", kind="functional", type="story")
    items.create(payments, by=ines, title="Secret", kind="functional", type="story", is_restricted=True)
    RetiredProductKey.objects.create(product=payments, key="OLD")
    text = "See pay-1, OLD-1 and PAY-2, not `PAY-1`, [PAY-1](https://example.org), PAY-1x or /PAY-1."

    shown = markdown(text, references([text], dev))

    link = '<a href="/products/PAY/items/1/" title="Refund" rel="noopener noreferrer nofollow">{}</a>'
    assert shown == (
        f"<p>See {link.format('pay-1')}, {link.format('OLD-1')} and PAY-2, not <code>PAY-1</code>, "
        '<a href="https://example.org" rel="noopener noreferrer nofollow">PAY-1</a>, PAY-1x or /PAY-1.</p>\n'
    )
    assert "Secret" in markdown(text, references([text], ines))
    assert references(["no key"], dev) == {}
