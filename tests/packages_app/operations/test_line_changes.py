from datetime import timedelta
from typing import Any

import pytest

from accounts.models import (
    Account,
    CodePurpose,
    IdentityDocument,
    Line,
    LineAct,
    LineState,
    NumberDirectory,
    RestingNumber,
    ServicePassword,
    SignIn,
    SignInCode,
    SimCard,
)
from accounts.operations.change_number import SameNumber
from accounts.operations.documents import DocumentsDiffer, ShownDocument, TooManyLinesOfDocument
from accounts.operations.line_acts import ReasonMissing
from accounts.operations.numbers import NumberResting, NumberTaken
from accounts.operations.send_sign_in_code import send_sign_in_code
from accounts.operations.sign_in import CodeExpired, CodeWrong, use_code
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from billing.queries.balance import get_balance
from messaging.models import Sms, TextPreference
from messaging.operations.set_text_preference import set_text_preference
from packages_app.models import Subscription
from packages_app.operations.line_changes import LineNotFree, SameOwner, change_number_of_line, hand_over_line
from packages_app.operations.open_line import open_line
from packages_app.queries.obstacles import list_porting_obstacles
from tests.books import broken_invariants
from tests.factories.accounts import (
    fresh_document,
    fresh_msisdn,
    fresh_sim,
    give_service_password,
    make_sign_in,
)
from tests.factories.billing import NOW, make_charge
from tests.factories.packages_app import ask_for, make_offering, make_plan

LATER = NOW + timedelta(days=200)
DOCUMENT = ShownDocument("PASSPORT", "E12345678")
NEW_DOCUMENT = ShownDocument("PASSPORT", "E87654321")


@pytest.fixture
def line() -> Line:
    """A number under a passport, with a plan and a card, open long enough for anything."""
    opened = open_line(
        customer_name="陈晓雨", document=DOCUMENT, msisdn=fresh_msisdn(), province="CN-GD", language="zh-hans",
        offering_code=make_plan(price_fen=0).code, sim=fresh_sim(puk="24682468"), now=NOW,
    )  # fmt: skip
    give_service_password(opened)
    make_sign_in(opened, at=NOW)
    return opened


def change(line: Line, **changes: Any) -> Line:
    arguments = {
        "new_msisdn": fresh_msisdn(), "document": DOCUMENT, "staff_id": 7, "reason": "wants an easier one",
        "now": LATER,
    }  # fmt: skip
    return change_number_of_line(account_id=line.account_id, line_id=line.id, **{**arguments, **changes})


def hand_over(line: Line, **changes: Any) -> Line:
    arguments = {
        "document": DOCUMENT, "new_customer_name": "令狐新主", "new_document": NEW_DOCUMENT, "province": "CN-ZJ",
        "language": "en", "offering_code": changes.pop("offering_code", None) or make_plan(price_fen=0).code,
        "staff_id": 7, "reason": "sold the phone", "now": LATER,
    }  # fmt: skip
    return hand_over_line(account_id=line.account_id, line_id=line.id, **{**arguments, **changes})


def state_of_all() -> tuple[Any, ...]:
    models = (
        Account,
        Line,
        NumberDirectory,
        RestingNumber,
        IdentityDocument,
        SimCard,
        LineAct,
        SignIn,
        Subscription,
    )
    rows = tuple(list(model.objects.order_by("pk").values()) for model in models)
    # Without their state: a worker of another test may be sending them meanwhile.
    return *rows, list(Sms.objects.order_by("pk").values("id", "kind", "msisdn"))


