"""The page on which staff see all of a line (360°): what an app contributes to it.

`settings.LINE_DESK_SECTIONS` names functions that take a `LineVisit` and return a `LineSection`, or None where the
person may not see it or there is nothing of the kind. The page itself (`portal.desk`) knows none of them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.contrib.admin import AdminSite, ModelAdmin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.timezone import localtime

from kernel.errors import Text
from kernel.read_only_admin import list_url, record_url

Link = tuple[Text, str]


def short_instant(instant: datetime | None) -> str:
    """Return an instant as narrow tables write it, in local time: 2026-11-01 09:30."""
    return f"{localtime(instant):%Y-%m-%d %H:%M}" if instant else "–"


@dataclass(frozen=True, slots=True)
class LineVisit:
    """Who looks at which line, when.

    :ivar key: names the line in addresses of the desk: account and line.
    """

    # Enough to see what goes on; the whole is one press away.
    SHOWN: ClassVar[int] = 5

    request: HttpRequest
    site: AdminSite
    account_id: uuid.UUID
    line_id: uuid.UUID
    msisdn: str
    now: datetime
    # A number that was given back stays to be looked at.
    in_use: bool = True

    @property
    def key(self) -> str:
        return f"{self.account_id},{self.line_id}"

    def may(self, permission: str) -> bool:
        """Tell whether this person has a permission, such as "billing.view_wallet"."""
        return self.request.user.has_perm(permission)

    def list_of(self, model: type[models.Model]) -> str:
        """Return the address of the account's rows of a table."""
        return f"{list_url(self._page_of(model))}?{urlencode({'q': str(self.account_id)})}"

    def link(self, row: models.Model, words: object) -> str:
        """Return words that lead to the page of a row."""
        return format_html('<a href="{}">{}</a>', self.page_of(row), words)

    def page_of(self, row: models.Model) -> str:
        """Return the address of a row's page."""
        return record_url(self._page_of(type(row)), row)

    def action(self, name: str) -> str:
        """Return the address of a form of the desk that begins with this line's number filled in."""
        return f"{reverse(f'admin:{name}')}?{urlencode({'line': self.key})}"

    def _page_of(self, model: type[models.Model]) -> ModelAdmin:
        return self.site.get_model_admin(model)


@dataclass(frozen=True, slots=True)
class LineSection:
    """One part of the page: facts, then a table.

    :ivar name: names the part in addresses.
    :ivar rows: cells ready to be shown.
    :ivar actions: forms that can be opened from here.
    :ivar list_url: where all of it stands.
    :ivar lists: where more stands that belongs to it.
    """

    name: str
    title: Text
    facts: Sequence[tuple[Text, object]] = ()
    columns: Sequence[Text] = ()
    rows: Sequence[Sequence[object]] = ()
    actions: Sequence[Link] = ()
    list_url: str = ""
    lists: Sequence[Link] = ()
