from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.holiday_window import HIGHEST_STAR
from accounts.models.star_table import StarTable
from kernel.account_owned import AccountOwned


class StarRating(AccountOwned):
    """The rating of an account for one month (星级评定), with all that it was made of. Insert-only; the newest holds.

    An account that is not with us long enough has a row without a star, so that it can be told what is missing.
    """

    pk = models.CompositePrimaryKey("account_id", "period_date")
    period_date = models.DateField(_("month"), help_text=_("first day of the month; what happened before it counts"))
    table = models.ForeignKey(StarTable, on_delete=models.PROTECT, related_name="+", verbose_name=_("star table"))

    months_on_network = models.PositiveIntegerField(_("months with us"))
    has_real_name = models.BooleanField(_("real name"))
    average_spend_fen = models.BigIntegerField(_("average spend"))
    late_months = models.PositiveSmallIntegerField(_("months paid late"))
    suspensions = models.PositiveSmallIntegerField(_("suspensions"))

    months_points = models.PositiveSmallIntegerField(_("points for the time with us"))
    real_name_points = models.PositiveSmallIntegerField(_("points for the real name"))
    spend_points = models.PositiveSmallIntegerField(_("points for the spend"))
    late_points = models.PositiveSmallIntegerField(_("points for paying on time"))
    suspension_points = models.PositiveSmallIntegerField(_("points for no suspensions"))
    points = models.PositiveSmallIntegerField(_("points"))

    star = models.PositiveSmallIntegerField(_("star"), null=True, help_text=_("empty: not with us long enough"))
    overdraft_fen = models.BigIntegerField(_("overdraft"))
    is_first = models.BooleanField(_("first rating"))
    previous_star = models.PositiveSmallIntegerField(_("star before"), null=True)
    valid_until = models.DateField(_("valid until"), help_text=_("first day on which it holds no more"))
    rated_at = models.DateTimeField(_("rated at"))

    class Meta:
        db_table = "accounts_star_rating"
        verbose_name = _("star rating")
        verbose_name_plural = _("star ratings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(star__isnull=True, overdraft_fen=0)
                | models.Q(star__gte=1, star__lte=HIGHEST_STAR, overdraft_fen__gte=0),
                name="star_rating_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    points=models.F("months_points")
                    + models.F("real_name_points")
                    + models.F("spend_points")
                    + models.F("late_points")
                    + models.F("suspension_points")
                ),
                name="star_rating_is_sum_of_points",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("period_date")), name="star_rating_holds_some_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_date:%Y-%m}: {self.star or '–'}"
