"""Staff pages for customers' rows: looked at, never edited.

Django's admin takes no model with a composite key, because its forms and links cannot name such a row. A read-only page
needs neither: here a row's address is its whole key, account first, so that every look-up hits one index and one shard.
`portal.admin_site.HallAdminSite` lets these classes in.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, cast

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import localize
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from kernel.errors import Text
from kernel.ids import PublicId
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from kernel.phone import NumberInvalid, grouped_number, parse_msisdn

KEY_SEPARATOR = ","
# A page number beyond this many rows helps nobody; counting further would read the whole table.
COUNTED_ROWS = 2_000


# (account, line) of a row; the line where the row names one.
Owner = tuple[uuid.UUID, uuid.UUID | None]


class NumberBook(Protocol):
    """What these pages ask and tell the admin site, since the kernel does not know lines, nor who looks at them."""

    def accounts_of_number(self, msisdn: str) -> Collection[uuid.UUID]:
        """Return the accounts that have or had a number."""
        ...

    def numbers_of_accounts(self, account_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
        """Return the numbers of accounts, E.164."""
        ...

    def lists_of_account(self, request: HttpRequest, account_id: uuid.UUID) -> list[tuple[str, str]]:
        """Return name and address of every list of that account's rows that this person may see."""
        ...

    def whole_of_account(self, request: HttpRequest, account_id: uuid.UUID) -> str:
        """Return the address of everything of an account on one page; empty for whoever may not see it."""
        ...

    def words_for_account(self, request: HttpRequest, account_id: uuid.UUID) -> str:
        """Return how a page names an account: its numbers, which lead to it for whoever may see it."""
        ...

    def note_looks(self, request: HttpRequest, owners: Collection[Owner]) -> None:
        """Take note that somebody sees a record of these."""
        ...

    def note_found(self, request: HttpRequest, owners: Collection[Owner]) -> None:
        """Take note that somebody's search found these."""
        ...

    def note_list(self, request: HttpRequest, count: int) -> None:
        """Take note that somebody sees a list of so many rows of customers without looking for any of them."""
        ...


@dataclass(frozen=True, slots=True)
class RelatedTable:
    """Rows shown below a record because they belong to it.

    :ivar rows: cells ready to be shown.
    """

    title: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[object]]


def yuan_words(amount_fen: int) -> str:
    """Return fen as yuan with the word: "49.90 元"."""
    return f"{yuan_text(amount_fen)} {_('yuan')}"


def instant_text(instant: datetime | None) -> str:
    """Return an instant as the desk writes it, in local time."""
    return localize(localtime(instant)) if instant else "–"


def yuan_column(name: str, description: Text) -> Callable[[Any], str]:
    """Return a column that shows fen as yuan."""
    return _column(name, description, yuan_words)


def masked_number_column(name: str, description: Text) -> Callable[[Any], str]:
    """Return a column that shows a phone number masked, for lists."""
    return _column(name, description, mask_msisdn)


def number_column(name: str, description: Text) -> Callable[[Any], str]:
    """Return a column that shows a phone number whole, for the page of one record."""
    return _column(name, description, grouped_number)


def label_column(name: str, description: Text, labels: type[models.TextChoices]) -> Callable[[Any], str]:
    """Return a column that shows the label of a stored code; a code it does not know stays as it is."""
    known = {choice.value: choice.label for choice in labels}
    return _column(name, description, lambda code: str(known.get(code, code)))


def _column(name: str, description: Text, shown: Callable[[Any], str]) -> Callable[[Any], str]:
    @admin.display(description=cast("Any", description))
    def column(row: Any) -> str:
        value = getattr(row, name)
        return "–" if value in (None, "") else shown(value)

    return column


class CappedPaginator(Paginator):
    """Counts so far as a person pages, whatever the table holds."""

    @cached_property
    def count(self) -> int:
        """Rows to page through."""
        rows = cast("models.QuerySet[Any]", self.object_list)
        return rows.order_by()[:COUNTED_ROWS].count()


class RecordList(ChangeList):
    """The list page; links name the whole key. Whose rows it shows is noted."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        desk = cast("ReadOnlyAdmin", self.model_admin)
        self.result_list = list(self.result_list)
        owners, book = desk.owners_of(self.result_list), cast("NumberBook", desk.admin_site)
        if self.query:
            book.note_found(request, owners)
        else:
            book.note_list(request, len(owners))

    def url_for_result(self, result: models.Model) -> str:
        return record_url(self.model_admin, result)


def record_url(model_admin: admin.ModelAdmin, row: models.Model) -> str:
    """Return the address of a row's page."""
    options, site = model_admin.opts, model_admin.admin_site
    key = KEY_SEPARATOR.join(str(getattr(row, field.attname)) for field in options.pk_fields)
    return reverse(f"{site.name}:{options.app_label}_{options.model_name}_change", args=[quote(key)])


def list_url(model_admin: admin.ModelAdmin) -> str:
    """Return the address of a model's list."""
    options = model_admin.opts
    return reverse(f"{model_admin.admin_site.name}:{options.app_label}_{options.model_name}_changelist")


