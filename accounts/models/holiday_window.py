from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement

HIGHEST_STAR = 5


class HolidayWindow(models.Model):
    """A time in which customers of a star or more are not suspended (节假日免停机). Reference data.

    Public holidays come from the calendar library (`operations.keep_holidays`), local ones from staff. A window that
    staff changed is theirs: the calendar leaves it alone.
    """

    placement = Placement.REFERENCE

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=80)
    province = models.CharField(
        _("province"), max_length=16, blank=True, help_text=_("ISO 3166-2 code, such as CN-GD; empty means all")
    )
    starts_at = models.DateTimeField(_("from"), help_text=_("to the hour"))
    ends_at = models.DateTimeField(_("until"), help_text=_("the first instant after it, to the hour"))
    minimum_star = models.PositiveSmallIntegerField(_("least star"))
    is_kept_by_staff = models.BooleanField(
        _("kept by staff"), default=False, help_text=_("the calendar of public holidays does not change it")
    )

    class Meta:
        db_table = "accounts_holiday_window"
        verbose_name = _("holiday window")
        verbose_name_plural = _("holiday windows")
        ordering = ["-starts_at", "code"]
        indexes = [models.Index(fields=["ends_at"], name="holiday_window_end")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="holiday_window_ends_after_start",
                violation_error_message=_("It ends after it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__minute=0, starts_at__second=0, ends_at__minute=0, ends_at__second=0),
                name="holiday_window_to_the_hour",
                violation_error_message=_("Holiday windows begin and end on the hour."),
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_star__gte=1, minimum_star__lte=HIGHEST_STAR),
                name="holiday_window_star_known",
                violation_error_message=_("A star is a number from 1 to 5."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    def name_in(self, language: str) -> str:
        """Return the name in "zh-hans" or "en"."""
        return self.name_en if language == "en" else self.name_zh
