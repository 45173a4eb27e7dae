"""Show what people write in markdown, and nothing else that they may have slipped in."""

import nh3
from django import template
from django.urls import reverse
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin

from backlog.queries.references import KEY

register = template.Library()

_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td", "input", "label"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "input": {"checked"}}
_SCHEMES = {"http", "https", "mailto"}

# No images: they would tell a foreign server who reads. No HTML: it is shown as text.
_parser = (
    MarkdownIt("commonmark", {"html": False})
    .enable(["table", "strikethrough"])
    .disable("image")
    .use(tasklists_plugin, label=True)
)


@register.filter
def markdown(text: str, references=None) -> str:
    """Turn markdown into clean HTML; its headings begin below those of the page.

    references: key in capitals → Reference, of the items that its reader may see; their keys become links.
    """
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type == "inline" and references:
            token.children = list(_linked(token.children, references))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(_clean(html))  # noqa: S308  cleaned by nh3


def _linked(tokens, references):
    """Keys in plain text become links; those in code, and in links that somebody wrote, stay."""
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text" and not depth:
            yield from _cut(token.content, references)
        else:
            yield token


def _cut(text, references):
    end = 0
    for match in KEY.finditer(text):
        reference = references.get(match[0].upper())
        if reference is None:
            continue
        yield _text(text[end : match.start()])
        url = reverse("backlog:item", args=[reference.product_key, reference.number])
        yield Token("link_open", "a", 1, attrs={"href": url, "title": reference.title})
        yield _text(match[0])
        yield Token("link_close", "a", -1)
        end = match.end()
    yield _text(text[end:])


def _text(content):
    return Token("text", "", 0, content=content)


def _clean(html):
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
    )
