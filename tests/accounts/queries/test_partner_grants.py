import uuid
from datetime import timedelta

import pytest

from accounts.models import PartnerGrant
from accounts.operations.grant_partner import grant_partner_account
from accounts.queries.partner_grants import is_account_visible, list_visible_account_ids, list_visible_accounts
from tests.factories.accounts import NOON, make_line

pytestmark = pytest.mark.django_db


class TestPartnerGrants:
    def test_let_a_client_see_what_it_was_granted_and_nothing_else(self) -> None:
        granted, other = make_line().account_id, make_line().account_id
        grant_partner_account(client_id="shop", account_id=granted, now=NOON)
        grant_partner_account(client_id="bank", account_id=other, now=NOON)
        assert is_account_visible(client_id="shop", account_id=granted)
        assert not is_account_visible(client_id="shop", account_id=other)
        assert not is_account_visible(client_id="shop", account_id=uuid.UUID(int=1))
        assert not is_account_visible(client_id="nobody", account_id=granted)

    def test_are_listed_oldest_first(self) -> None:
        accounts = [make_line().account_id for _ in range(3)]
        for days, account_id in enumerate(reversed(accounts)):
            grant_partner_account(client_id="shop", account_id=account_id, now=NOON + timedelta(days=days))
        assert list_visible_account_ids(client_id="shop") == accounts[::-1]
        assert {row["account_id"] for row in list_visible_accounts(client_id="shop")} == set(accounts)

    def test_stay_as_they_are_when_given_twice(self) -> None:
        account_id = make_line().account_id
        grant_partner_account(client_id="shop", account_id=account_id, now=NOON)
        grant_partner_account(client_id="shop", account_id=account_id, now=NOON + timedelta(days=1))
        assert PartnerGrant.objects.get().granted_at == NOON
