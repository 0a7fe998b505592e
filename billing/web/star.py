"""The credit star of an account: why it is what it is, what it brings, and what the next one needs."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.models import HIGHEST_STAR
from accounts.queries.holidays import list_coming_windows
from accounts.queries.star_explanation import Explanation, explain_rating
from accounts.queries.stars import get_rating, list_ratings
from accounts.web.signed_in import SignedInRequest, line_required
from billing.queries.balance import get_balance
from billing.queries.dunning import list_postponements
from billing.web.barring_words import delay_words
from billing.web.star_words import gain_words, scope_words, star_words, value_words
from kernel.clock import now as current_instant

_MONTHS_SHOWN = 12
_DELAYS_SHOWN = 5


@require_safe
@line_required
def star(request: SignedInRequest) -> HttpResponse:
    """Explain the star that holds now; who has none is told when there will be one."""
    at = current_instant()
    account_id = request.line.account_id
    rating = get_rating(account_id, at)
    context: dict[str, object] = {
        "balance": get_balance(account_id),
        "delays": [
            {"at": note.noted_at, "words": delay_words(note)} for note in list_postponements(account_id, _DELAYS_SHOWN)
        ],
    }
    if rating:
        explained = explain_rating(rating)
        context |= {
            "rating": rating,
            "explained": explained,
            "name": star_words(rating.star) if rating.star else "",
            "marks": [number < (rating.star or 0) for number in range(HIGHEST_STAR)],
            "inputs": _inputs(explained),
            "bands": [{"band": band, "name": star_words(band.star)} for band in explained.bands],
            "next_name": star_words(explained.next_band.star) if explained.next_band else "",
            "windows": [
                {"window": window, "name": window.name_in(get_language() or "")}
                for window in list_coming_windows(account_id=account_id, star=rating.star, at=at)
            ],
            "history": [
                {"rating": one, "name": star_words(one.star) if one.star else "–"}
                for one in list_ratings(account_id, _MONTHS_SHOWN)
                if one.period_date <= localtime(at).date()
            ],
        }
    return render(request, "billing/star.html", context)


def _inputs(explained: Explanation) -> list[dict[str, object]]:
    months = explained.rating.table.looks_back_months
    return [
        {
            "label": fact.name.label,
            "value": value_words(fact),
            "scope": scope_words(fact.name, months),
            "points": fact.points,
            "most_points": fact.most_points,
            "gain": gain_words(fact.name, fact.gain),
        }
        for fact in explained.inputs
    ]