class ReadOnlyAdmin(admin.ModelAdmin):
    """Base of the pages of any table that staff may look at.

    :cvar shown: what the page of one record shows: fields, methods, and columns of this module.
    """

    actions: Sequence[str] | None = None
    change_form_template = "admin/record.html"
    list_per_page = 50
    paginator = CappedPaginator
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    # Sorting by any column would sort whole tables; each list has the order of an index.
    sortable_by = ()
    shown: ClassVar[Sequence[str | Callable[[Any], str]]] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Return what is shown; an account by its numbers, since its id tells a person nothing."""
        return [self._shown_to(request, field) for field in self.shown]

    def _shown_to(self, request: HttpRequest, shown: str | Callable[[Any], str]) -> str | Callable[[Any], str]:
        """Return what shows a field to this person: without Django's link where it would lead to a refusal."""
        if not isinstance(shown, str) or shown == "account":
            return "named_account" if shown == "account" else shown
        field = next((field for field in self.opts.fields if field.name == shown and field.related_model), None)
        desk = self.admin_site._registry.get(cast("Any", field).related_model) if field else None
        if field is None or desk is None or desk.has_view_permission(request):
            return shown
        return _column(shown, field.verbose_name, str)

    @admin.display(description=_("account"))
    def named_account(self, row: Any) -> str:
        """The numbers of the row's account, leading to it."""
        return str(row.account_words)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RecordList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        """Find the row that an address of `record_url` names, and note whose it is: all pages of a row begin here."""
        fields = self.opts.pk_fields
        parts = object_id.split(KEY_SEPARATOR, len(fields) - 1)
        if len(parts) != len(fields):
            return None
        try:
            key = {field.attname: field.to_python(part) for field, part in zip(fields, parts, strict=True)}
            row = self.get_queryset(request).filter(**key).first()
        except (ValidationError, ValueError):
            return None
        if row is not None:
            cast("NumberBook", self.admin_site).note_looks(request, self.owners_of([row]))
        return row

    def row_at(self, request: HttpRequest, object_id: str) -> models.Model | None:
        """Find the row of a page beside the record's own, whose address quotes the key as that of the record does."""
        return self.get_object(request, unquote(object_id))

    def related_tables(self, row: Any) -> list[RelatedTable]:
        """Return what is shown below the record."""
        return []

    def account_id_of(self, row: Any) -> uuid.UUID | None:
        """Return the account whose lists the page links to."""
        return None

    def owners_of(self, rows: Sequence[Any]) -> list[Owner]:
        """Return whose rows these are, for the traces of who looked at whom; rows of nobody are left out."""
        owned = ((self.account_id_of(row), getattr(row, "line_id", None)) for row in rows)
        return [(account_id, line_id) for account_id, line_id in owned if account_id]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "show_close": True})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        account_id = self.account_id_of(row)
        context["related_tables"] = self.related_tables(row)
        if str(row) in (str(getattr(row, "id", "")), str(account_id)):
            context["subtitle"] = None  # an id tells a person nothing
        if account_id:
            book = cast("NumberBook", self.admin_site)
            context["account_lists"] = book.lists_of_account(request, account_id)
            context["whole_url"] = book.whole_of_account(request, account_id)
            row.account_words = book.words_for_account(request, account_id)
        return super().render_change_form(request, context, *args, **kwargs)


class AccountRecordList(RecordList):
    """Puts the numbers of each row's account on the row, with one query for the page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        desk = cast("AccountOwnedAdmin", self.model_admin)
        accounts = [desk.account_id_of(row) for row in self.result_list]
        numbers = cast("NumberBook", desk.admin_site).numbers_of_accounts(set(accounts))
        for row, account_id in zip(self.result_list, accounts, strict=True):
            row.account_numbers = numbers.get(account_id, ())


class AccountOwnedAdmin(ReadOnlyAdmin):
    """Base of the pages of customer tables: found by phone number, account id or public id.

    :cvar newest_by: column that puts the rows of one account in order where their keys do not.
    """

    account_field: ClassVar[str] = "account_id"
    newest_by: ClassVar[str] = ""
    search_fields = ("pk",)  # draws the search box; `search` does the looking
    search_help_text = _("Phone number, account id, or public id of a row")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AccountRecordList

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return the primary key backwards: newest accounts first, and in an account the newest rows.

        What a search finds is few enough to be put in order by `newest_by`; the whole table is not.
        """
        by_key = self.ordering or [f"-{field.attname}" for field in self.opts.pk_fields]
        return [f"-{self.newest_by}", *by_key] if self.newest_by and request.GET.get(SEARCH_VAR) else by_key

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        term = search_term.strip()
        return (self.search(queryset, term) if term else queryset), False

    def search(self, rows: models.QuerySet[Any], term: str) -> models.QuerySet[Any]:
        """Return the rows of the account or number that a term names; none if it names nothing."""
        try:
            public_id = PublicId.parse(term)
        except ValueError:
            pass
        else:
            return rows.filter(account_id=public_id.account_id, id=public_id.row_id) if self.has_ids else rows.none()
        try:
            return rows.filter(**{self.account_field: uuid.UUID(term)})
        except ValueError:
            pass
        try:
            accounts = cast("NumberBook", self.admin_site).accounts_of_number(parse_msisdn(term))
        except NumberInvalid:
            return rows.none()
        return rows.filter(**{f"{self.account_field}__in": accounts})

    @property
    def has_ids(self) -> bool:
        """Whether rows are named by account and id, as public ids do."""
        return [field.attname for field in self.opts.pk_fields] == ["account_id", "id"]

    def account_id_of(self, row: Any) -> uuid.UUID:
        return cast("uuid.UUID", getattr(row, self.account_field))

    @admin.display(description=_("number"))
    def numbers(self, row: Any) -> str:
        """The numbers of the account, masked."""
        return ", ".join(mask_msisdn(number) for number in row.account_numbers) or "–"

    @admin.display(description=_("public id"))
    def public_id(self, row: Any) -> str:
        """What stands in addresses and REST answers for this row."""
        return format_html("<code>{}</code>", PublicId(row.account_id, row.id))
