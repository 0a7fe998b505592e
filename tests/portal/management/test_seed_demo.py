from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import Line, StaffUser
from packages_app.models import Bucket

pytestmark = pytest.mark.django_db


def seed_demo(*arguments: str) -> str:
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out)
    return out.getvalue()


class TestSeedDemo:
    def test_makes_people_and_ways_in(self) -> None:
        said = seed_demo("--lines", "5", "--months", "1", "--as-of", "2026-11-22")
        assert said == "9 lines, 9 bills.\n"
        assert Line.objects.count() == 9
        assert StaffUser.objects.filter(username__in=["clerk", "supervisor"]).count() == 2

    def test_says_that_they_are_there_already(self) -> None:
        seed_demo("--lines", "1", "--months", "0", "--as-of", "2026-11-22")
        again = seed_demo("--lines", "1", "--months", "0", "--as-of", "2026-11-22")
        assert again == "The demo people are there already; nothing was changed.\n"

    def test_takes_the_day_of_the_call_unless_told(self) -> None:
        seed_demo("--lines", "0", "--months", "0")
        assert Bucket.objects.count() >= 12

    def test_tells_how_long_each_step_took(self) -> None:
        said = seed_demo("--lines", "1", "--months", "1", "--as-of", "2026-11-22", "--timings").splitlines()
        assert [line.split("  ")[0] for line in said[1:]] == ["lines", "bills 2026-10", "stars"]

    @pytest.mark.parametrize("arguments", [["--lines", "-1"], ["--months", "61"], ["--months", "-1"]])
    def test_refuses_senseless_figures(self, arguments: list[str]) -> None:
        with pytest.raises(CommandError, match="must not be negative"):
            seed_demo(*arguments)

    def test_refuses_a_hall_that_is_no_demo(self, settings: Settings) -> None:
        settings.DEMO_MODE = False
        with pytest.raises(CommandError, match="HALL_DEMO=1"):
            seed_demo()
        assert StaffUser.objects.count() == 0
