"""The pages of the desk by what people do there, and not by which app of the house they belong to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.errors import Text


@dataclass(frozen=True, slots=True)
class _Group:
    """Pages that belong together, in order.

    :ivar name: names the group in the page.
    :ivar models: their classes by name; no two of the desk have the same.
    """

    name: str
    title: Text
    models: Sequence[str]


# In the order in which a clerk thinks of a customer: who, what they have, what they pay, what went wrong.
_GROUPS = (
    _Group(
        "customers",
        _("Customers and numbers"),
        ("Customer", "Account", "Line", "SimCard", "IdentityDocument", "ServicePassword", "SignIn", "LineAct"),
    ),
    _Group("offers", _("Offers and orders"), ("Offering", "Order", "Subscription", "Bucket")),
    _Group(
        "money",
        _("Balance and bills"),
        ("Wallet", "LedgerEntry", "Charge", "Bill", "BonusGrant", "Hold", "Adjustment", "OneOffFee"),
    ),
    _Group(
        "top-ups",
        _("Top-ups and ways of paying"),
        (
            *("TopUp", "Refund", "AutomaticTopUp", "BankCard", "CardPayment", "SandboxAgreement"),
            *("VoucherCard", "VoucherBatch", "Campaign"),
        ),
    ),
    _Group(
        "barring",
        _("Stopping and dunning"),
        ("Bar", "BarProposal", "DunningCase", "DunningNote", "HolidayWindow"),
    ),
    _Group(
        "stars",
        _("Stars and points"),
        (
            *("StarRating", "StarTable", "OverdraftChange", "OverdraftLowering"),
            *("PointsPurse", "PointsEntry", "PointsExchange", "PointsRule"),
        ),
    ),
    _Group("care", _("Enquiries, shops and hotspots"), ("Ticket", "Site")),
    _Group(
        "finance", _("Reconciliation and invoices"), ("Reconciliation", "TopUpStatement", "EInvoice", "EInvoiceBatch")
    ),
    _Group("texts", _("Texts and channels"), ("Sms", "Inbound", "SmsWording", "Interaction")),
    _Group(
        "partners",
        _("Partner systems"),
        ("PartnerClient", "PartnerCall", "PartnerGrant", "CustomerToken", "Hub", "HubEvent"),
    ),
    _Group(
        "staff", _("Staff and their traces"), ("StaffUser", "Group", "SecondFactor", "StaffTrace", "RetentionRecord")
    ),
)


def group_pages(apps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return Django's list of apps with their models as one of groups, in the order of the desk.

    A model that no group names follows in the app that it belongs to.
    """
    pages = {page["object_name"]: page for app in apps for page in app["models"]}
    grouped = [
        {
            "app_label": group.name,
            "name": group.title,
            "models": [pages.pop(one) for one in group.models if one in pages],
        }
        for group in _GROUPS
    ]
    left = [{**app, "models": [page for page in app["models"] if page["object_name"] in pages]} for app in apps]
    return [group for group in (*grouped, *left) if group["models"]]
