"""How the staff desk says why a step of dunning was put off."""

from django.utils.translation import get_language

from billing.models import DunningNote


def delay_reason(note: DunningNote) -> str:
    """Return why a step was put off, the holiday with its name."""
    if not note.postponement:
        return "–"
    holiday = note.holiday_en if get_language() == "en" else note.holiday_zh
    return holiday or f"{note.get_postponement_display()} ({note.star})"
