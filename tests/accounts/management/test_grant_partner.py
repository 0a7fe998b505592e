from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Line, PartnerGrant
from tests.factories.accounts import make_line
from tests.factories.partners import make_partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_id() -> str:
    return make_partner().client_id


def grant(client_id: str, *numbers: str) -> str:
    said = StringIO()
    call_command("grant_partner", client_id, *numbers, stdout=said)
    return said.getvalue()


class TestGrantPartner:
    @pytest.fixture
    def lines(self) -> list[Line]:
        return [make_line(), make_line()]

    def test_lets_the_client_see_the_accounts(self, client_id: str, lines: list[Line]) -> None:
        said = grant(client_id, lines[0].msisdn.removeprefix("+86"), lines[1].msisdn)
        assert said == f"{client_id} may see the accounts of 2 numbers\n"
        granted = PartnerGrant.objects.filter(client_id=client_id).values_list("account_id", flat=True)
        assert set(granted) == {line.account_id for line in lines}

    def test_may_be_repeated(self, client_id: str, lines: list[Line]) -> None:
        for _time in range(2):
            grant(client_id, lines[0].msisdn)
        assert PartnerGrant.objects.filter(client_id=client_id).count() == 1

    @pytest.mark.parametrize("number", ["13999999999", "10086", "nonsense"])
    def test_grants_all_or_nothing(self, client_id: str, lines: list[Line], number: str) -> None:
        with pytest.raises(CommandError):
            grant(client_id, lines[0].msisdn, number)
        assert not PartnerGrant.objects.exists()

    def test_knows_no_client_that_was_not_made(self, lines: list[Line]) -> None:
        with pytest.raises(CommandError, match="make_partner"):
            grant("nobody", lines[0].msisdn)
        assert not PartnerGrant.objects.exists()
