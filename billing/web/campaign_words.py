"""What a campaign promises, in a sentence for the top-up page."""

from django.utils.translation import get_language, gettext

from billing.models import Campaign
from kernel.money import yuan_text


def campaign_words(campaign: Campaign) -> str:
    """Return the whole promise of a campaign in the visitor's language."""
    values = {
        "name": campaign.name_in(get_language() or ""),
        "minimum": _plain(campaign.minimum_fen),
        "bonus": _plain(campaign.bonus_fen),
        "percent": campaign.bonus_percent,
        "days": campaign.bonus_days,
    }
    if campaign.bonus_fen:
        words = gettext("%(name)s: from %(minimum)s yuan you are given %(bonus)s yuan of bonus.") % values
    else:
        words = gettext("%(name)s: from %(minimum)s yuan you are given %(percent)s%% of it as bonus.") % values
        if campaign.cap_fen:
            words += " " + gettext("At most %(cap)s yuan.") % {"cap": _plain(campaign.cap_fen)}
    if campaign.bonus_days:
        words += " " + gettext("The bonus is to be spent within %(days)s days.") % values
    return words


def _plain(amount_fen: int) -> str:
    return yuan_text(amount_fen).removesuffix(".00")
