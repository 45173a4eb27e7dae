"""Show what people write in markdown, and nothing else that they may have slipped in."""

import nh3
from django import template
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin

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
def markdown(text: str) -> str:
    """Turn markdown into clean HTML; its headings begin below those of the page."""
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(_clean(html))  # noqa: S308  cleaned by nh3


def _clean(html):
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
    )
