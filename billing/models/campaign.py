from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement

HUNDRED_PERCENT = 100


class Campaign(models.Model):
    """A promise of bonus for top-ups (充值优惠). Reference data; a top-up keeps what it was promised."""

    placement = Placement.REFERENCE

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=80)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), help_text=_("the first instant after it"))
    province = models.CharField(
        _("province"), max_length=16, blank=True, help_text=_("ISO 3166-2 code, such as CN-GD; empty means all")
    )
    minimum_fen = models.BigIntegerField(_("smallest top-up"))
    bonus_fen = models.BigIntegerField(_("bonus"), default=0)
    bonus_percent = models.PositiveSmallIntegerField(_("bonus in percent"), default=0)
    cap_fen = models.BigIntegerField(_("largest bonus"), null=True, blank=True)
    bonus_days = models.PositiveSmallIntegerField(
        _("days to spend it"), default=0, help_text=_("after the credit; 0 means for ever")
    )

    class Meta:
        db_table = "billing_campaign"
        verbose_name = _("top-up campaign")
        verbose_name_plural = _("top-up campaigns")
        ordering = ["-starts_at", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(bonus_fen__gt=0, bonus_percent=0) | models.Q(bonus_fen=0, bonus_percent__gt=0),
                name="campaign_gives_fen_or_percent",
            ),
            models.CheckConstraint(
                condition=models.Q(bonus_percent__lte=HUNDRED_PERCENT), name="campaign_doubles_at_most"
            ),
            models.CheckConstraint(condition=models.Q(minimum_fen__gt=0), name="campaign_minimum_positive"),
            models.CheckConstraint(
                condition=models.Q(cap_fen__isnull=True) | models.Q(cap_fen__gt=0), name="campaign_cap_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="campaign_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    def name_in(self, language: str) -> str:
        """Return the name in "zh-hans" or "en"."""
        return self.name_en if language == "en" else self.name_zh

    def bonus_for(self, amount_fen: int) -> int:
        """Return the bonus in fen for a top-up of so much; parts of a fen are not given."""
        if amount_fen < self.minimum_fen:
            return 0
        bonus_fen = self.bonus_fen or amount_fen * self.bonus_percent // HUNDRED_PERCENT
        return bonus_fen if self.cap_fen is None else min(bonus_fen, self.cap_fen)
