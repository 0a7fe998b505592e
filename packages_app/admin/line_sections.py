"""What the page of a line says of services, allowances and orders."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.line_desk import LineSection, LineVisit, short_instant
from kernel.read_only_admin import yuan_words
from packages_app.admin.amounts import amount_text
from packages_app.models import Bucket, Order, Subscription, UsageKind
from packages_app.queries.allowance import get_allowance
from packages_app.queries.orders import list_orders_of_line
from packages_app.queries.subscriptions import list_coming_subscriptions, list_subscriptions
from packages_app.queries.terms import get_name

_KINDS = {
    UsageKind.DATA: pgettext_lazy("desk", "Data"),
    UsageKind.VOICE: pgettext_lazy("desk", "Voice"),
    UsageKind.SMS: pgettext_lazy("desk", "Texts"),
}
# What concerns all that the line has: permission, name, form.
_CHANGES = (
    ("accounts.change_number", _("Change the number"), "change_number"),
    ("accounts.hand_over_line", _("Hand over to another owner"), "hand_over"),
)


def services(visit: LineVisit) -> LineSection | None:
    """What the line has, and what begins next."""
    if not visit.may("packages_app.view_subscription"):
        return None
    found = [
        *list_subscriptions(visit.account_id, visit.line_id, visit.now),
        *list_coming_subscriptions(visit.account_id, visit.line_id, visit.now),
    ]
    return LineSection(
        name="services",
        title=pgettext_lazy("desk", "Services"),
        columns=(_("service"), _("kind"), _("since"), _("until")),
        rows=[
            (
                visit.link(row, get_name(row.terms, _language())),
                row.offering.get_kind_display(),
                short_instant(row.started_at),
                short_instant(row.ends_at),
            )
            for row in found
        ],
        list_url=visit.list_of(Subscription),
        actions=[
            (label, visit.action(f"packages_app_subscription_{page}"))
            for permission, label, page in _CHANGES
            if visit.in_use and visit.may(permission)
        ],
    )


def allowances(visit: LineVisit) -> LineSection | None:
    """What is left of each allowance in force."""
    if not visit.may("packages_app.view_bucket"):
        return None
    allowance = get_allowance(visit.account_id, visit.line_id, visit.now)
    return LineSection(
        name="allowances",
        title=_("Allowances"),
        facts=[(_("updated at"), short_instant(allowance.updated_at))],
        columns=(_("kind"), _("comes with"), _("used"), _("left of what is included"), _("until")),
        rows=[
            (
                _KINDS[kind.usage_kind],
                bucket.name_in(_language()),
                amount_text(kind.usage_kind, bucket.used),
                f"{amount_text(kind.usage_kind, bucket.left)} / {amount_text(kind.usage_kind, bucket.total)}",
                short_instant(bucket.ends_at),
            )
            for kind in allowance.kinds
            for bucket in kind.buckets
        ],
        list_url=visit.list_of(Bucket),
    )


def orders(visit: LineVisit) -> LineSection | None:
    """The latest orders, each with its proof."""
    if not visit.may("packages_app.view_order"):
        return None
    may_start = visit.in_use and visit.may("packages_app.start_order")
    return LineSection(
        name="orders",
        title=pgettext_lazy("desk", "Orders"),
        columns=(_("asked for at"), _("what"), _("price"), _("state"), _("proof"), _("channel")),
        rows=[
            (
                visit.link(order, short_instant(order.quoted_at)),
                get_name(order.terms, _language()),
                yuan_words(order.price_fen),
                order.get_state_display(),
                format_html(
                    '<a href="{}">{}</a>',
                    reverse("admin:packages_app_order_proof", args=[f"{order.account_id},{order.id}"]),
                    _("proof"),
                ),
                Channel(order.channel).label,
            )
            for order in list_orders_of_line(visit.account_id, visit.line_id, LineVisit.SHOWN)
        ],
        list_url=visit.list_of(Order),
        actions=[(_("Start an order"), visit.action("packages_app_order_start"))] if may_start else [],
    )


def _language() -> str:
    return get_language() or ""
