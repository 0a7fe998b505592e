import pytest
from django.test import Client

from billing.models import Campaign
from tests.factories.accounts import staff_client

pytestmark = pytest.mark.django_db

ADD = "/staff/billing/campaign/add/"
FORM = {
    "code": "SPRING",
    "name_zh": "春季充值有礼",
    "name_en": "Spring bonus",
    "starts_at_0": "2026-11-01",
    "starts_at_1": "00:00:00",
    "ends_at_0": "2026-12-01",
    "ends_at_1": "00:00:00",
    "province": "",
    "minimum": "100",
    "bonus": "10",
    "bonus_percent": "0",
    "cap": "",
    "bonus_days": "90",
}


@pytest.fixture
def supervisor() -> Client:
    return staff_client("supervisor")


class TestCampaignPage:
    def test_keeps_amounts_in_fen(self, supervisor: Client) -> None:
        assert supervisor.post(ADD, FORM).status_code == 302
        campaign = Campaign.objects.get()
        assert (campaign.minimum_fen, campaign.bonus_fen, campaign.bonus_percent, campaign.cap_fen) == (
            100_00, 10_00, 0, None,
        )  # fmt: skip
        assert campaign.bonus_days == 90

    def test_changes_to_percent_with_a_cap(self, supervisor: Client) -> None:
        supervisor.post(ADD, FORM)
        page = supervisor.get("/staff/billing/campaign/SPRING/change/").content.decode()
        assert 'value="100.00"' in page
        changed = {**FORM, "bonus": "", "bonus_percent": "20", "cap": "30"}
        assert supervisor.post("/staff/billing/campaign/SPRING/change/", changed).status_code == 302
        campaign = Campaign.objects.get()
        assert (campaign.bonus_fen, campaign.bonus_percent, campaign.cap_fen) == (0, 20, 30_00)

    @pytest.mark.parametrize(
        "changes",
        [
            {"bonus": "10", "bonus_percent": "5"},
            {"bonus": "", "bonus_percent": "0"},
            {"bonus": "", "bonus_percent": "101"},
            {"minimum": "0"},
            {"minimum": "abc"},
            {"bonus": "1.234"},
            {"ends_at_0": "2026-11-01"},
            {"name_zh": ""},
        ],
    )
    def test_refuses_what_makes_no_sense(self, changes: dict[str, str], supervisor: Client) -> None:
        page = supervisor.post(ADD, {**FORM, **changes})
        assert (page.status_code, Campaign.objects.count()) == (200, 0)
        assert page.context["adminform"].form.errors

    def test_is_looked_at_by_clerks_and_deleted_by_nobody(self, supervisor: Client) -> None:
        supervisor.post(ADD, FORM)
        clerk = staff_client("clerk")
        assert "100.00" in clerk.get("/staff/billing/campaign/SPRING/change/").content.decode()
        assert clerk.post("/staff/billing/campaign/SPRING/change/", FORM).status_code == 403
        assert supervisor.post("/staff/billing/campaign/SPRING/delete/", {"post": "yes"}).status_code == 403
        assert Campaign.objects.count() == 1
