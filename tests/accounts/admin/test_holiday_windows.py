from datetime import datetime

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from accounts.admin import holiday_windows
from accounts.checks import check_public_holidays
from accounts.models import HolidayWindow
from accounts.tasks import keep_holidays
from kernel.clock import SHANGHAI
from tests.factories.accounts import staff_client

pytestmark = pytest.mark.django_db

ADD = reverse("admin:accounts_holidaywindow_add")
LIST = reverse("admin:accounts_holidaywindow_changelist")
FAIR = {
    "code": "GD-2027-FAIR",
    "name_zh": "花市",
    "name_en": "Flower fair",
    "province": "CN-GD",
    "starts_at_0": "2027-02-03",
    "starts_at_1": "09:00:00",
    "ends_at_0": "2027-02-06",
    "ends_at_1": "02:00:00",
    "minimum_star": "2",
}


class TestHolidayWindowAdmin:
    def test_lets_supervisors_add_a_local_window_that_the_calendar_leaves_alone(self) -> None:
        assert staff_client("supervisor").post(ADD, FAIR).status_code == 302
        kept = HolidayWindow.objects.get()
        assert (kept.starts_at, kept.ends_at) == (
            datetime(2027, 2, 3, 9, tzinfo=SHANGHAI),
            datetime(2027, 2, 6, 2, tzinfo=SHANGHAI),
        )
        assert (kept.province, kept.minimum_star, kept.is_kept_by_staff) == ("CN-GD", 2, True)

    @pytest.mark.parametrize("wrong", [{"ends_at_1": "02:30:00"}, {"ends_at_0": "2027-02-01"}, {"minimum_star": "6"}])
    def test_says_what_is_wrong(self, wrong: dict[str, str]) -> None:
        answer = staff_client("supervisor").post(ADD, {**FAIR, **wrong})
        assert (answer.status_code, answer.context["adminform"].form.is_valid()) == (200, False)
        assert HolidayWindow.objects.count() == 0

    def test_lets_clerks_look_only_and_nobody_delete(self) -> None:
        staff_client("supervisor").post(ADD, FAIR)
        change = reverse("admin:accounts_holidaywindow_change", args=["GD-2027-FAIR"])
        clerk = staff_client("clerk")
        assert (clerk.get(LIST).status_code, clerk.get(change).status_code) == (200, 200)
        assert clerk.post(ADD, {**FAIR, "code": "X"}).status_code == 403
        assert clerk.post(change, {**FAIR, "name_zh": "X"}).status_code == 403
        delete = reverse("admin:accounts_holidaywindow_delete", args=["GD-2027-FAIR"])
        assert staff_client("supervisor").post(delete, {"post": "yes"}).status_code == 403
        assert HolidayWindow.objects.get().name_zh == "花市"

    def test_tells_staff_of_a_year_whose_holidays_are_unknown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(holiday_windows, "now", lambda: datetime(2999, 5, 1, tzinfo=SHANGHAI))
        page = staff_client("clerk").get(LIST)
        assert ["2999" in str(message) for message in page.context["messages"]] == [True]


class TestKeepingTheCalendar:
    def test_is_done_by_command_and_by_task(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("keep_holidays")
        first = capsys.readouterr().out
        made = HolidayWindow.objects.count()
        assert first == f"{made} windows made, 0 moved.\n"
        keep_holidays()
        assert HolidayWindow.objects.count() == made

    def test_is_asked_for_by_a_check_that_fails_no_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("accounts.checks.now", lambda: datetime(2025, 12, 1, tzinfo=SHANGHAI))
        assert check_public_holidays() == []
        monkeypatch.setattr("accounts.checks.now", lambda: datetime(2999, 12, 1, tzinfo=SHANGHAI))
        with translation.override("en"):
            found = check_public_holidays()
        assert [(message.id, message.is_serious()) for message in found] == [("accounts.I001", False)] * 2
