"""The figures of the hall: what they count, who sees which, and the same as a file."""

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from billing.operations.top_ups import confirm_top_up
from channels.operations.record_interaction import record_interaction
from kernel.channel import Channel
from kernel.clock import SHANGHAI, month_of, now
from kernel.desk_figures import Figure, FigureRow
from portal.desk.day_chart import draw_days
from tests.factories.accounts import make_line as make_bare_line
from tests.factories.accounts import make_sign_in, staff_client
from tests.factories.billing import make_line, make_top_up
from tests.factories.packages_app import ask_for, make_offering

pytestmark = pytest.mark.django_db

FIGURES = reverse("admin:figures")


def figures_of(role: str, **chosen: str) -> dict[str, list[tuple[str, int]]]:
    answer = staff_client(role).get(FIGURES, chosen)
    return {
        figure.name: [(str(row.label), row.count) for row in figure.rows] for figure, _ in answer.context["figures"]
    }


class TestFigures:
    def test_count_what_happened_in_the_days_chosen(self) -> None:
        line, at = make_line(cash_fen=50_00), now()
        paid = make_top_up(line, amount_fen=30_00, now=at)
        confirm_top_up(
            account_id=line.account_id, top_up_id=paid.id, paid_fen=30_00, provider_payment_number="1", now=at
        )
        ask_for(line, make_offering(), now=at)
        make_sign_in(make_bare_line(), at=at)
        for channel in (Channel.SMS, Channel.SMS, Channel.WEB):
            record_interaction(channel=channel, capability="balance", account_id=line.account_id, now=at)
        found = figures_of("auditor", days="1")
        assert len(found) == len(settings.DESK_FIGURES)
        assert sum(count for _label, count in found["orders-waiting"]) == 1
        assert sorted(count for _label, count in found["uses-by-channel"]) == [1, 2]
        assert [count for _label, count in found["orders-by-state"]] == [1]
        assert found["orders-by-channel"] == []
        assert [count for _label, count in found["top-ups-by-way"]] == [1]
        assert [count for _label, count in found["top-ups-by-channel"]] == [1]
        assert found["sign-ins-by-platform"] == [("Linux", 1)]
        assert sum(count for _label, count in found["texts-by-state"]) == sum(
            count for _label, count in found["texts-by-kind"]
        )

    def test_are_shown_to_those_who_may_see_what_they_count(self) -> None:
        assert set(figures_of("operations")) == {
            "uses-by-channel",
            "reminders-by-kind",
            "texts-by-state",
            "texts-by-kind",
        }
        assert figures_of("product") == {}

    def test_are_given_as_a_file_to_the_same_people(self) -> None:
        operations = staff_client("operations")
        answer: Any = operations.get(FIGURES, {"csv": "texts-by-state", "days": "30"})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert b"".join(answer.streaming_content).decode().count("\n") >= 1
        assert [operations.get(FIGURES, {"csv": name}).status_code for name in ("top-ups-by-way", "x")] == [404, 404]

    def test_take_unknown_days_for_the_usual_ones(self) -> None:
        assert staff_client("auditor").get(FIGURES, {"days": "1e9"}).context["days"] == "7"

    def test_cover_the_last_month_from_its_first_instant_to_its_last(self) -> None:
        period = staff_client("auditor").get(FIGURES, {"days": "last-month"}).context["period"]
        month = month_of(now()).previous
        assert (period.starts_at, period.ends_at) == (month.starts_at, month.ends_at)
        assert (period.days[0], len(period.days)) == (month.first_date, month.days)

    def test_are_drawn_day_by_day_and_given_as_such_a_file(self) -> None:
        line = make_line()
        for channel in (Channel.SMS, Channel.WEB, Channel.SMS):
            record_interaction(channel=channel, capability="balance", account_id=line.account_id, now=now())
        auditor = staff_client("auditor")
        charts = {figure.name: chart for figure, chart in auditor.get(FIGURES).context["figures"]}
        assert [list(counts) for _day, counts in charts["uses-by-channel"].rows] == [[0, 0]] * 6 + [[2, 1]]
        answer: Any = auditor.get(FIGURES, {"csv": "uses-by-channel", "by_day": "1"})
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert (len(lines), lines[-1]) == (8, f"{now().astimezone(SHANGHAI):%Y-%m-%d},2,1")


class TestDayChart:
    DAYS = (date(2026, 11, 1), date(2026, 11, 2))

    def test_stands_one_part_upon_the_other(self) -> None:
        rows = [
            FigureRow("A", 6, by_day={self.DAYS[0]: 3, self.DAYS[1]: 3}),
            FigureRow("B", 1, by_day={self.DAYS[0]: 1}),
        ]
        chart = draw_days(Figure("x", "X", (), rows), self.DAYS)
        assert chart is not None
        assert [(part.x, part.y, part.height, part.series) for part in chart.parts] == [
            *((0, 25.0, 75.0, 0), (0, 0.0, 25.0, 1), (10, 25.0, 75.0, 0)),
        ]
        assert (chart.highest, chart.width) == (4, 18)

    def test_takes_all_beyond_the_fifth_together(self) -> None:
        rows = [FigureRow(str(number), 1, by_day={self.DAYS[0]: 1}) for number in range(7)]
        chart = draw_days(Figure("x", "X", (), rows), self.DAYS)
        assert chart is not None
        assert chart.rows[0][1] == [1, 1, 1, 1, 1, 2]

    def test_is_left_out_where_days_say_nothing(self) -> None:
        assert draw_days(Figure("x", "X", (), [FigureRow("A", 6)]), self.DAYS) is None
        assert draw_days(Figure("x", "X", (), [FigureRow("A", 6, by_day={self.DAYS[0]: 6})]), self.DAYS[:1]) is None
