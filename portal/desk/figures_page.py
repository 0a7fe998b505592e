"""The figures of the hall on one page of the desk: a table with bars for each, and the same as a file."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.clock import SHANGHAI, month_of, now
from kernel.csv_export import Cell, csv_lines
from kernel.desk_figures import Figure, Period
from portal.desk.day_chart import draw_days

_CHOICES = {
    "1": _("Today"),
    "7": _("7 days"),
    "30": _("30 days"),
    "month": _("This month"),
    "last-month": _("Last month"),
}
_DEFAULT = "7"


class FiguresPage:
    """The page, in the frame of the desk that it belongs to."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    @property
    def urls(self) -> list[URLPattern]:
        """The address of the page."""
        return [path("figures/", self.site.admin_view(self.show), name="figures")]

    @cached_property
    def figures(self) -> list[Any]:
        """What the apps contribute, in the order of the page."""
        return [import_string(name) for name in settings.DESK_FIGURES]

    def show(self, request: HttpRequest) -> HttpResponseBase:
        """Show what this person may see of the chosen days; or one figure of it as a file, day by day if so asked.

        :raises Http404: there is no such figure, or this person may not see it.
        """
        days = request.GET.get("days", _DEFAULT)
        days = days if days in _CHOICES else _DEFAULT
        period = Period(request, *_span(days, now()))
        if "csv" in request.GET:
            return self._file(period, request.GET["csv"], by_day="by_day" in request.GET)
        found = [figure for figure in (make(period) for make in self.figures) if figure is not None]
        context = {
            **self.site.each_context(request),
            "title": _("Figures"),
            "figures": [(figure, draw_days(figure, period.days)) for figure in found],
            "period": period,
            "days": days,
            "choices": _CHOICES.items(),
        }
        return render(request, "admin/desk/figures.html", context)

    def _file(self, period: Period, name: str, *, by_day: bool) -> HttpResponseBase:
        for make in self.figures:
            figure = make(period)
            if figure is not None and figure.name == name:
                return _csv(figure, period, by_day=by_day)
        raise Http404


def _span(days: str, at: datetime) -> tuple[datetime, datetime]:
    """Return beginning and end of what was chosen: so many days with today, or a month."""
    if days == "month":
        return month_of(at).starts_at, at
    if days == "last-month":
        last = month_of(at).previous
        return last.starts_at, last.ends_at
    midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=int(days) - 1), at


def _csv(figure: Figure, period: Period, *, by_day: bool) -> HttpResponseBase:
    width = len(figure.columns)
    columns: list[str] = [str(column) for column in figure.columns]
    rows: list[tuple[Cell, ...]] = [(str(row.label), row.count, str(row.besides))[:width] for row in figure.rows]
    if by_day:
        columns = [gettext("day"), *(str(row.label) for row in figure.rows)]
        rows = [(f"{day:%Y-%m-%d}", *(row.by_day.get(day, 0) for row in figure.rows)) for day in period.days]
    span = f"{period.days[0]:%Y%m%d}-{period.days[-1]:%Y%m%d}"
    name = f"{figure.name}{'-by-day' if by_day else ''}-{span}.csv"
    return StreamingHttpResponse(
        csv_lines(columns=columns, rows=rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
