from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow, SameAccountKey
from packages_app.models.offering import FirstMonthRule, Offering


class SubscriptionState(models.TextChoices):
    ACTIVE = "ACTIVE", _("active")
    ENDED = "ENDED", _("ended")
    WITHDRAWN = "WITHDRAWN", _("withdrawn before it began")


class Subscription(AccountOwnedRow):
    """What a line has now (订购关系). Its id is its order's id: one order, one subscription.

    In force is what has begun and has not reached `ends_at`: ask `packages_app.queries.subscriptions`, never `state`
    alone. A cancelled service keeps the month that is paid for: `cancelled_at` is set, `ends_at` is the first of the
    next month, and the state turns ENDED when that instant has passed. One that begins later is there from its
    confirmation; withdrawn before it began, its period is empty, so that no instant lies in it.

    `first_month` is the rule that its first month went by: a plan that replaces another at once goes by days, whatever
    its terms say to newcomers.
    """

    line_id = models.UUIDField(_("line"))
    line = SameAccountKey("accounts.Line", "line_id", verbose_name=_("line"))
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+", verbose_name=_("offering"))
    terms = models.JSONField(_("terms sold"))
    state = models.CharField(_("state"), max_length=12, choices=SubscriptionState, default=SubscriptionState.ACTIVE)
    first_month = models.CharField(_("first month"), max_length=8, choices=FirstMonthRule, default=FirstMonthRule.FULL)
    replaces_id = models.UUIDField(_("replaces"), null=True, help_text=_("the plan that ended when this one began"))
    replaces = SameAccountKey("packages_app.Subscription", "replaces_id", null=True, verbose_name=_("replaces"))
    started_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, help_text=_("empty: until cancelled"))
    committed_until = models.DateTimeField(
        _("bound until"), null=True, help_text=_("cannot end before; empty: can be left at any time")
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    cancelled_channel = models.CharField(_("cancelled on"), max_length=16, blank=True)

    class Meta:
        db_table = "packages_subscription"
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=SubscriptionState.values), name="subscription_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=False) | models.Q(state="ACTIVE", cancelled_at__isnull=True),
                name="subscription_without_end_is_active",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(~models.Q(state="WITHDRAWN"), ends_at__gt=models.F("started_at"))
                | models.Q(state="WITHDRAWN", ends_at=models.F("started_at")),
                name="subscription_has_a_period",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "line_id", "state"], name="subscription_of_line"),
            models.Index(fields=["ends_at"], name="subscription_ending", condition=models.Q(state="ACTIVE")),
        ]

    def __str__(self) -> str:
        return f"{self.id}"
