"""The catalogue at the staff desk: what is sold, kept by the product team and supervisors."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.read_only_admin import RelatedTable, instant_text, yuan_column
from packages_app.admin.offering_files import OfferingFilePages
from packages_app.models import Offering
from packages_app.operations.keep_offering import OfferingChanged, keep_offering
from packages_app.operations.offering_rules import list_faults
from packages_app.queries.offering_history import PastVersion, list_versions
from packages_app.queries.ties import get_needs, list_codes
from packages_app.sheets.draft import draft_of, fingerprint, texts_of
from packages_app.sheets.offering_form import OfferingForm

_price = yuan_column("price_fen", _("price"))


def _text_column(name: str, label: str | Promise) -> Callable[[Offering], str]:
    """Return what those who only look see of a field that the form asks for in its own words."""

    @admin.display(description=label)  # type: ignore[arg-type]
    def column(offering: Offering) -> str:
        return texts_of(draft_of(offering))[name] or "–"

    return column


_SHOWN = {name: _text_column(name, field.label or "") for name, field in OfferingForm.declared_fields.items()}


class OfferingDeskForm(OfferingForm):
    """The form of one offering, with what only the whole catalogue can tell beside the field at fault."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            self.initial["seen"] = fingerprint(texts_of(draft_of(self.instance)))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        draft = self.draft
        faults = list_faults(
            offering=draft.offering,
            allowances=draft.allowances,
            unit_prices=draft.unit_prices,
            links=draft.links,
            known_codes=list_codes(),
            needs=get_needs(),
        )
        for fault in faults:
            self.add_error(fault.field if fault.field in self.fields else None, str(fault.message))


@admin.register(Offering)
class OfferingAdmin(OfferingFilePages, admin.ModelAdmin):
    """One thing that can be bought. Orders keep the terms they were given, so a change concerns new orders only."""

    form = OfferingDeskForm
    change_form_template = "admin/packages_app/offering.html"
    change_list_template = "admin/packages_app/offerings.html"
    list_display = ("name_zh", "code", "kind", _price, "recurrence", "version", "on_sale_from", "on_sale_to")
    list_filter = ("kind", "recurrence")
    search_fields = ("code", "name_zh", "name_en")
    actions = None

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which files come in and go out."""
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_file), name="packages_app_offering_import"),
            path("export/", view(self.export_file), name="packages_app_offering_export"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Offering | None = None) -> Any:
        """Ask in yuan and in units that people speak of; show the same to those who only look."""
        may_edit = self.has_change_permission(request, obj)

        def fields(*names: str) -> tuple[Any, ...]:
            return tuple(name if may_edit else _SHOWN.get(name, name) for name in names)

        first = ("seen",) if may_edit else ()
        return (
            (
                None,
                {
                    "fields": first
                    + fields("code", "kind", "name_zh", "name_en", "summary_zh", "summary_en", "position")
                },
            ),
            (
                _("Price"),
                {
                    "fields": fields(
                        "price", "one_off", "points_price", "recurrence", "first_month", "head", "provider_name"
                    )
                },
            ),
            (_("How long"), {"fields": fields("validity_days", "commitment_months")}),
            (_("Included in each cycle"), {"fields": fields("allowances", "carries_over", "thresholds_percent")}),
            (_("Beyond it"), {"fields": fields("unit_prices", "cap")}),
            (_("Sale"), {"fields": fields("on_sale_from", "on_sale_to", "provinces", "minimum_star")}),
            (_("Ties"), {"fields": fields("requires", "excludes")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Offering | None = None) -> tuple[str, ...]:
        """Keep the code: orders and subscriptions name the offering by it."""
        return ("code",) if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offering]:
        """Return the offerings with what they include."""
        return super().get_queryset(request).prefetch_related("allowances", "unit_prices", "links")

    def has_delete_permission(self, request: HttpRequest, obj: Offering | None = None) -> bool:
        """Never: what is no longer sold gets an end of sale."""
        return False

    def save_model(self, request: HttpRequest, obj: Offering, form: Any, change: bool) -> None:
        draft = form.draft
        keep_offering(
            offering=draft.offering,
            allowances=draft.allowances,
            unit_prices=draft.unit_prices,
            links=draft.links,
            author=request.user.get_username(),
            now=now(),
            seen=form.cleaned_data["seen"] if change else None,
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Of two people who opened an offering at once, tell the second, who overwrites nothing."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except OfferingChanged as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(request.path)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        offering = context.get("original")
        if offering is not None:
            rows = [_history_row(past) for past in list_versions(code=offering.code)]
            columns = (_("version"), _("from"), _("changed by"), _("what changed"))
            context["related_tables"] = [RelatedTable(_("Versions: what was sold keeps its own"), columns, rows)]
        return super().render_change_form(request, context, *args, **kwargs)


def _history_row(past: PastVersion) -> tuple[object, ...]:
    changes = [f"{label_of(change.column)}: {change.words}" for change in past.differences]
    return (past.version, instant_text(past.changed_at), past.author or "–", "\n".join(changes) or "–")


def label_of(column: str) -> str:
    """Return the label of a column as the form writes it."""
    return str(OfferingForm.base_fields[column].label)
