"""Shops and hotspots of the demo, all invented, in the four provinces of its people.

They stand in `sites.csv`, as the staff desk exports and imports them.
"""

from datetime import datetime
from pathlib import Path

from care.operations.import_sites import import_sites
from care.queries.sites import list_all_sites


def prepare_demo_sites(*, now: datetime) -> None:
    """Bring the demo's shops and hotspots in, unless there are some."""
    if not list_all_sites().exists():
        import_sites(content=Path(__file__).with_suffix(".csv").read_bytes(), author="demo", now=now)
