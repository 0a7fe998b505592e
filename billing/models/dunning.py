from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow, SameAccountKey


class DunningStep(models.TextChoices):
    """What is done about money that is owed, in its order."""

    WARNED = "WARNED", _("warned")
    ONE_WAY = "ONE_WAY", _("outgoing calls and data barred")
    TWO_WAY = "TWO_WAY", _("calls barred both ways")
    RELEASE_WARNED = "RELEASE_WARNED", _("warned of the release")
    RELEASED = "RELEASED", _("number released")


class DunningNoteKind(models.TextChoices):
    STEP = "STEP", _("step taken")
    POSTPONED = "POSTPONED", _("step put off")
    PAID = "PAID", _("all paid")


class Postponement(models.TextChoices):
    """Why a step that was due did not happen."""

    HOLIDAY = "HOLIDAY", _("a holiday in which good customers are not suspended")
    STAR = "STAR", _("more days for a good star")


class DunningCase(AccountOwnedRow):
    """What is done about an account that owes (欠费催缴), from its warning until all is paid or its numbers go.

    An account has one open case at most. Written by `billing.operations.dunning` and `restore_paid`.
    """

    step = models.CharField(_("step"), max_length=16, choices=DunningStep)
    step_at = models.DateTimeField(_("since"))
    opened_at = models.DateTimeField(_("begun at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        db_table = "billing_dunning_case"
        verbose_name = _("dunning case")
        verbose_name_plural = _("dunning cases")
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(closed_at__isnull=True), name="dunning_case_open_once"
            ),
            models.CheckConstraint(condition=models.Q(step__in=DunningStep.values), name="dunning_case_step_known"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(closed_at__gte=models.F("step_at")),
                name="dunning_case_closed_after_its_step",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_step_display())


class DunningNote(AccountOwnedRow):
    """What was done in a dunning case, or put off and why. Insert-only; customers and staff read it."""

    case_id = models.UUIDField(_("dunning case"))
    case = SameAccountKey("billing.DunningCase", "case_id")
    kind = models.CharField(_("what happened"), max_length=12, choices=DunningNoteKind)
    step = models.CharField(_("step"), max_length=16, choices=DunningStep)
    owed_fen = models.BigIntegerField(_("owed"))
    postponement = models.CharField(_("put off because of"), max_length=12, choices=Postponement, blank=True)
    holiday_zh = models.CharField(_("holiday (Chinese)"), max_length=60, blank=True)
    holiday_en = models.CharField(_("holiday (English)"), max_length=80, blank=True)
    star = models.PositiveSmallIntegerField(_("star"), null=True)
    until_at = models.DateTimeField(_("put off until"), null=True)
    noted_at = models.DateTimeField(_("noted at"))

    class Meta:
        db_table = "billing_dunning_note"
        verbose_name = _("note of dunning")
        verbose_name_plural = _("notes of dunning")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "case_id", "kind", "step", "postponement"],
                condition=~models.Q(postponement="HOLIDAY"),
                name="dunning_note_once",
            ),
            models.UniqueConstraint(
                fields=["account", "case_id", "step", "until_at"],
                condition=models.Q(postponement="HOLIDAY"),
                name="dunning_note_once_per_holiday",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="POSTPONED", until_at__isnull=False, postponement__in=Postponement.values)
                | (~models.Q(kind="POSTPONED") & models.Q(until_at__isnull=True, postponement="")),
                name="dunning_note_of_delay_says_why",
            ),
        ]
        indexes = [models.Index(fields=["account", "noted_at"], name="dunning_note_of_account")]

    def __str__(self) -> str:
        return str(self.get_kind_display())
