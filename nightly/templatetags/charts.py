"""Small charts, drawn by the server, each with its text."""

from django import template
from django.utils.html import format_html, format_html_join

register = template.Library()

_WIDTH, _HEIGHT = 104, 28
_MIX_WIDTH, _MIX_HEIGHT, _MIX_LEFT, _MIX_TOP, _MIX_BOTTOM = 560, 220, 34, 8, 26


@register.simple_tag
def spark(trend):
    """A line over the weeks, with the range that is fine behind it; nothing where there is one report alone."""
    if len(trend.values) < 2:
        return ""
    bounds = [bound for bound in (trend.least, trend.most) if bound is not None]
    low, high = min([*trend.values, *bounds]), max([*trend.values, *bounds])
    height = (_HEIGHT - 6) / ((high - low) or 1)
    step = (_WIDTH - 8) / (len(trend.values) - 1)
    points = [
        (round(2 + at * step, 1), round(_HEIGHT - 3 - (value - low) * height, 1))
        for at, value in enumerate(trend.values)
    ]
    band = ""
    if bounds:
        top, bottom = (round(_HEIGHT - 3 - (bound - low) * height, 1) for bound in (trend.most, trend.least))
        band = format_html(
            '<rect class="band" x="0" y="{}" width="{}" height="{}" rx="2"/>',
            top,
            _WIDTH,
            round(max(3, bottom - top), 1),
        )
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{} by week, oldest first: {}">{}'
        '<path d="{}"/><circle class="last" cx="{}" cy="{}" r="3"/></svg>',
        _WIDTH,
        _HEIGHT,
        trend.title,
        ", ".join(f"{value:g}" for value in trend.values),
        band,
        path,
        *points[-1],
    )


@register.simple_tag
def mix(bars, least, most):
    """The technical share of each sprint, past ones filled and those ahead dashed; the agreed range across."""
    width = (_MIX_WIDTH - _MIX_LEFT) / max(len(bars), 1)
    drawn = format_html_join(
        "", "{}", ((_bar(bar, _MIX_LEFT + at * width + 4, width - 8),) for at, bar in enumerate(bars))
    )
    text = "; ".join(f"{'ahead ' if bar.is_ahead else 'sprint '}{bar.label}: {bar.percent} %" for bar in bars)
    return format_html(
        '<svg class="chart mix" viewBox="0 0 {} {}" role="img" aria-label="Technical share: {}. Agreed: {} to {} %">'
        '{}<rect class="target" x="{}" y="{}" width="{}" height="{}"/>'
        '<text x="28" y="{}" text-anchor="end">{}</text><text x="28" y="{}" text-anchor="end">{}</text></svg>',
        _MIX_WIDTH,
        _MIX_HEIGHT,
        text,
        least,
        most,
        drawn,
        _MIX_LEFT,
        _y(most),
        _MIX_WIDTH - _MIX_LEFT,
        round(_y(least) - _y(most), 1),
        _y(most) + 4,
        most,
        _y(least) + 4,
        least,
    )


def _y(percent):
    return round(_MIX_TOP + (100 - percent) * (_MIX_HEIGHT - _MIX_TOP - _MIX_BOTTOM) / 100, 1)


def _bar(bar, left, width):
    ahead = " next" if bar.is_ahead else ""
    x, w, middle, top = round(left, 1), round(width, 1), round(left + width / 2, 1), _y(bar.percent)
    return format_html(
        '<rect class="b-func{0}" x="{1}" y="{2}" width="{3}" height="{4}" rx="7"/>'
        '<rect class="b-tech{0}" x="{1}" y="{5}" width="{3}" height="{6}" rx="2"/>'
        '<text class="in{0}" x="{7}" y="{8}" text-anchor="middle">{9}</text>'
        '<text x="{7}" y="{10}" text-anchor="middle">{11}</text>',
        ahead,
        x,
        _y(100),
        w,
        round(max(top - _y(100) - 2, 0), 1),
        top,
        round(_y(0) - top, 1),
        middle,
        max(top - 7, _MIX_TOP + 12),
        bar.percent,
        _MIX_HEIGHT - 8,
        bar.label,
    )
