"""Figures of sign-ins."""

from django.utils.translation import gettext_lazy as _

from accounts.queries.sign_ins import count_sign_ins_by_platform
from kernel.desk_figures import Figure, FigureRow, Period


def sign_ins_by_platform(period: Period) -> Figure | None:
    """Sign-ins of customers in the period, by the system of their device."""
    if not period.may("accounts.view_signin"):
        return None
    counts = count_sign_ins_by_platform(period.starts_at, period.ends_at)
    return Figure(
        name="sign-ins-by-platform",
        title=_("Sign-ins by platform"),
        columns=(_("platform"), _("sign-ins")),
        rows=[FigureRow(platform, sum(days.values()), by_day=days) for platform, days in counts.items()],
    )
