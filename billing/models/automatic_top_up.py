from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models.bank_card import BankCard
from kernel.account_owned import AccountOwned, SameAccountKey


class AutomaticTopUpState(models.TextChoices):
    ON = "ON", _("on")
    OFF = "OFF", _("off")
    STOPPED = "STOPPED", _("stopped: the card failed too often")


class AutomaticTopUp(AccountOwned):
    """What a customer wants done when the balance falls below a threshold (自动充值).

    `waits_for_rise`: this fall was paid for, and the balance has not been back at the threshold since; the next fall
    comes after that. `next_try_at` is before when it is not tried again, after a failure or at the monthly limit.
    """

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name=_("account")
    )
    line_id = models.UUIDField(_("line"))
    card_id = models.UUIDField(_("linked bank card"))
    card = SameAccountKey(BankCard, "card_id", verbose_name=_("linked bank card"))
    threshold_fen = models.BigIntegerField(_("below"))
    amount_fen = models.BigIntegerField(_("amount"))
    monthly_limit_fen = models.BigIntegerField(_("monthly limit"))
    state = models.CharField(_("state"), max_length=8, choices=AutomaticTopUpState, default=AutomaticTopUpState.ON)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    waits_for_rise = models.BooleanField(default=False)
    next_try_at = models.DateTimeField(_("not tried again before"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "billing_automatic_top_up"
        verbose_name = _("automatic top-up")
        verbose_name_plural = _("automatic top-ups")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=AutomaticTopUpState.values), name="automatic_top_up_state_known"
            ),
            models.CheckConstraint(condition=models.Q(threshold_fen__gt=0), name="automatic_top_up_threshold_positive"),
            models.CheckConstraint(
                condition=models.Q(amount_fen__gt=models.F("threshold_fen")), name="automatic_top_up_lifts_above"
            ),
            models.CheckConstraint(
                condition=models.Q(monthly_limit_fen__gte=models.F("amount_fen")), name="automatic_top_up_limit_allows"
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="automatic_top_up_on", condition=models.Q(state="ON")),
        ]

    def __str__(self) -> str:
        return str(self.account_id)
