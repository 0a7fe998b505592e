"""How the staff desk writes allowances."""

from django.utils.translation import gettext as _

from kernel.volume import volume_text, whole_minutes
from packages_app.models import UsageKind


def amount_text(usage_kind: str, amount: int) -> str:
    """Write an allowance with its unit: bytes as GB, seconds as minutes, texts as a number."""
    if usage_kind == UsageKind.DATA:
        return volume_text(amount)
    if usage_kind == UsageKind.VOICE:
        return f"{whole_minutes(amount)} {_('min')}"
    return str(amount)
