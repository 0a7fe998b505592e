from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from pytest_django import DjangoAssertNumQueries

from accounts.models import Budget, SignInCode, StaffTrace, TraceKind
from accounts.operations.forget_expired import forget_expired
from kernel.forgetting import delete_in_chunks
from kernel.models import IdempotencyRecord
from tests.factories.accounts import NOON
from tests.factories.billing import make_line, wallet_of
from tests.factories.partners import PREPAY, make_partner

AccessToken = get_access_token_model()

pytestmark = pytest.mark.django_db


class TestForgetExpired:
    def test_deletes_what_is_over_and_keeps_what_is_not(self) -> None:
        for name, ends_at in (("over", NOON), ("live", NOON + timedelta(seconds=1))):
            Budget.objects.create(key=name, count=1, ends_at=ends_at)
            SignInCode.objects.create(key=name, code_hash="", sent_at=NOON, expires_at=ends_at)
            Session.objects.create(session_key=name, session_data="", expire_date=ends_at)
        assert forget_expired(now=NOON) == 3
        assert list(Budget.objects.values_list("key", flat=True)) == ["live"]
        assert list(SignInCode.objects.values_list("key", flat=True)) == ["live"]
        assert list(Session.objects.values_list("session_key", flat=True)) == ["live"]

    def test_takes_a_partners_right_when_its_token_is_over(self) -> None:
        line = make_line(cash_fen=5_00)
        over, live = make_partner(line, expires_at=NOON), make_partner(line, expires_at=NOON + timedelta(days=999))
        assert forget_expired(now=NOON) == 1
        assert [partner.get(f"{PREPAY}/bucket").status_code for partner in (over, live)] == [401, 200]

    @pytest.mark.parametrize(("days", "kept"), [(89, 1), (90, 0)])
    def test_keeps_the_answers_to_partners_for_ninety_days(self, days: int, kept: int) -> None:
        IdempotencyRecord.objects.create(key="c:k", request_hash="h", created_at=NOON)
        forget_expired(now=NOON + timedelta(days=days))
        assert IdempotencyRecord.objects.count() == kept

    @pytest.mark.parametrize(("days", "kept"), [(3 * 365 - 1, 1), (3 * 365, 0)])
    def test_keeps_traces_of_staff_for_three_years(self, days: int, kept: int) -> None:
        StaffTrace.objects.create(at=NOON, staff_id=1, username="clerk", kind=TraceKind.LOOK, page="line")
        forget_expired(now=NOON + timedelta(days=days))
        assert StaffTrace.objects.count() == kept

    def test_makes_no_second_top_up_of_a_key_whose_answer_is_forgotten(self) -> None:
        line = make_line()
        partner = make_partner(line)
        body = {"amount": {"amount": 50, "units": "CNY"}, "logicalResource": {"value": line.msisdn}}
        first = partner.post(f"{PREPAY}/topupBalance", body, key="order-1")
        AccessToken.objects.update(expires=timezone.now() + timedelta(days=999))
        forget_expired(now=timezone.now() + timedelta(days=100))
        assert not IdempotencyRecord.objects.exists()
        again = partner.post(f"{PREPAY}/topupBalance", body, key="order-1")
        assert (again.status_code, again.content) == (first.status_code, first.content)
        other = partner.post(
            f"{PREPAY}/topupBalance", {**body, "amount": {"amount": 60, "units": "CNY"}}, key="order-1"
        )
        assert other.status_code == 422
        assert wallet_of(line.account_id) == (50_00, 0, 1)


class TestDeleteInChunks:
    def test_deletes_all_of_it_a_chunk_at_a_time(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        Budget.objects.bulk_create(Budget(key=f"{number}", count=1, ends_at=NOON) for number in range(5))
        Budget.objects.create(key="live", count=1, ends_at=NOON + timedelta(seconds=1))
        with django_assert_num_queries(3):
            assert delete_in_chunks(Budget.objects.filter(ends_at__lte=NOON), chunk=2) == 5
        assert list(Budget.objects.values_list("key", flat=True)) == ["live"]
