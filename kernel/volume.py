"""Volumes and durations as people read them. Inside the house they are whole bytes and whole seconds."""

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
    whole, decimals = divmod(hundredths, 100)
    figure = f"{whole}.{decimals:02d}".rstrip("0").rstrip(".")
    return (f"-{figure}" if volume_bytes < 0 and hundredths else figure), unit


def volume_text(volume_bytes: int) -> str:
    """Return a volume with its unit: 1342177280 → "1.25 GB", 0 → "0 KB"."""
    return " ".join(volume_parts(volume_bytes))


def whole_minutes(duration_seconds: int) -> int:
    """Return the full minutes of a duration; what is left is never overstated: 779 → 12."""
    return duration_seconds // 60
