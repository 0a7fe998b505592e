import pytest

from care.models import Site, SiteKind
from care.queries.sites import find_sites
from portal.demo.people import fixed_lines
from portal.demo.sites import prepare_demo_sites
from tests.factories.billing import NOW

pytestmark = pytest.mark.django_db


def test_there_are_shops_and_hotspots_where_the_demo_people_live_brought_in_once() -> None:
    for _time in range(2):
        prepare_demo_sites(now=NOW)
    assert Site.objects.count() == 12
    provinces = {demo.line.province for demo in fixed_lines(seed=1, as_of=NOW)}
    for kind in SiteKind:
        assert {site.province for site in find_sites("", kind=kind)} >= provinces
