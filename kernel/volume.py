"""Volumes and durations as people read them. Inside the house they are whole bytes and whole seconds."""

from dataclasses import dataclass

_KIB = 1024
_UNITS = (("GB", _KIB**3), ("MB", _KIB**2), ("KB", _KIB))


def volume_parts(volume_bytes: int) -> tuple[str, str]:
    """Split a volume into figure and unit: 1342177280 → ("1.25", "GB").

    Operators count 1024 MB to the GB. Figures are cut, not rounded, to two decimals: what is left is never overstated.

    :param volume_bytes: bytes, may be negative.
    """
    size = abs(volume_bytes)
    unit, unit_bytes = next(((unit, factor) for unit, factor in _UNITS if size >= factor), _UNITS[-1])
    hundredths = size * 100 // unit_bytes
    figure = _figure(hundredths)
    return (f"-{figure}" if volume_bytes < 0 and hundredths else figure), unit


def volume_text(volume_bytes: int) -> str:
    """Return a volume with its unit: 1342177280 → "1.25 GB", 0 → "0 KB"."""
    return " ".join(volume_parts(volume_bytes))


@dataclass(frozen=True, slots=True)
class AllowanceTexts:
    """An allowance as people read it: `used` and `left` add up to `total` exactly as they stand there."""

    total: str
    used: str
    left: str


def allowance_texts(total_bytes: int, used_bytes: int) -> AllowanceTexts:
    """Return an allowance in the unit of its total: (31 GiB, 3 MiB) → "31 GB", "0.01 GB", "30.99 GB".

    What is used is rounded up to the next hundredth of the unit, so that what is left is never overstated.

    :param used_bytes: from 0 to the total.
    """
    unit, unit_bytes = next(((unit, factor) for unit, factor in _UNITS if total_bytes >= factor), _UNITS[-1])
    total = total_bytes * 100 // unit_bytes
    used = min(-(-used_bytes * 100 // unit_bytes), total)
    return AllowanceTexts(*(f"{_figure(hundredths)} {unit}" for hundredths in (total, used, total - used)))


def _figure(hundredths: int) -> str:
    whole, decimals = divmod(hundredths, 100)
    return f"{whole}.{decimals:02d}".rstrip("0").rstrip(".")


def whole_minutes(duration_seconds: int) -> int:
    """Return the full minutes of a duration; what is left is never overstated: 779 → 12."""
    return duration_seconds // 60
