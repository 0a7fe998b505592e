"""Finds the texts of all apps, which messaging must not import: `texts.py` and `…_texts.py` of each app of the house.

As Django finds an app's `admin`: by name, when it is first asked.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from kernel.checks import HOUSE
from kernel.errors import NotFound, Text
from messaging.models import TextGroup
from messaging.texts import SmsTemplate


class TemplateUnknown(NotFound):
    """No app has a text of this name."""

    code = "TEMPLATE_UNKNOWN"
    message = _("There is no such text.")


def list_templates() -> list[SmsTemplate]:
    """Return every text of the house once, by key."""
    return list(_book().values())


def get_template(key: str) -> SmsTemplate:
    """Return a text by its key.

    :raises TemplateUnknown: there is none.
    """
    try:
        return _book()[key]
    except KeyError:
        raise TemplateUnknown from None


def get_kind_names() -> Mapping[str, Text]:
    """Return what staff call each kind of text."""
    # The plain text of a kind comes before its variants, and names the kind.
    return {template.kind: template.name or template.kind for template in reversed(list_templates())}


def list_proof_kinds() -> list[str]:
    """Return the kinds of text whose exact words prove something."""
    return sorted({template.kind for template in list_templates() if template.proof})


def list_reminder_kinds() -> set[str]:
    """Return the kinds of text that customers can switch off: reminders, and what else is not required."""
    return {template.kind for template in list_templates() if template.group is not TextGroup.REQUIRED}


def list_groups_in_use() -> list[TextGroup]:
    """Return the groups that customers can switch off and that some text belongs to."""
    used = {template.group for template in _book().values()}
    return [group for group in TextGroup if group in used and group is not TextGroup.REQUIRED]


def list_texts_as_written() -> list[SmsTemplate]:
    """Return every text as the apps have it; those that differ in urgency alone share a key."""
    return [
        template
        for app in HOUSE
        for module in iter_modules([apps.get_app_config(app).path])
        if module.name == "texts" or module.name.endswith("_texts")
        for template in vars(import_module(f"{app}.{module.name}")).values()
        if isinstance(template, SmsTemplate)
    ]


@cache
def _book() -> Mapping[str, SmsTemplate]:
    found: dict[str, SmsTemplate] = {}
    for template in list_texts_as_written():
        found.setdefault(template.key, template)
    return dict(sorted(found.items()))
