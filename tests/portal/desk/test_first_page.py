"""The first page of the desk, and what the lists share: groups of pages, what waits for whom, words for empty lists."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import BarAction, BarReason, StaffUser
from accounts.operations.bar_proposals import propose_bar
from billing.models import EInvoice
from kernel.clock import now
from messaging.models import Sms, SmsState
from portal.desk.app_list import group_pages
from tests.factories.accounts import make_staff, staff_client
from tests.factories.billing import NOW, make_line, make_refund, make_top_up, propose, propose_fee
from tests.factories.messaging import queue_text

pytestmark = pytest.mark.django_db


def client_of(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def waiting_of(client: Client) -> dict[str, int]:
    """Return what waits by the list that it leads to."""
    found = client.get(reverse("admin:index")).context["waiting"]
    return {entry.address.split("/")[3]: entry.count for entry in found}


class TestGroups:
    def test_name_every_page_of_the_desk(self) -> None:
        pages = [{"object_name": model.__name__} for model in admin.site._registry]
        groups = group_pages([{"app_label": "nowhere", "name": "Nowhere", "models": pages}])
        assert "nowhere" not in [group["app_label"] for group in groups], "Name a new page in portal.desk.app_list."
        assert sum(len(group["models"]) for group in groups) == len(pages)

    def test_keep_a_page_that_none_of_them_names(self) -> None:
        [left] = group_pages([{"app_label": "new", "name": "New", "models": [{"object_name": "Unheard"}]}])
        assert (left["app_label"], left["models"]) == ("new", [{"object_name": "Unheard"}])

    def test_hold_what_a_role_may_see(self) -> None:
        groups = staff_client("product").get(reverse("admin:index")).context["app_list"]
        assert [(group["app_label"], [page["object_name"] for page in group["models"]]) for group in groups] == [
            ("offers", ["Offering"])
        ]


class TestWaiting:
    def test_tells_the_second_person_what_others_asked_for_and_not_their_own(self) -> None:
        line, clerk, supervisor = make_line(), make_staff("clerk"), make_staff("supervisor")
        make_refund(make_top_up(line), asked_by=clerk)
        for proposer in (clerk, supervisor):
            propose(line, proposed_by=proposer.pk)
            propose_fee(line, proposed_by=proposer.pk)
        propose_bar(
            account_id=line.account_id, line_id=line.id, action=BarAction.BAR, reason=BarReason.FRAUD_REVIEW,
            words="calls abroad all night", proposed_by=clerk.pk, now=NOW,
        )  # fmt: skip
        assert waiting_of(client_of(supervisor)) == {"adjustment": 1, "oneofffee": 1, "refund": 1, "barproposal": 1}
        assert waiting_of(client_of(clerk)) == {}

    def test_leads_to_the_rows_that_wait(self) -> None:
        adjustment = propose(make_line())
        supervisor = staff_client("supervisor")
        [entry] = supervisor.get(reverse("admin:index")).context["waiting"]
        found = supervisor.get(entry.address).context["cl"].result_list
        assert [row.id for row in found] == [adjustment.id]

    def test_tells_finance_of_invoices_and_operations_of_texts(self) -> None:
        line = make_line()
        EInvoice.objects.create(
            account_id=line.account_id, subject_key="bill:2026-10", period_date="2026-10-01", amount_fen=1,
            line_id=line.id, msisdn=line.msisdn, language="zh-hans", buyer_kind="PERSONAL", buyer_name="林",
            request_key="1", requested_at=NOW,
        )  # fmt: skip
        parked = queue_text(line, now=now())
        Sms.objects.filter(id=parked.id).update(state=SmsState.PARKED)
        assert waiting_of(staff_client("finance"))["einvoice"] == 1
        assert waiting_of(staff_client("operations")) == {"sms": 1}


class TestLists:
    def test_are_called_what_their_rows_are_called_and_say_when_they_are_empty(self) -> None:
        clerk = staff_client("clerk")
        holds = reverse("admin:billing_hold_changelist")
        pages = [clerk.get(f"{holds}{query}").content.decode() for query in ("", "?q=13900000000")]
        assert ["desk-empty" in page for page in pages] == [True, True]
        make_line()
        assert "desk-empty" not in clerk.get(reverse("admin:billing_wallet_changelist")).content.decode()

    def test_lead_from_a_record_to_everything_of_its_account(self) -> None:
        line = make_line()
        clerk = staff_client("clerk")
        page = clerk.get(reverse("admin:billing_wallet_change", args=[line.account_id])).content.decode()
        whole = f"{reverse('admin:search')}?q={line.account_id}"
        assert re.search(rf'<a class="button" href="{re.escape(whole)}"', page)
        assert clerk.get(whole)["Location"] == reverse("admin:line", args=[line.account_id, line.id])
