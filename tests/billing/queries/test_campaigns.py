from datetime import timedelta

import pytest

from billing.models import Campaign
from billing.queries.campaigns import BonusOffer, get_bonus_offer, list_running_campaigns
from tests.factories.billing import NOW, make_campaign, make_line

pytestmark = pytest.mark.django_db


class TestBonusFor:
    @pytest.mark.parametrize(
        ("amount_fen", "bonus_fen"), [(99_99, 0), (100_00, 10_00), (100_09, 10_00), (100_10, 10_01), (1000_00, 30_00)]
    )
    def test_is_a_part_cut_down_to_fen_and_capped(self, amount_fen: int, bonus_fen: int) -> None:
        campaign = Campaign(minimum_fen=100_00, bonus_percent=10, cap_fen=30_00)
        assert campaign.bonus_for(amount_fen) == bonus_fen

    def test_is_the_same_for_every_amount_when_given_in_fen(self) -> None:
        campaign = Campaign(minimum_fen=50_00, bonus_fen=5_00)
        assert [campaign.bonus_for(amount) for amount in (49_99, 50_00, 500_00)] == [0, 5_00, 5_00]


class TestListRunningCampaigns:
    def test_stays_in_the_period(self) -> None:
        account_id = make_line().account_id
        campaign = make_campaign(starts_at=NOW, ends_at=NOW + timedelta(days=1))
        moments = [
            NOW - timedelta(microseconds=1),
            NOW,
            NOW + timedelta(days=1, microseconds=-1),
            NOW + timedelta(days=1),
        ]
        assert [list_running_campaigns(account_id, now=at) for at in moments] == [[], [campaign], [campaign], []]

    def test_stays_in_the_province(self) -> None:
        account_id = make_line().account_id
        everywhere, here = make_campaign(code="A"), make_campaign(code="B", province="CN-GD")
        make_campaign(code="C", province="CN-SC")
        assert list_running_campaigns(account_id, now=NOW) == [everywhere, here]


class TestGetBonusOffer:
    def test_is_the_best_there_is(self) -> None:
        account_id = make_line().account_id
        make_campaign(code="SMALL", minimum_fen=50_00, bonus_fen=5_00, bonus_days=30)
        make_campaign(code="LARGE", minimum_fen=100_00, bonus_fen=20_00, bonus_days=0)
        offers = [get_bonus_offer(account_id, amount, now=NOW) for amount in (49_99, 50_00, 100_00)]
        assert offers == [None, BonusOffer("SMALL", 5_00, 30), BonusOffer("LARGE", 20_00, 0)]
