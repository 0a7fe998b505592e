"""How the inputs of a star are said: what they are, and how there are more points."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import StarInput
from accounts.queries.star_explanation import Gain, InputFact
from kernel.templatetags.hall_format import plain_yuan, yuan


def value_words(fact: InputFact) -> str:
    """Return what an input came to."""
    if fact.name == StarInput.MONTHS:
        return _months(fact.value)
    if fact.name == StarInput.REAL_NAME:
        return pgettext("document", "recorded") if fact.value else pgettext("document", "not recorded")
    if fact.name == StarInput.SPEND:
        return _("%(amount)s yuan a month") % {"amount": yuan(fact.value)}
    if fact.name == StarInput.LATE:
        if not fact.value:
            return _("nothing paid late")
        return ngettext("%(count)d month paid late", "%(count)d months paid late", fact.value) % {"count": fact.value}
    if not fact.value:
        return _("not once")
    return ngettext("%(count)d suspension", "%(count)d suspensions", fact.value) % {"count": fact.value}


def scope_words(name: StarInput, looks_back_months: int) -> str:
    """Return over which time an input is looked at; empty where it is not."""
    if name in (StarInput.MONTHS, StarInput.REAL_NAME):
        return ""
    return ngettext("in the last %(count)d whole month", "in the last %(count)d whole months", looks_back_months) % {
        "count": looks_back_months
    }


def gain_words(name: StarInput, gain: Gain | None) -> str:
    """Return how an input brings more points."""
    if gain is None:
        return _("All points that there are.")
    values = {"points": _points(gain.points)}
    if name == StarInput.MONTHS:
        return _("%(points)s more from %(months)s on.") % {**values, "months": _months(gain.value)}
    if name == StarInput.REAL_NAME:
        return _("%(points)s more once your identity document is recorded: bring it to a shop.") % values
    if name == StarInput.SPEND:
        return _("%(points)s more from %(amount)s yuan a month on.") % {**values, "amount": plain_yuan(gain.value)}
    if name == StarInput.LATE:
        if not gain.value:
            return _("%(points)s more once no month of them was paid late.") % values
        return ngettext(
            "%(points)s more with %(count)d month paid late at most.",
            "%(points)s more with %(count)d months paid late at most.",
            gain.value,
        ) % {**values, "count": gain.value}
    if not gain.value:
        return _("%(points)s more once there was no suspension in this time.") % values
    return ngettext(
        "%(points)s more with %(count)d suspension at most.",
        "%(points)s more with %(count)d suspensions at most.",
        gain.value,
    ) % {**values, "count": gain.value}


def star_words(star: int) -> str:
    """Return a star in words: "4 stars"."""
    return ngettext("%(count)d star", "%(count)d stars", star) % {"count": star}


def _months(count: int) -> str:
    return ngettext("%(count)d month", "%(count)d months", count) % {"count": count}


def _points(count: int) -> str:
    return ngettext("%(count)d point", "%(count)d points", count) % {"count": count}
