"""What lines have, and what is left of it, at the staff desk."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kernel.asking_admin import AskingAdmin, Question
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import DomainError, Text
from kernel.read_only_admin import AccountOwnedAdmin, label_column, record_url
from packages_app.admin.amounts import amount_text
from packages_app.admin.for_callers import CANCEL
from packages_app.admin.line_changes import change_number_view, hand_over_view
from packages_app.admin.open_line import OpenLineForm
from packages_app.models import Bucket, Order, Subscription, SubscriptionState
from packages_app.operations.open_line import open_line
from packages_app.queries.terms import get_name

OPEN = "packages_app.add_subscription"


@admin.register(Subscription)
class SubscriptionAdmin(AskingAdmin):
    """What a line has or had."""

    list_display = ("started_at", "numbers", "offering", "state", "ends_at")
    list_filter = ("state",)
    list_select_related = ("offering",)
    shown = (
        "account",
        "offering",
        "state",
        "started_at",
        "ends_at",
        "cancelled_at",
        label_column("cancelled_channel", _("cancelled on"), Channel),
        "first_month",
        "committed_until",
        "proof",
        "public_id",
    )

    questions = (CANCEL,)
    change_list_template = "admin/packages_app/subscriptions.html"

    def may_be_asked(self, row: Subscription, question: Question) -> bool:
        return row.state == SubscriptionState.ACTIVE and row.cancelled_at is None

    def facts_of(self, request: HttpRequest, row: Subscription) -> list[tuple[Text, object]]:
        """Return whose service it is, and which."""
        (account, _row) = super().facts_of(request, row)
        return [account, (_("service"), get_name(row.terms, get_language() or ""))]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which a line is opened with its plan, gets another number, or another owner."""
        pages = (
            ("open-line/", self.open_view, "open_line"),
            ("change-number/", change_number_view, "change_number"),
            ("hand-over/", hand_over_view, "hand_over"),
        )
        return [
            *(
                path(address, self.admin_site.admin_view(view), name=f"packages_app_subscription_{name}")
                for address, view, name in pages
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        open_url = self._url("open_line") if request.user.has_perm(OPEN) else ""
        return super().changelist_view(request, {**(extra_context or {}), "open_url": open_url})

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Ask who gets which number with which plan, and open it.

        :raises PermissionDenied: this person may not open lines.
        """
        if not request.user.has_perm(OPEN):
            raise PermissionDenied
        form = OpenLineForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                open_line(**form.entered(), now=now())
            except DomainError as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                messages.success(request, gettext("The number is in use. Its welcome notice is on its way."))
                return redirect(self._url("changelist"))
        context = {**self.admin_site.each_context(request), "form": form, "list_url": self._url("changelist")}
        return TemplateResponse(request, "admin/packages_app/open_line.html", context)

    def _url(self, page: str) -> str:
        return reverse(f"{self.admin_site.name}:packages_app_subscription_{page}")

    @admin.display(description=_("proof"))
    def proof(self, subscription: Subscription) -> str:
        """The order behind it; a plan may have come with the contract instead."""
        order = Order.objects.filter(account_id=subscription.account_id, id=subscription.id).first()
        if order is None:
            return gettext("came with the contract")
        address = record_url(self.admin_site.get_model_admin(Order), order)
        return format_html('<a href="{}">{}</a>', address, gettext("order with every step"))


@admin.register(Bucket)
class BucketAdmin(AccountOwnedAdmin):
    """An allowance of one cycle."""

    list_display = ("ends_at", "numbers", "usage_kind", "total_amount", "left_amount")
    list_filter = ("usage_kind",)
    newest_by = "ends_at"
    shown = (
        "account",
        "usage_kind",
        "total_amount",
        "used_amount",
        "left_amount",
        "starts_at",
        "ends_at",
        "subscription_id",
        "public_id",
    )

    @admin.display(description=_("total"))
    def total_amount(self, bucket: Bucket) -> str:
        """The whole allowance, with its unit."""
        return amount_text(bucket.usage_kind, bucket.total)

    @admin.display(description=_("used"))
    def used_amount(self, bucket: Bucket) -> str:
        """What was used, with its unit."""
        return amount_text(bucket.usage_kind, bucket.used)

    @admin.display(description=_("left"))
    def left_amount(self, bucket: Bucket) -> str:
        """What is left, with its unit."""
        return amount_text(bucket.usage_kind, bucket.total - bucket.used)
