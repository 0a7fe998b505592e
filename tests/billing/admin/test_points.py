from datetime import timedelta

import pytest
from django.utils import timezone, translation

from billing.models import PointsRule
from billing.queries.points_rules import get_points_rule
from tests.factories.accounts import staff_client

pytestmark = pytest.mark.django_db

ADD = "/staff/billing/pointsrule/add/"


def form(**changes: str) -> dict[str, str]:
    begins = timezone.localtime() + timedelta(days=1)
    return {
        "valid_from_0": f"{begins:%Y-%m-%d}",
        "valid_from_1": f"{begins:%H:%M:%S}",
        "points_per_yuan": "2",
        "star_percents": "100,100,110,120,150,200",
        "lifetime_months": "24",
        "points_per_bonus_yuan": "200",
        "bonus_days": "0",
        **changes,
    }


class TestPointsRuleAdmin:
    def test_lets_a_supervisor_add_the_next_version(self) -> None:
        desk = staff_client("supervisor")
        assert desk.post(ADD, form()).status_code == 302
        rule = PointsRule.objects.get()
        assert (rule.version, rule.points_per_yuan, rule.percent_of(None), rule.percent_of(5)) == (1, 2, 100, 200)
        assert get_points_rule(timezone.now()).version == 0
        assert get_points_rule(rule.valid_from).version == 1
        assert desk.get("/staff/billing/pointsrule/1/change/").status_code == 200
        assert desk.post("/staff/billing/pointsrule/1/change/", form(points_per_yuan="9")).status_code == 403
        assert desk.post("/staff/billing/pointsrule/1/delete/", {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"valid_from_0": "2026-01-01"}, "begins in the future"),
            ({"star_percents": "100,100,90,120,150,200"}, "six percentages"),
            ({"star_percents": "100,120"}, "six percentages"),
        ],
    )
    def test_says_what_is_wrong(self, changes: dict[str, str], words: str) -> None:
        with translation.override("en"):
            desk = staff_client("supervisor")
            desk.cookies["django_language"] = "en"
            answer = desk.post(ADD, form(**changes))
        assert words in answer.content.decode()
        assert not PointsRule.objects.exists()

    def test_is_for_supervisors(self) -> None:
        assert staff_client("clerk").post(ADD, form()).status_code == 403
