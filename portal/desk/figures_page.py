"""The figures of the hall on one page of the desk: a table with bars for each, and the same as a file."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.csv_export import Cell, csv_lines
from kernel.desk_figures import Figure, Period

# Today alone, or with so many days before it.
_CHOICES = {"1": _("Today"), "7": _("7 days"), "30": _("30 days")}
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
        """Show what this person may see of the chosen days; or one figure of it as a file.

        :raises Http404: there is no such figure, or this person may not see it.
        """
        days = request.GET.get("days", _DEFAULT)
        days = days if days in _CHOICES else _DEFAULT
        ends_at = now()
        midnight = localtime(ends_at).replace(hour=0, minute=0, second=0, microsecond=0)
        period = Period(request, midnight - timedelta(days=int(days) - 1), ends_at)
        if "csv" in request.GET:
            return self._file(period, request.GET["csv"])
        found = (figure(period) for figure in self.figures)
        context = {
            **self.site.each_context(request),
            "title": _("Figures"),
            "figures": [figure for figure in found if figure is not None],
            "period": period,
            "days": days,
            "choices": _CHOICES.items(),
        }
        return render(request, "admin/desk/figures.html", context)

    def _file(self, period: Period, name: str) -> HttpResponseBase:
        for make in self.figures:
            figure = make(period)
            if figure is not None and figure.name == name:
                return _csv(figure, period)
        raise Http404


def _csv(figure: Figure, period: Period) -> HttpResponseBase:
    width = len(figure.columns)
    cells: list[tuple[Cell, ...]] = [(str(row.label), row.count, str(row.besides)) for row in figure.rows]
    day = f"{localtime(period.starts_at):%Y%m%d}-{localtime(period.ends_at):%Y%m%d}"
    return StreamingHttpResponse(
        csv_lines(columns=[str(column) for column in figure.columns], rows=[row[:width] for row in cells]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{figure.name}-{day}.csv"'},
    )
