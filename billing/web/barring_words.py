"""What bars, delays and steps of dunning are called on pages."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.queries.bars import Barred
from billing.models import DunningNote, DunningStep, Postponement
from billing.queries.dunning import Dunning


def barred_words(barred: Barred) -> str:
    """Return what does not work and what does, in a sentence; empty when nothing is barred."""
    if not barred:
        return ""
    if barred.incoming:
        return _("Calls in and out, texts and data are stopped. Emergency calls (110, 119, 120, 122) always work.")
    return _(
        "Outgoing calls, texts and data are stopped. You can be called. Emergency calls (110, 119, 120, 122) always"
        " work."
    )


def next_step_words(dunning: Dunning, now: datetime) -> str:
    """Return what comes next if nothing is paid, and not before when; empty when nothing does."""
    if dunning.next is None:
        return ""
    at = max(dunning.next.at, now)
    if dunning.protection:
        at = dunning.protection.ends_at
    day = date_format(localtime(at), "DATE_FORMAT")
    words = {
        DunningStep.WARNED: _("If it is not paid, we warn you by text on %(day)s."),
        DunningStep.ONE_WAY: _("If it is not paid, outgoing calls and data stop on %(day)s."),
        DunningStep.TWO_WAY: _("If it is not paid, incoming calls stop too on %(day)s."),
        DunningStep.RELEASE_WARNED: _("If it is not paid, the number will be taken back; we warn you on %(day)s."),
        DunningStep.RELEASED: _("If it is not paid, the number is taken back on %(day)s."),
    }[dunning.next.step] % {"day": day}
    if dunning.protection:
        holiday = {"holiday": dunning.protection.name_in(get_language() or "")}
        words = _("%(message)s %(cure)s") % {
            "message": words,
            "cure": _("Your star protects you until then: %(holiday)s.") % holiday,
        }
    return words


def delay_words(note: DunningNote) -> str:
    """Return why a suspension did not happen, and until when."""
    day = date_format(localtime(note.until_at), "DATETIME_FORMAT") if note.until_at else ""
    if note.postponement == Postponement.HOLIDAY:
        chinese = (get_language() or "").startswith("zh")
        holiday = note.holiday_zh if chinese else note.holiday_en
        return _("Not stopped because of %(holiday)s and your %(star)s stars, until %(day)s.") % {
            "holiday": holiday,
            "star": note.star,
            "day": day,
        }
    return _("Not stopped because your %(star)s stars give you more time, until %(day)s.") % {
        "star": note.star,
        "day": day,
    }