@pytest.mark.django_db(transaction=True)
class TestChangeNumberOfLine:
    def test_moves_the_line_and_lets_the_old_number_rest(self, line: Line, settings: Any) -> None:
        old, new = line.msisdn, fresh_msisdn()
        set_text_preference(
            account_id=line.account_id, msisdn=old, unwanted_groups={"OFFER"}, quiet_hours=None, now=NOW
        )
        changed = change(line, new_msisdn=new)
        assert (changed.id, changed.msisdn) == (line.id, new)
        assert get_line_by_msisdn(new).id == line.id
        with pytest.raises(NumberUnknown):
            get_line_by_msisdn(old)
        rests_until = LATER + timedelta(days=settings.NUMBER_REST_DAYS)
        assert RestingNumber.objects.get().rests_until == rests_until
        assert list(SignIn.objects.values_list("ended_at", flat=True)) == [LATER]
        assert ServicePassword.objects.count() == 1
        assert list(TextPreference.objects.values_list("msisdn", flat=True)) == [new]
        act = LineAct.objects.get(kind="NUMBER_CHANGED")
        assert (act.before, act.after, act.staff_id, act.reason) == (old, new, 7, "wants an easier one")
        assert Sms.objects.get(kind="NUMBER_CHANGED").msisdn == new
        assert broken_invariants() == {}

    def test_gives_the_old_number_out_again_once_it_has_rested(self, line: Line, settings: Any) -> None:
        old = line.msisdn
        change(line)
        who: dict[str, Any] = {"document": fresh_document(), "province": "CN-GD", "language": "zh-hans", "msisdn": old}
        code = make_plan(price_fen=0).code
        rested = LATER + timedelta(days=settings.NUMBER_REST_DAYS)
        with pytest.raises(NumberResting):
            open_line(customer_name="新人", offering_code=code, now=rested - timedelta(seconds=1), **who)
        assert Account.objects.count() == 1
        other = open_line(customer_name="新人", offering_code=code, now=rested, **who)
        assert get_line_by_msisdn(old).account_id == other.account_id
        assert RestingNumber.objects.count() == 0
        assert broken_invariants() == {}

    def test_ends_the_codes_of_the_old_number(self, line: Line) -> None:
        send_sign_in_code(msisdn=line.msisdn, address="203.0.113.9", now=LATER)
        change(line)
        assert SignInCode.objects.count() == 0
        with pytest.raises((CodeExpired, CodeWrong)):
            use_code(msisdn=line.msisdn, code="123456", purpose=CodePurpose.SIGN_IN, now=LATER)

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"reason": ""}, ReasonMissing),
            ({"document": NEW_DOCUMENT}, DocumentsDiffer),
        ],
    )
    def test_changes_nothing_when_refused(self, line: Line, changes: dict[str, Any], refusal: type[Exception]) -> None:
        before = state_of_all()
        with pytest.raises(refusal):
            change(line, **changes)
        assert state_of_all() == before

    def test_refuses_the_number_that_the_line_has(self, line: Line) -> None:
        before = state_of_all()
        with pytest.raises(SameNumber):
            change(line, new_msisdn=line.msisdn)
        assert state_of_all() == before

    def test_refuses_what_somebody_else_has(self, line: Line) -> None:
        taken = fresh_msisdn()
        other = open_line(
            customer_name="别人", document=fresh_document(), msisdn=taken, province="CN-GD", language="zh-hans",
            offering_code=make_plan(price_fen=0).code, now=NOW,
        )  # fmt: skip
        before = state_of_all()
        with pytest.raises(NumberTaken):
            change(line, new_msisdn=taken)
        assert state_of_all() == before
        assert get_line_by_msisdn(taken).id == other.id

    def test_says_each_thing_that_stands_in_the_way(self, line: Line) -> None:
        make_charge(line, amount_fen=3_19, may_owe=True, now=LATER)
        ask_for(line, make_offering(price_fen=0), now=LATER)
        Line.objects.filter(account_id=line.account_id).update(state=LineState.SUSPENDED)
        before = state_of_all()
        with pytest.raises(LineNotFree) as refusal:
            change(line)
        assert [one.code for one in refusal.value.obstacles] == ["OWES", "BARRED", "ORDER_WAITING"]
        assert all(one.message and one.cure for one in refusal.value.obstacles)
        assert state_of_all() == before

    def test_is_not_done_again_soon(self, line: Line, settings: Any) -> None:
        change(line)
        with pytest.raises(LineNotFree) as refusal:
            change(line, now=LATER + timedelta(days=settings.NUMBER_CHANGE_AFTER_DAYS, seconds=-1))
        assert [one.code for one in refusal.value.obstacles] == ["NUMBER_CHANGED_RECENTLY"]
        change(line, now=LATER + timedelta(days=settings.NUMBER_CHANGE_AFTER_DAYS))


