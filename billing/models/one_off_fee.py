from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models.charge import BillHead
from kernel.account_owned import AccountOwnedRow


class OneOffFeeState(models.TextChoices):
    PROPOSED = "PROPOSED", _("waiting for a second person")
    CHARGED = "CHARGED", pgettext_lazy("state of a fee", "charged")
    REFUSED = "REFUSED", pgettext_lazy("state of a fee", "refused")


class OneOffFee(AccountOwnedRow):
    """A fee that staff charge once (一次性费用): proposed by one person, checked by another, charged once.

    Its id is the charge's reason. Staff are named by their ids; they live where no foreign key of a customer's row
    reaches.
    """

    line_id = models.UUIDField(_("line"))
    msisdn = models.CharField(_("number"), max_length=16)
    language = models.CharField(_("language of the text"), max_length=8)
    amount_fen = models.BigIntegerField(_("amount"))
    head = models.CharField(_("head"), max_length=16, choices=BillHead)
    name = models.CharField(_("what for"), max_length=120)
    provider_name = models.CharField(_("collected for"), max_length=80, blank=True)
    words = models.CharField(_("why"), max_length=200)
    state = models.CharField(_("state"), max_length=12, choices=OneOffFeeState, default=OneOffFeeState.PROPOSED)
    request_key = models.CharField(max_length=40, help_text=_("one form, one proposal"))
    proposed_by = models.BigIntegerField(_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"))
    checked_by = models.BigIntegerField(_("checked by"), null=True)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    refusal = models.CharField(_("why it was refused"), max_length=200, blank=True)

    class Meta:
        db_table = "billing_one_off_fee"
        verbose_name = _("one-off fee")
        verbose_name_plural = _("one-off fees")
        permissions = [
            ("propose_one_off_fee", _("Can propose one-off fees")),
            ("check_one_off_fee", _("Can check one-off fees that others proposed")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="one_off_fee_request_key_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="one_off_fee_amount_positive"),
            models.CheckConstraint(condition=models.Q(state__in=OneOffFeeState.values), name="one_off_fee_state_known"),
            models.CheckConstraint(
                condition=~models.Q(head="THIRD_PARTY") | ~models.Q(provider_name=""),
                name="one_off_fee_for_others_names_provider",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_by__isnull=True) | ~models.Q(checked_by=models.F("proposed_by")),
                name="one_off_fee_needs_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(state="PROPOSED", checked_by__isnull=True, checked_at__isnull=True)
                | (~models.Q(state="PROPOSED") & models.Q(checked_by__isnull=False, checked_at__isnull=False)),
                name="one_off_fee_decided_was_checked",
            ),
        ]
        indexes = [
            models.Index(fields=["proposed_at"], name="one_off_fee_waiting", condition=models.Q(state="PROPOSED")),
        ]

    def __str__(self) -> str:
        return self.name
