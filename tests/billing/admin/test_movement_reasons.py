import pytest
from django.utils import translation

from billing.admin.movement_reasons import movement_reason
from billing.models import LedgerEntry


class TestMovementReason:
    @pytest.mark.parametrize(
        ("kind", "title"), [("TOP_UP", "Top-up"), ("CHARGE", "Charge"), ("HOLD", "Money set aside"), ("NEW", "NEW")]
    )
    def test_names_what_it_knows_and_leaves_the_rest(self, kind: str, title: str) -> None:
        with translation.override("en"):
            assert movement_reason(LedgerEntry(reason_kind=kind)) == title