@pytest.mark.django_db(transaction=True)
class TestHandOverLine:
    def test_opens_an_account_of_its_own_for_the_new_owner(self, line: Line) -> None:
        taken = hand_over(line)
        assert taken.account_id != line.account_id
        assert (taken.msisdn, taken.language, taken.activated_at) == (line.msisdn, "en", LATER)
        assert get_line_by_msisdn(line.msisdn).id == taken.id
        assert taken.account.customer.name == "令狐新主"
        assert broken_invariants() == {}

    def test_leaves_nothing_open_at_the_old_one(self, line: Line) -> None:
        hand_over(line)
        assert Line.objects.get(account_id=line.account_id).state == LineState.CLOSED
        assert list(SignIn.objects.filter(account_id=line.account_id).values_list("ended_at", flat=True)) == [LATER]
        assert ServicePassword.objects.count() == 0
        (plan,) = Subscription.objects.filter(account_id=line.account_id)
        assert (plan.state, plan.ends_at) == ("ENDED", LATER)
        kinds = LineAct.objects.order_by("account_id").values_list("account_id", "kind")
        assert dict(kinds)[line.account_id] == "HANDED_OVER"

    def test_lets_the_card_go_along_with_its_puk(self, line: Line) -> None:
        taken = hand_over(line)
        old, new = SimCard.objects.order_by("from_at")
        assert (old.to_at, new.account_id, new.reason, new.iccid) == (LATER, taken.account_id, "TAKEN_OVER", old.iccid)

    def test_begins_with_nothing_of_the_old_owner(self, line: Line) -> None:
        make_charge(line, amount_fen=1_00, may_owe=True, now=NOW)
        with pytest.raises(LineNotFree):
            hand_over(line)
        assert get_balance(line.account_id).owed_fen == 1_00

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"reason": " "}, ReasonMissing),
            ({"document": fresh_document()}, DocumentsDiffer),
            ({"new_document": DOCUMENT}, SameOwner),
        ],
    )
    def test_changes_nothing_when_refused(self, line: Line, changes: dict[str, Any], refusal: type[Exception]) -> None:
        code = make_plan(price_fen=0).code
        before = state_of_all()
        with pytest.raises(refusal):
            hand_over(line, offering_code=code, **changes)
        assert state_of_all() == before

    def test_changes_nothing_when_the_new_owner_has_too_many_numbers(self, line: Line, settings: Any) -> None:
        settings.LINES_PER_DOCUMENT = 1
        code = make_plan(price_fen=0).code
        open_line(
            customer_name="令狐新主", document=NEW_DOCUMENT, msisdn=fresh_msisdn(), province="CN-GD", language="en",
            offering_code=code, now=NOW,
        )  # fmt: skip
        before = state_of_all()
        with pytest.raises(TooManyLinesOfDocument):
            hand_over(line, offering_code=code)
        assert state_of_all() == before
        assert broken_invariants() == {}


@pytest.mark.django_db
class TestListPortingObstacles:
    def codes(self, line: Line, **after: float) -> list[str]:
        return [one.code for one in list_porting_obstacles(line=line, now=NOW + timedelta(**after))]

    def test_finds_none_once_the_number_has_been_open_long_enough(self, line: Line, settings: Any) -> None:
        assert self.codes(line, days=settings.PORTING_AFTER_DAYS, seconds=-1) == ["OPENED_RECENTLY"]
        assert self.codes(line, days=settings.PORTING_AFTER_DAYS) == []

    def test_names_every_reason_with_its_cure(self, line: Line) -> None:
        change(line)
        line.refresh_from_db()
        make_charge(line, amount_fen=3_19, may_owe=True, now=NOW)
        IdentityDocument.objects.all().delete()
        Subscription.objects.update(committed_until=LATER + timedelta(days=30))
        line.state = LineState.SUSPENDED
        found = list_porting_obstacles(line=line, now=LATER)
        assert [one.code for one in found] == [
            "NO_REAL_NAME", "OWES", "COMMITTED", "BARRED", "NUMBER_CHANGED_RECENTLY",
        ]  # fmt: skip
        assert all(one.message and one.cure for one in found)
