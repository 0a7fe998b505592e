from io import StringIO

import pytest
from django.core.management import call_command

from billing.management.commands import run_dunning as command
from billing.models import DunningCase
from tests.factories.dunning import days, dun, make_debtor, pay

pytestmark = pytest.mark.django_db


class TestRunDunning:
    def test_says_what_it_did(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, _second = make_debtor(), make_debtor()
        dun(3)
        pay(first, 50_00, at=4)
        make_debtor()
        monkeypatch.setattr(command, "now", lambda: days(10))
        out = StringIO()
        call_command("run_dunning", stdout=out)
        assert out.getvalue().splitlines() == [
            "2 of 2 accounts",
            "1 warned, 1 one_way, 0 two_way, 0 release_warned, 0 released; 0 put off, 0 found paid.",
        ]
        steps = DunningCase.objects.filter(closed_at=None).order_by("step").values_list("step", flat=True)
        assert list(steps) == ["ONE_WAY", "WARNED"]
