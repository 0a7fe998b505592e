"""Tags behind the page components: `{% load hall_components %}`.

`{% icon "bill" %}` draws from the sprite, `{% control field %}` draws a form control with what its label, hint and
error need, and `{% card %}` wraps content in the card partial. All else is an `{% include "components/_x.html" %}`.
"""

import functools
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@functools.cache
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of static/img/icons.svg; it is decoration, the words beside it carry the meaning.

    :param name: id of the drawing, e.g. "top-up".
    :param size: "" (as large as the text asks), "l" or "xl".
    """
    size_class = f" icon--{size}" if size else ""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size_class,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def control(field: BoundField, *, hint: str = "", **attributes: str) -> SafeString:
    """Draw the control of a form field, tied to its hint and errors for those who hear the page.

    :param field: bound form field.
    :param hint: text shown by `_field.html` instead of the field's own help text.
    :param attributes: HTML attributes with `_` for `-`, e.g. inputmode="numeric"; empty ones are left out.
    """
    attrs: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attributes.items() if value}
    described_by = []
    if hint or field.help_text:
        described_by.append(f"{field.auto_id}_helptext")
    if field.errors:
        described_by.append(f"{field.auto_id}_error")
    if described_by:
        attrs["aria-describedby"] = " ".join(described_by)
    return field.as_widget(attrs=attrs)


@register.simple_block_tag
def card(content: str, title: str = "", **options: Any) -> str:
    """Wrap the enclosed content in `components/_card.html`.

    :param title: heading of the card; without it the card has none.
    :param options: what the partial documents: `tone`, `icon`, `more_url`, `more_label`, `level`.
    """
    return render_to_string("components/_card.html", {"content": content, "title": title, **options})
