import pytest
from django.test import Client

from care.models import SiteKind
from tests.factories.care import make_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("path", "kind"), [("/outlets/", SiteKind.OUTLET), ("/hotspots/", SiteKind.HOTSPOT)])
class TestPages:
    def test_show_anybody_what_is_open_where(self, path: str, kind: SiteKind) -> None:
        make_site(kind=kind, name_zh="<天河>店")
        other = next(one for one in SiteKind if one != kind)
        make_site(kind=other, name_zh="另一类")
        page = Client().get(path, {"q": "天河"}).content.decode()
        assert "&lt;天河&gt;店" in page
        assert "geo:23.13" in page
        assert "09:00–18:00" in page
        assert "休息" in page, "a shop that is closed at weekends is not a number that was given back"
        assert "另一类" not in page

    @pytest.mark.parametrize("words", ["没有的地方", "%", "\0", "x" * 500])
    def test_say_when_nothing_is_found(self, path: str, kind: SiteKind, words: str) -> None:
        make_site(kind=kind)
        answer = Client().get(path, {"q": words})
        assert answer.status_code == 200
        assert ("天河营业厅" in answer.content.decode()) is (words == "\0")
