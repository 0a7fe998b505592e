from datetime import datetime

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned, AccountOwnedRow, SameAccountKey
from packages_app.models.offering import Offering


class OrderState(models.TextChoices):
    """Where an order stands; the steps between are in `packages_app.operations.order_steps.TRANSITIONS`."""

    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION", _("waiting for your confirmation")
    COMPLETED = "COMPLETED", _("completed")
    REFUSED = "REFUSED", _("refused by the customer")
    CANCELLED = "CANCELLED", _("cancelled by who asked for it")
    EXPIRED = "EXPIRED", _("not confirmed in time")
    FAILED = "FAILED", _("could not be carried out")


class OrderStart(models.TextChoices):
    """When what was ordered begins."""

    NOW = "NOW", _("when you confirm")
    NEXT_MONTH = "NEXT_MONTH", _("on the first of next month")


class Order(AccountOwnedRow):
    """A wish to change what a line has (订单). Nothing moves until its second confirmation.

    `terms` is what was offered (`packages_app.queries.terms.Terms`), `quote` what it means for this line on that day
    (`packages_app.queries.quotes.Quote`); `price_fen` is what the confirmation charges. None of them is read from the
    catalogue again, only compared with it. Orders of one cart share `cart_id`, code, time limit and outcome.
    """

    line_id = models.UUIDField(_("line"))
    line = SameAccountKey("accounts.Line", "line_id", verbose_name=_("line"))
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+", verbose_name=_("offering"))
    terms = models.JSONField(_("terms offered"))
    quote = models.JSONField(_("quote"), default=dict, help_text=_("empty if it was confirmed in another system"))
    price_fen = models.BigIntegerField(_("price"), help_text=_("charged when it is confirmed"))
    cart_id = models.UUIDField(_("cart"), null=True, help_text=_("shared by what is confirmed as one"))
    state = models.CharField(_("state"), max_length=24, choices=OrderState, default=OrderState.AWAITING_CONFIRMATION)
    channel = models.CharField(_("channel"), max_length=16)
    request_key = models.CharField(max_length=120, help_text=_("one wish, one order, however often it is sent"))
    code_hash = models.CharField(max_length=64, help_text=_("keyed hash of the confirmation code"))
    guesses = models.PositiveSmallIntegerField(_("codes tried"), default=0)
    quoted_at = models.DateTimeField(_("asked for at"))
    expires_at = models.DateTimeField(_("to be confirmed before"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    confirmed_channel = models.CharField(_("confirmed on"), max_length=16, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    failure = models.CharField(_("why it failed"), max_length=60, blank=True)

    class Meta:
        db_table = "packages_order"
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("start_order", "Can start an order for a line, which its customer confirms"),
            ("cancel_for_customer", "Can withdraw orders and cancel services of customers who ask for it"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="order_request_once"),
            models.UniqueConstraint(
                fields=["account", "line_id", "offering"],
                condition=models.Q(state="AWAITING_CONFIRMATION"),
                name="order_one_waiting_per_offering",
            ),
            models.CheckConstraint(condition=models.Q(state__in=OrderState.values), name="order_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="COMPLETED", confirmed_at__isnull=False)
                | (~models.Q(state="COMPLETED") & models.Q(confirmed_at__isnull=True)),
                name="order_completed_only_confirmed",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True) | models.Q(confirmed_at__lt=models.F("expires_at")),
                name="order_confirmed_in_time",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "line_id", "quoted_at"], name="order_of_line"),
            models.Index(
                fields=["expires_at"], name="order_waiting", condition=models.Q(state="AWAITING_CONFIRMATION")
            ),
            # What happened lately, for hubs. Rows lie in order of time, so a few kilobytes say where a day lies.
            BrinIndex(fields=["quoted_at", "ended_at"], name="order_by_time", autosummarize=True),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def state_at(self, now: datetime) -> OrderState:
        """Return the state as it counts at `now`: an order past its time limit is expired, swept or not."""
        if self.state == OrderState.AWAITING_CONFIRMATION and now >= self.expires_at:
            return OrderState.EXPIRED
        return OrderState(self.state)


class EvidenceKind(models.TextChoices):
    OFFERED = "OFFERED", _("offer shown")
    TEXT_QUEUED = "TEXT_QUEUED", _("confirmation text queued")
    CODE_RENEWED = "CODE_RENEWED", _("new code given")
    REPLY = "REPLY", _("customer's reply")
    WRONG_CODE = "WRONG_CODE", _("wrong code")
    CONFIRMED = "CONFIRMED", _("confirmed")
    REFUSED = "REFUSED", _("refused")
    CANCELLED = "CANCELLED", _("cancelled by who asked for it")
    EXPIRED = "EXPIRED", _("expired")
    FAILED = "FAILED", _("failed")


class OrderEvidence(AccountOwned):
    """One step of the proof that a customer wanted an order. Insert-only."""

    pk = models.CompositePrimaryKey("account_id", "order_id", "number")
    order_id = models.UUIDField(_("order"))
    order = SameAccountKey(Order, "order_id", verbose_name=_("order"))
    number = models.PositiveSmallIntegerField(_("step"))
    kind = models.CharField(_("what"), max_length=16, choices=EvidenceKind)
    channel = models.CharField(_("channel"), max_length=16)
    actor = models.CharField(_("who"), max_length=60, help_text=_("LINE, or who acted for it"))
    detail = models.JSONField(_("detail"), default=dict, help_text=_("text id, exact reply, terms, and so on"))
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "packages_order_evidence"
        verbose_name = _("order evidence")
        verbose_name_plural = _("order evidence")
