import uuid
from datetime import timedelta

import pytest

from accounts.models import Account, Line, PartnerGrant
from accounts.operations.grant_partner import grant_partner_account
from accounts.queries.visible_accounts import is_account_visible, limit_to_visible
from kernel.sight import Sight, SightKind
from tests.factories.accounts import NOON, make_line

pytestmark = pytest.mark.django_db
SHOP = Sight(kind=SightKind.GRANTED, client_id="shop")


class TestSight:
    @pytest.fixture
    def lines(self) -> dict[str, Line]:
        lines = {name: make_line() for name in ("granted", "other")}
        grant_partner_account(client_id="shop", account_id=lines["granted"].account_id, now=NOON)
        grant_partner_account(client_id="bank", account_id=lines["other"].account_id, now=NOON)
        Account.objects.filter(id=lines["other"].account_id).update(province="CN-XZ")
        return lines

    @pytest.mark.parametrize(
        ("kind", "seen"),
        [
            (SightKind.GRANTED, {"granted"}),
            (SightKind.PROVINCES, {"other"}),
            (SightKind.ALL, {"granted", "other"}),
            (SightKind.OWN, {"granted"}),
        ],
    )
    def test_shows_its_accounts_and_nothing_else(self, lines: dict[str, Line], kind: SightKind, seen: set[str]) -> None:
        sight = Sight(kind=kind, client_id="shop", provinces=("CN-XZ", "CN-QH"), account_id=lines["granted"].account_id)
        names = {line.account_id: name for name, line in lines.items()}
        rows = limit_to_visible(Line.objects.filter(account_id__in=names), sight=sight)
        assert {names[line.account_id] for line in rows} == seen
        assert {name for account, name in names.items() if is_account_visible(sight=sight, account_id=account)} == seen
        assert not is_account_visible(sight=sight, account_id=uuid.UUID(int=1))

    def test_of_a_client_without_grants_is_empty(self, lines: dict[str, Line]) -> None:
        nobody = Sight(kind=SightKind.GRANTED, client_id="nobody")
        assert not limit_to_visible(Line.objects.all(), sight=nobody).exists()
        assert not limit_to_visible(Line.objects.all(), sight=Sight(kind=SightKind.OWN)).exists()


class TestGrants:
    def test_stay_as_they_are_when_given_twice(self) -> None:
        account_id = make_line().account_id
        grant_partner_account(client_id="shop", account_id=account_id, now=NOON)
        grant_partner_account(client_id="shop", account_id=account_id, now=NOON + timedelta(days=1))
        assert PartnerGrant.objects.get().granted_at == NOON
        assert is_account_visible(sight=SHOP, account_id=account_id)
