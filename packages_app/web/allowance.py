"""What a number has left, bucket by bucket; what use beyond costs, and the cap on it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Line
from accounts.web.signed_in import SignedInRequest, line_required
from kernel.channel import Channel
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.templatetags.hall_format import yuan
from kernel.volume import allowance_texts
from packages_app.models import AllowanceScope, UsageKind
from packages_app.operations.lift_cap import lift_cap
from packages_app.queries.allowance import BucketLeft, KindAllowance, get_allowance
from packages_app.queries.recommendation import get_recommended_pack, is_data_low
from packages_app.queries.usage_fees import get_month_fee


@require_safe
@line_required
def allowance(request: SignedInRequest) -> HttpResponse:
    """Show every allowance of the line, the use beyond them, and what it costs."""
    at = current_instant()
    line = request.line
    found = get_allowance(line.account_id, line.id, at)
    context = {
        "kinds": [_kind(kind) for kind in found.kinds if kind.buckets or kind.beyond],
        "updated_at": found.updated_at,
        "fee": get_month_fee(line.account_id, line.id, at),
        "is_low": is_data_low(found),
        "pack": _recommended(line, at) if is_data_low(found) else None,
    }
    return render(request, "packages_app/allowance.html", context)


@require_POST
@line_required
def lift(request: SignedInRequest) -> HttpResponse:
    """Let this month's cap rise by one step."""
    line = request.line
    try:
        lifted = lift_cap(account_id=line.account_id, line_id=line.id, channel=Channel.WEB, now=current_instant())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("This month's cap is %(amount)s yuan now. Use beyond your plan goes on.")
            % {"amount": yuan(lifted.cap_fen)},
        )
    return redirect("packages:allowance")


def _recommended(line: Line, at: datetime) -> dict[str, str] | None:
    """Return what the line's own use suggests, ready to be shown; nothing for who does not want that."""
    pack = get_recommended_pack(line=line, now=at)
    if pack is None:
        return None
    return {
        "name": pack.name_in(get_language() or ""),
        "price": yuan(pack.price_fen),
        "url": reverse("packages:offering", args=[pack.code]),
    }


def _kind(kind: KindAllowance) -> dict[str, object]:
    return {
        "title": _title(kind.usage_kind),
        "buckets": [_bucket(bucket, kind.usage_kind) for bucket in kind.buckets],
        "beyond": _texts(kind.usage_kind, kind.beyond, 0)[0] if kind.beyond else "",
    }


def _bucket(bucket: BucketLeft, usage_kind: UsageKind) -> dict[str, object]:
    total, used, left = _texts(usage_kind, bucket.total, bucket.used)
    notes = [_scope_words(bucket)]
    if bucket.is_shared:
        notes.append(_("shared by all numbers of the account"))
    if bucket.is_carried:
        notes.append(_("carried over, spent first"))
    until = localtime(bucket.ends_at)
    notes.append(_("until %(instant)s") % {"instant": date_format(until, "DATETIME_FORMAT")})
    return {
        "name": bucket.name_in(get_language() or ""),
        "total": total,
        "used": used,
        "left": left,
        "share": bucket.left * 100 // bucket.total if bucket.total else 0,
        "notes": " · ".join(note for note in notes if note),
    }


def _texts(usage_kind: UsageKind, total: int, used: int) -> tuple[str, str, str]:
    """Return total, used and left as they are shown: they add up."""
    if usage_kind == UsageKind.DATA:
        words = allowance_texts(total, used)
        return words.total, words.used, words.left
    if usage_kind == UsageKind.VOICE:
        whole, left = total // 60, (total - used) // 60
        return tuple(_("%(count)s minutes") % {"count": count} for count in (whole, whole - left, left))  # type: ignore[return-value]
    return tuple(_("%(count)s texts") % {"count": count} for count in (total, used, total - used))  # type: ignore[return-value]


def _title(usage_kind: UsageKind) -> str:
    if usage_kind == UsageKind.DATA:
        return pgettext("use", "Data")
    return pgettext("use", "Voice") if usage_kind == UsageKind.VOICE else pgettext("use", "Texts")


def _scope_words(bucket: BucketLeft) -> str:
    if bucket.scope == AllowanceScope.APP:
        return _("for %(application)s alone") % {"application": bucket.scope_value}
    if bucket.scope == AllowanceScope.REGION:
        return _("in %(region)s alone") % {"region": bucket.scope_value}
    if bucket.scope == AllowanceScope.TIME:
        return _("every day %(times)s") % {"times": bucket.scope_value.replace("-", "–")}
    return ""
