import uuid
from collections.abc import Callable

import pytest

from accounts.models import (
    Account,
    Customer,
    DocumentDirectory,
    Line,
    LineState,
    NumberDirectory,
    PartnerMessage,
    RestingNumber,
    SignInCode,
    SimCard,
    SimDirectory,
)
from accounts.operations.partner_customers import enter_prospect
from accounts.operations.partner_messages import send_partner_message
from accounts.queries.audit import list_checks
from kernel.audit import run_check
from messaging.models import Sms
from tests.factories.accounts import NOON, fresh_document, fresh_sim, make_line
from tests.factories.stars import give_star

pytestmark = pytest.mark.django_db


def found() -> dict[str, int]:
    return {check.name: run_check(check).violations for check in list_checks()}


NOTHING = dict.fromkeys(
    (
        *("account_has_customer", "number_leads_to_its_line", "number_rests_unused", "document_lines_counted"),
        *("sim_card_of_its_line", "code_guessed_within_its_limit", "line_state_follows_its_bars"),
        *("star_is_what_the_points_reach", "prospect_has_no_account", "partner_message_is_one_text"),
    ),
    0,
)


def code(**fields: object) -> None:
    SignInCode.objects.create(key="SIGN_IN:+8613600000000", code_hash="", sent_at=NOON, expires_at=NOON, **fields)


def say(line: Line) -> PartnerMessage:
    return send_partner_message(line=line, content="您的包裹已到达。", client_id="x", idempotency_key="k", now=NOON)


class TestListChecks:
    def test_find_nothing_wrong_with_what_operations_made(self) -> None:
        give_star(make_line(document=fresh_document(), sim=fresh_sim()).account_id, 3, overdraft_fen=50_00)
        closed = make_line()
        Line.objects.filter(account_id=closed.account_id).update(state=LineState.CLOSED)
        NumberDirectory.objects.filter(account_id=closed.account_id).delete()
        code(guesses=5)
        enter_prospect(name="韩梅", party_id="1", party_type="Individual", client_id="x", idempotency_key="k", now=NOON)
        say(make_line())
        assert found() == NOTHING
        assert [run_check(check).rows for check in list_checks()] == [3, 1, 1, 2, 0, 1, 1, 1, 3, 1]

    @pytest.mark.parametrize(
        ("name", "spoil"),
        [
            ("account_has_customer", lambda: Customer.objects.all()._raw_delete("default")),
            ("account_has_customer", lambda: Account.objects.update(customer_id=uuid.UUID(int=1))),
            ("number_leads_to_its_line", lambda: NumberDirectory.objects.all().delete()),
            ("number_leads_to_its_line", lambda: NumberDirectory.objects.update(line_id=uuid.UUID(int=1))),
            ("number_leads_to_its_line", lambda: Line.objects.update(state=LineState.CLOSED)),
            ("line_state_follows_its_bars", lambda: Line.objects.update(state=LineState.SUSPENDED)),
            (
                "number_rests_unused",
                lambda: RestingNumber.objects.create(msisdn=Line.objects.get().msisdn, rests_until=NOON),
            ),
            ("document_lines_counted", lambda: DocumentDirectory.objects.update(lines=2)),
            ("document_lines_counted", lambda: DocumentDirectory.objects.all().delete()),
            ("sim_card_of_its_line", lambda: SimDirectory.objects.update(account_id=uuid.UUID(int=1))),
            ("sim_card_of_its_line", lambda: SimCard.objects.update(iccid="89" + "0" * 17)),
            (
                "prospect_has_no_account",
                lambda: Customer.objects.update(is_prospect=True, client_id="x"),
            ),
            ("partner_message_is_one_text", lambda: say(Line.objects.get()) and Sms.objects.all().delete()),
            ("code_guessed_within_its_limit", lambda: code(guesses=6)),
            ("code_guessed_within_its_limit", lambda: code(guesses=0, used_at=NOON)),
        ],
    )
    def test_find_what_is_wrong(self, name: str, spoil: Callable[[], object]) -> None:
        make_line(document=fresh_document(), sim=fresh_sim())
        spoil()
        assert found()[name] == 1
