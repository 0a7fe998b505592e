"""What the page of a line says of bars, star, sign-ins and of what staff did."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Bar, BarProposal, Line, ServicePassword, SignIn, StaffTrace, StarRating
from accounts.queries.bars import get_cure, list_bars
from accounts.queries.line_acts import list_line_acts
from accounts.queries.sign_ins import list_live_sign_ins
from accounts.queries.staff import list_staff_names
from accounts.queries.staff_traces import list_traces_of_account
from accounts.queries.stars import get_rating
from kernel.line_desk import LineSection, LineVisit, short_instant
from kernel.read_only_admin import yuan_words


def barring(visit: LineVisit) -> LineSection | None:
    """What bars the line, and what did."""
    if not visit.may("accounts.view_bar"):
        return None
    bars = list_bars(visit.account_id, visit.line_id, LineVisit.SHOWN)
    names = list_staff_names({bar.started_by_staff for bar in bars if bar.started_by_staff is not None})
    return LineSection(
        name="barring",
        title=_("Bars"),
        columns=(_("reason"), _("why, in words"), _("since"), _("barred by"), _("until"), _("what helps")),
        rows=[
            (
                visit.link(bar, bar.get_reason_display()),
                bar.words or "–",
                short_instant(bar.started_at),
                names.get(bar.started_by_staff or 0) or bar.get_started_by_display(),
                short_instant(bar.ended_at) if bar.ended_at else _("still barred"),
                "–" if bar.ended_at else get_cure(bar),
            )
            for bar in bars
        ],
        list_url=visit.list_of(Bar),
        lists=[(_("Proposed bars"), visit.list_of(BarProposal))],
    )


def acts(visit: LineVisit) -> LineSection | None:
    """What was done to the line: cards, numbers, owners, documents. Its own page is where such things are done."""
    if not visit.may("accounts.view_line"):
        return None
    done = list_line_acts(account_id=visit.account_id, line_id=visit.line_id, limit=LineVisit.SHOWN)
    names = list_staff_names({act.staff_id for act in done if act.staff_id is not None})
    line = Line(account_id=visit.account_id, id=visit.line_id)
    desk: Any = visit.site.get_model_admin(Line)
    return LineSection(
        name="acts",
        title=_("Cards, owner and number"),
        columns=(_("at"), _("what"), _("by"), _("reason")),
        rows=[
            (
                short_instant(act.at),
                act.get_kind_display(),
                names.get(act.staff_id, "–") if act.staff_id else _("the customer"),
                act.reason or "–",
            )
            for act in done
        ],
        actions=desk.questions_for(visit.request, line) if visit.in_use else [],
        lists=[(_("SIM card, PUK, lost card, number, owner"), visit.page_of(line))],
    )


def star(visit: LineVisit) -> LineSection | None:
    """The star that holds, with the points that it was made of."""
    if not visit.may("accounts.view_starrating"):
        return None
    rating = get_rating(visit.account_id, visit.now)
    if rating is None:
        return LineSection(name="star", title=_("Star"), facts=[(_("star"), _("not rated"))])
    return LineSection(
        name="star",
        title=_("Star"),
        facts=[
            (_("star"), rating.star or _("not rated")),
            (_("points"), rating.points),
            (_("overdraft"), yuan_words(rating.overdraft_fen)),
            (_("valid until"), rating.valid_until),
        ],
        list_url=visit.list_of(StarRating),
    )


def sign_ins(visit: LineVisit) -> LineSection | None:
    """Where the line is signed in."""
    if not visit.may("accounts.view_signin"):
        return None
    live = list_live_sign_ins(account_id=visit.account_id, line_id=visit.line_id, now=visit.now)
    return LineSection(
        name="sign-ins",
        title=_("Signed in now"),
        columns=(_("device"), _("place"), _("signed in at"), _("last used at")),
        rows=[
            (visit.link(row, row.device), row.place, short_instant(row.signed_in_at), short_instant(row.seen_at))
            for row in live[: LineVisit.SHOWN]
        ],
        list_url=visit.list_of(SignIn),
        lists=[(_("Service password"), visit.list_of(ServicePassword))],
    )


def traces(visit: LineVisit) -> LineSection | None:
    """Who of the staff looked at the account, and did what; for auditors."""
    if not visit.may("accounts.view_stafftrace"):
        return None
    found = list_traces_of_account(visit.account_id, LineVisit.SHOWN)
    return LineSection(
        name="traces",
        title=_("Traces of staff"),
        columns=(_("at"), _("staff member"), _("what"), _("page"), _("reason")),
        rows=[
            (visit.link(row, short_instant(row.at)), row.username, row.get_kind_display(), row.page, row.reason or "–")
            for row in found
        ],
        list_url=visit.list_of(StaffTrace),
    )
