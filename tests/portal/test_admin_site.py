"""The staff desk as a clerk, a supervisor and a customer meet it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import (
    Account,
    Bar,
    BarAction,
    BarProposal,
    BarReason,
    Customer,
    IdentityDocument,
    Line,
    LineAct,
    PartnerGrant,
    RetentionRecord,
    SecondFactor,
    ServicePassword,
    SignIn,
    SimCard,
    StaffTrace,
    StaffUser,
    StarRating,
    StarTable,
    TraceKind,
)
from accounts.operations.bar_proposals import propose_bar
from accounts.operations.documents import record_document
from accounts.operations.grant_partner import grant_partner_account
from accounts.operations.sim_cards import issue_first_sim
from billing.models import (
    Adjustment,
    AutomaticTopUp,
    BankCard,
    Bill,
    BonusGrant,
    CardPayment,
    Charge,
    DunningCase,
    DunningNote,
    EInvoice,
    EInvoiceBatch,
    Hold,
    LedgerEntry,
    OneOffFee,
    OverdraftChange,
    OverdraftLowering,
    PointsEntry,
    PointsExchange,
    PointsPurse,
    Reconciliation,
    Refund,
    SandboxAgreement,
    TopUp,
    VoucherBatch,
    VoucherCard,
    Wallet,
)
from billing.operations.exchange_points import exchange_for_bonus
from billing.operations.wallets import set_overdraft
from care.models import Site, Ticket
from channels.models import Interaction
from channels.operations.record_interaction import record_interaction
from kernel.channel import Channel
from kernel.ids import NIL, PublicId
from kernel.masking import mask_msisdn
from kernel.read_only_admin import ReadOnlyAdmin, list_url, record_url
from messaging.models import Inbound, InboundKind, Sms, SmsWording
from messaging.operations.receive_inbound import receive_inbound
from packages_app.models import Bucket, Order, Subscription
from partners.models import CustomerToken, Hub, HubEvent, PartnerCall, PartnerClient, TopUpStatement
from partners.operations.customer_tokens import make_customer_token
from tests.factories.accounts import (
    fresh_document,
    fresh_sim,
    give_service_password,
    make_sign_in,
    make_staff,
    signed_in_client,
    staff_client,
)
from tests.factories.bank_cards import make_bank_card_payment, want_automatic
from tests.factories.barring import make_bar
from tests.factories.billing import NOW, make_hold, make_line, make_refund, make_top_up, propose, propose_fee
from tests.factories.care import make_ticket
from tests.factories.packages_app import buy, make_offering
from tests.factories.points import bring_in
from tests.factories.stars import give_star

pytestmark = pytest.mark.django_db

READ_ONLY = [
    *(Customer, Account, Line, ServicePassword, IdentityDocument, SimCard, LineAct, PartnerGrant, SignIn, StarRating),
    Wallet,
    LedgerEntry,
    BonusGrant,
    Hold,
    OverdraftChange,
    OverdraftLowering,
    PointsPurse,
    PointsEntry,
    PointsExchange,
    Adjustment,
    OneOffFee,
    Charge,
    TopUp,
    Refund,
    BankCard,
    CardPayment,
    AutomaticTopUp,
    Bill,
    EInvoice,
    Order,
    Subscription,
    Bucket,
    Sms,
    Inbound,
    Interaction,
    CustomerToken,
    Ticket,
    Bar,
    BarProposal,
    DunningCase,
    DunningNote,
]
# No customer's rows: see tests/partners/admin.
PARTNERS = [Hub, HubEvent, PartnerCall, PartnerClient, TopUpStatement]
# No customer's rows: see tests/billing/admin/test_vouchers.py.
RECHARGE_CARDS = [VoucherBatch, VoucherCard]


@pytest.fixture
def line() -> Line:
    """A customer with at least one row in every table that staff look at."""
    line = make_line(cash_fen=50_00, bonus_fen=1_00, name="林建国")
    give_service_password(line)
    make_sign_in(line, at=NOW)
    issue_first_sim(account_id=line.account_id, line_id=line.id, sim=fresh_sim(), now=NOW)
    record_document(account_id=line.account_id, document=fresh_document(), staff_id=1, reason="showed it", now=NOW)
    make_refund(make_top_up(line), asked_by=make_staff("clerk"))
    want_automatic(line, make_bank_card_payment(line))
    make_hold(line, 1_00)
    make_ticket(line)
    propose(line)
    propose_fee(line)
    set_overdraft(account_id=line.account_id, overdraft_fen=1_00, reason="star 2", now=NOW)
    give_star(line.account_id, 2)
    OverdraftLowering.objects.create(account_id=line.account_id, overdraft_fen=0, reason="star 1", since=NOW)
    buy(line, make_offering())
    bring_in(line, 100, earned_at=NOW)
    exchange_for_bonus(account_id=line.account_id, line_id=line.id, points=100, channel="WEB", request_key="1", now=NOW)
    Bill.objects.create(account_id=line.account_id, period_date=date(2026, 10, 1), total_fen=0, issued_at=NOW)
    EInvoice.objects.create(
        account_id=line.account_id, subject_key="bill:2026-10", period_date=date(2026, 10, 1), amount_fen=1,
        line_id=line.id, msisdn=line.msisdn, language="zh-hans", buyer_kind="PERSONAL", buyer_name="林建国",
        request_key="1", requested_at=NOW,
    )  # fmt: skip
    receive_inbound(
        account_id=line.account_id,
        kind=InboundKind.SMS,
        from_msisdn=line.msisdn,
        to_number="10086",
        body="CXYE",
        gateway_message_id="1",
        now=NOW,
    )
    record_interaction(channel=Channel.SMS, capability="balance", account_id=line.account_id, now=NOW)
    grant_partner_account(client_id="shop", account_id=line.account_id, now=NOW)
    make_bar(line, BarReason.FRAUD_REVIEW, now=NOW)
    propose_bar(
        account_id=line.account_id, line_id=line.id, action=BarAction.LIFT, reason=BarReason.FRAUD_REVIEW,
        words="cleared up", proposed_by=1, now=NOW,
    )  # fmt: skip
    case = DunningCase.objects.create(account_id=line.account_id, step="WARNED", step_at=NOW, opened_at=NOW)
    DunningNote.objects.create(
        account_id=line.account_id, case_id=case.id, kind="STEP", step="WARNED", owed_fen=1, noted_at=NOW
    )
    make_customer_token(line=line, name="budget", lifetime=timedelta(days=30), request_key=NIL, now=NOW)
    return line


@pytest.fixture
def clerk() -> Client:
    return staff_client("clerk")


def superuser() -> StaffUser:
    return StaffUser.objects.create_superuser(username="root")


def page_of(model: type[Model]) -> ReadOnlyAdmin:
    page = admin.site.get_model_admin(model)
    assert isinstance(page, ReadOnlyAdmin)
    return page


def row_of(model: type[Model]) -> Model:
    row = model._default_manager.first()
    assert row is not None
    return row


def _shows_customers(page: admin.ModelAdmin) -> bool:
    names = {field.attname for field in page.model._meta.concrete_fields}
    return page.model in (Customer, Account) or ("account_id" in names and page.model is not StaffTrace)


class TestPagesOfEveryRecord:
    def test_are_listed_here(self) -> None:
        registered = {model for model, page in admin.site._registry.items() if isinstance(page, ReadOnlyAdmin)}
        # What is of the whole house belongs to no customer: test_reconciliations.py, test_e_invoices.py and
        # test_bank_cards.py, test_star_tables.py of billing, test_wordings.py of messaging, test_staff_traces.py of
        # accounts.
        house = {Reconciliation, EInvoiceBatch, RetentionRecord, SandboxAgreement, SmsWording, SecondFactor, StaffTrace}
        assert registered == {*READ_ONLY, *PARTNERS, *RECHARGE_CARDS, *house, StarTable, Site}

    def test_leave_a_trace_of_whom_a_clerk_looked_at(self, line: Line, clerk: Client) -> None:
        """Every page over customers' rows, so that a new one is covered by itself: its list, a search, a record."""
        pages = [page for page in admin.site._registry.values() if _shows_customers(page)]
        assert {page.model for page in pages} >= set(READ_ONLY)
        assert [page.opts.label for page in pages if not isinstance(page, ReadOnlyAdmin)] == []
        silent = []
        for page in pages:
            row = page.model._default_manager.first()
            if row is None:
                continue
            looks = [
                (list_url(page), TraceKind.LIST, {None}),
                (f"{list_url(page)}?q={line.msisdn}", TraceKind.SEARCH, {line.account_id}),
                (record_url(page, row), TraceKind.LOOK, {line.account_id}),
            ]
            for address, kind, accounts in looks:
                StaffTrace.objects.all().delete()
                clerk.get(address)
                left = StaffTrace.objects.filter(kind=kind, page__startswith=f"{page.opts.app_label}_")
                if set(left.values_list("account_id", flat=True)) != accounts:
                    silent.append((page.opts.label, kind))
        assert silent == []

    @pytest.mark.parametrize("model", READ_ONLY)
    def test_show_a_clerk_the_list(self, model: type[Model], line: Line, clerk: Client) -> None:
        answer = clerk.get(list_url(page_of(model)))
        assert answer.status_code == 200
        assert record_url(page_of(model), row_of(model)) in answer.content.decode()

    @pytest.mark.parametrize("model", READ_ONLY)
    def test_show_a_clerk_the_record(self, model: type[Model], line: Line, clerk: Client) -> None:
        answer = clerk.get(record_url(page_of(model), row_of(model)))
        assert answer.status_code == 200
        assert answer.context["original"] == row_of(model)
        page = answer.content.decode()
        assert 'name="_save"' not in page
        # Neither Python's name of a row nor an English label.
        assert (" object (" in page, "Account:" in page) == (False, False)

    @pytest.mark.parametrize("model", READ_ONLY)
    @pytest.mark.parametrize("role", ["clerk", "supervisor", "superuser"])
    def test_let_nobody_change_delete_or_add(self, model: type[Model], role: str, line: Line, db: Any) -> None:
        client = staff_client("clerk" if role == "superuser" else role)
        if role == "superuser":
            client.force_login(superuser())
        before = list(model._default_manager.values())
        address = record_url(page_of(model), row_of(model))
        assert client.post(address, {"state": "CLOSED"}).status_code == 403
        assert client.post(address.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
        assert client.get(f"{list_url(page_of(model))}add/").status_code == 403
        assert client.post(list_url(page_of(model)), {"action": "delete_selected"}).status_code in (200, 403)
        assert list(model._default_manager.values()) == before

    @pytest.mark.parametrize("model", READ_ONLY)
    def test_are_closed_to_customers(self, model: type[Model], line: Line) -> None:
        customer = signed_in_client(line)
        for address in (list_url(page_of(model)), record_url(page_of(model), row_of(model))):
            answer = customer.get(address)
            assert (answer.status_code, answer["Location"]) == (
                302,
                f"/staff/login/?next={address.replace(',', '%2C')}",
            )

    @pytest.mark.parametrize("model", READ_ONLY)
    def test_ask_no_more_the_more_rows_there_are(
        self, model: type[Model], line: Line, clerk: Client, django_assert_max_num_queries: Any
    ) -> None:
        address = list_url(page_of(model))
        clerk.get(address)
        for _ in range(3):
            other = make_line(cash_fen=50_00)
            make_top_up(other)
            buy(other, make_offering())
        with django_assert_max_num_queries(12):
            assert clerk.get(address).status_code == 200

    @pytest.mark.parametrize("key", ["nonsense", "a,b", "0193f3a0-0000-7000-8000-000000000000,7", ","])
    def test_answer_an_unknown_address_by_going_to_the_index(self, key: str, clerk: Client) -> None:
        answer = clerk.get(f"/staff/billing/ledgerentry/{key}/change/")
        assert (answer.status_code, answer["Location"]) == (302, "/staff/")


ACCOUNT_OWNED = [model for model in READ_ONLY if model is not Customer]


class TestSearch:
    @pytest.mark.parametrize("model", READ_ONLY)
    def test_finds_rows_by_number_in_any_writing(self, model: type[Model], line: Line, clerk: Client) -> None:
        other = make_line(cash_fen=50_00)
        make_top_up(other)
        buy(other, make_offering())
        for term in (line.msisdn, line.msisdn.removeprefix("+86")):
            answer = clerk.get(list_url(page_of(model)), {"q": term})
            found = answer.context["cl"].result_list
            assert len(found) > 0
            owners = {getattr(row, "account_id", None) for row in found} - {None}
            assert owners <= {line.account_id}

    @pytest.mark.parametrize("model", ACCOUNT_OWNED)
    def test_finds_rows_by_account_id(self, model: type[Model], line: Line, clerk: Client) -> None:
        make_line(cash_fen=1)
        found = clerk.get(list_url(page_of(model)), {"q": str(line.account_id)}).context["cl"].result_list
        assert len(found) > 0
        assert {str(getattr(row, "account_id", None) or row.pk) for row in found} == {str(line.account_id)}

    def test_finds_one_row_by_its_public_id(self, line: Line, clerk: Client) -> None:
        buyer = make_line(cash_fen=50_00)
        buy(buyer, make_offering())
        order = Order.objects.filter(account_id=buyer.account_id).order_by("id")[0]
        found = clerk.get(list_url(page_of(Order)), {"q": str(PublicId(order.account_id, order.id))})
        assert [row.id for row in found.context["cl"].result_list] == [order.id]

    @pytest.mark.parametrize("term", ["13800000009", "no number", "'; DROP TABLE", "x" * 300])
    def test_finds_nothing_for_what_names_nobody(self, term: str, line: Line, clerk: Client) -> None:
        answer = clerk.get(list_url(page_of(Wallet)), {"q": term})
        assert answer.status_code == 200
        assert list(answer.context["cl"].result_list) == []

    def test_finds_customers_by_the_beginning_of_the_name(self, line: Line, clerk: Client) -> None:
        found = clerk.get(list_url(page_of(Customer)), {"q": "林建"}).context["cl"].result_list
        assert [customer.name for customer in found] == ["林建国"]


class TestMasking:
    @pytest.mark.parametrize("model", READ_ONLY)
    def test_shows_no_whole_number_and_no_whole_name_in_lists(
        self, model: type[Model], line: Line, clerk: Client
    ) -> None:
        page = clerk.get(list_url(page_of(model))).content.decode()
        national = line.msisdn.removeprefix("+86")
        assert national not in page
        assert f"{national[:3]} {national[3:7]} {national[7:]}" not in page
        assert "林建国" not in page

    def test_shows_masked_numbers_in_lists_and_whole_ones_on_the_record(self, line: Line, clerk: Client) -> None:
        national = line.msisdn.removeprefix("+86")
        assert mask_msisdn(line.msisdn) in clerk.get(list_url(page_of(Line))).content.decode()
        record = clerk.get(record_url(page_of(Line), line)).content.decode()
        assert f"{national[:3]} {national[3:7]} {national[7:]}" in record


class TestDesk:
    def test_speaks_chinese_to_staff(self, clerk: Client) -> None:
        page = clerk.get(reverse("admin:index")).content.decode()
        assert '<html lang="zh-hans"' in page

    def test_leads_to_no_row_by_the_number_of_its_table(self, clerk: Client) -> None:
        assert clerk.get("/staff/r/1/1/").status_code == 404

    def test_leads_from_a_record_to_every_list_of_its_account(self, line: Line, clerk: Client) -> None:
        wallet = Wallet.objects.get()
        page = clerk.get(record_url(page_of(Wallet), wallet)).content.decode()
        assert f'href="/staff/billing/ledgerentry/?q={line.account_id}"' in page
        assert f'href="/staff/messaging/sms/?q={line.account_id}"' in page

    def test_keeps_staff_and_partner_credentials_from_clerks(self, clerk: Client) -> None:
        page = clerk.get(reverse("admin:index")).content.decode()
        assert "/staff/accounts/staffuser/" not in page
        assert "/staff/oauth2_provider/" not in page
        assert clerk.get("/staff/accounts/staffuser/").status_code == 403

    def test_names_no_tokens_even_to_superusers(self) -> None:
        client = Client()
        client.force_login(superuser())
        page = client.get(reverse("admin:index")).content.decode()
        assert "/staff/partners/partnerclient/" in page
        assert "/staff/oauth2_provider/" not in page

    def test_opens_every_list_and_form_to_superusers(self, line: Line) -> None:
        client = Client()
        client.force_login(superuser())
        pages = list(admin.site._registry.values())
        assert [page.opts.label for page in pages if client.get(list_url(page)).status_code != 200] == []
        forms = [page for page in pages if not isinstance(page, ReadOnlyAdmin)]
        assert forms
        assert [page.opts.label for page in forms if client.get(f"{list_url(page)}add/").status_code != 200] == []
