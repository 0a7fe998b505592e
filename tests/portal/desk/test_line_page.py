"""Everything of a line on one page: how it is found, what it shows to whom, and what it asks of the database."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import BarAuthor, Line, StaffTrace, TraceKind
from accounts.operations.barring import Author
from billing.models import Charge
from billing.operations.dunning import run_dunning
from kernel.channel import Channel
from kernel.clock import now
from kernel.ids import PublicId
from kernel.line_desk import short_instant
from kernel.masking import mask_msisdn
from kernel.phone import grouped_number, national_number
from packages_app.models import Order
from tests.factories.accounts import make_line, make_staff, signed_in_client, staff_client
from tests.factories.barring import make_bar
from tests.factories.dunning import make_debtor
from tests.factories.stars import give_star
from tests.factories.whole_customer import make_whole_customer

pytestmark = pytest.mark.django_db

NAME = "欧阳明月"
SECTIONS = (
    *("wallet", "services", "allowances", "orders", "barring", "dunning", "acts", "tickets", "star"),
    *("bills", "texts", "sign-ins"),
)


@pytest.fixture
def line() -> Line:
    return make_whole_customer(name=NAME, yuan=3_765, email="theirs@example.com")


def page_of(line: Line) -> str:
    return reverse("admin:line", args=[line.account_id, line.id])


def search(client: Client, words: str) -> Any:
    return client.get(reverse("admin:search"), {"q": words})


def section_names(answer: Any) -> list[str]:
    return [section.name for section in answer.context["sections"]]


def who(answer: Any) -> tuple[str, str]:
    """Return name and number as the page shows them."""
    (_name, name), (_number, number), *_rest = answer.context["facts"]
    return name, number


def in_english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def section_of(answer: Any, name: str) -> Any:
    return next(section for section in answer.context["sections"] if section.name == name)


def facts_of(answer: Any, name: str) -> dict[str, str]:
    """Return what a section says, as its reader sees it."""
    with translation.override("en"):
        return {str(fact): str(value) for fact, value in section_of(answer, name).facts}


def rows_of(answer: Any, name: str) -> list[list[str]]:
    with translation.override("en"):
        return [[str(cell) for cell in row] for row in section_of(answer, name).rows]


class TestSearch:
    def test_leads_from_a_number_in_any_spelling_an_order_or_an_account_to_the_line(self, line: Line) -> None:
        clerk, national = staff_client("clerk"), national_number(line.msisdn)
        order = Order.objects.filter(account_id=line.account_id)[0]
        spellings = [national, line.msisdn, grouped_number(line.msisdn), f"0086{national}", f" {national} "]
        names = [str(PublicId(order.account_id, order.id)), str(line.account_id)]
        assert {search(clerk, words)["Location"] for words in (*spellings, *names)} == {page_of(line)}

    def test_lets_choose_among_holders_of_a_number_the_present_one_first(self) -> None:
        former = make_line()
        Line.objects.filter(id=former.id).update(state="CLOSED", msisdn="+8613900000001")
        present = make_line(msisdn="+8613900000001")
        answer = search(staff_client("clerk"), "13900000001")
        assert [line.id for line, _number in answer.context["found"]] == [present.id, former.id]
        assert [number for _line, number in answer.context["found"]] == ["139****0001"] * 2
        found = StaffTrace.objects.filter(kind=TraceKind.SEARCH).values_list("account_id", flat=True)
        assert set(found) == {former.account_id, present.account_id}

    @pytest.mark.parametrize("words", ["13900009999", "", "7", "x" * 44])
    def test_leads_back_when_nobody_is_named(self, words: str) -> None:
        answer = search(staff_client("clerk"), words)
        assert answer.status_code == 302
        assert answer["Location"] in ("/staff/", f"/staff/accounts/customer/?q={words}")

    def test_looks_for_a_name_among_customers(self) -> None:
        answer = search(staff_client("clerk"), "林建")
        assert answer["Location"].startswith("/staff/accounts/customer/?q=")

    def test_stands_on_the_index_of_whoever_may_use_it(self) -> None:
        box = f'action="{reverse("admin:search")}"'
        shown = [box in staff_client(role).get("/staff/").content.decode() for role in ("clerk", "operations")]
        assert shown == [True, False]


class TestPage:
    def test_shows_everything_of_the_line_with_name_and_number_masked(self, line: Line) -> None:
        answer = staff_client("clerk").get(page_of(line))
        assert (answer.status_code, section_names(answer)) == (200, [*SECTIONS, "interactions"])
        text = re.sub(r"\s", "", re.sub(r"<[^>]+>", " ", answer.content.decode()))
        assert (who(answer), national_number(line.msisdn) in text) == (("欧**", mask_msisdn(line.msisdn)), False)
        filled = {section.name for section in answer.context["sections"] if section.rows or section.facts}
        assert filled >= {"wallet", "services", "allowances", "orders", "bills", "texts", "sign-ins"}

    def test_leads_to_pages_that_are_there(self, line: Line) -> None:
        clerk = staff_client("clerk")
        page = clerk.get(page_of(line)).content.decode()
        main = page[page.index('class="line-desk"') :]
        links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"]+)"', main)}
        assert len(links) > 15
        assert [link for link in links if clerk.get(link).status_code != 200] == []

    def test_opens_forms_with_the_number_filled_in(self, line: Line) -> None:
        clerk = staff_client("clerk")
        answer = clerk.get(reverse("admin:packages_app_order_start"), {"line": f"{line.account_id},{line.id}"})
        assert answer.context["form"]["msisdn"].value() == national_number(line.msisdn)
        wrong = clerk.get(reverse("admin:packages_app_order_start"), {"line": f"{line.account_id},nonsense"})
        assert wrong.context["form"]["msisdn"].value() == ""

    def test_shows_what_is_masked_for_a_reason_that_is_written_down(self, line: Line) -> None:
        clerk = staff_client("clerk")
        assert clerk.post(page_of(line), {"reason": " "}).status_code == 422
        assert not StaffTrace.objects.filter(kind=TraceKind.REVEAL).exists()
        answer = clerk.post(page_of(line), {"reason": "asks for a letter"})
        assert who(answer) == (NAME, grouped_number(line.msisdn))
        trace = StaffTrace.objects.get(kind=TraceKind.REVEAL)
        assert (trace.account_id, trace.line_id, trace.reason) == (line.account_id, line.id, "asks for a letter")
        assert who(clerk.get(page_of(line))) == ("欧**", mask_msisdn(line.msisdn))

    def test_says_how_far_dunning_has_gone_what_comes_next_and_what_put_it_off(self) -> None:
        debtor, protected = make_debtor(), make_debtor()
        give_star(protected.account_id, 5)
        at = now()
        for charge in Charge.objects.all():
            charge.charged_at = at - timedelta(days=12)
            charge.save(update_fields=["charged_at"])
        for days in (9, 2):
            run_dunning(now=at - timedelta(days=days))
        clerk = in_english(staff_client("clerk"))
        told = [facts_of(clerk.get(page_of(line)), "dunning") for line in (debtor, protected)]
        assert [(facts["owed"], facts["step"].split(",")[0]) for facts in told] == [
            ("50.00 yuan", "outgoing calls and data barred"), ("50.00 yuan", "warned"),
        ]  # fmt: skip
        assert [facts["next step"] for facts in told] == ["calls barred both ways", "outgoing calls and data barred"]
        assert told[0]["not before"] == short_instant(at + timedelta(days=13))
        rows = [rows_of(clerk.get(page_of(line)), "dunning") for line in (debtor, protected)]
        assert [row[1] for row in rows[0]] == ["step taken", "step taken"]
        assert rows[1][0][1:3] == ["step put off", "outgoing calls and data barred"]
        assert rows[1][0][4] == "more days for a good star (5)"

    def test_says_why_a_line_is_barred_by_whom_and_what_helps(self) -> None:
        line, clerk = make_line(), make_staff("clerk")
        make_bar(line, author=Author(BarAuthor.STAFF, Channel.STORE, clerk.pk), words="lost in a taxi", now=now())
        [row] = rows_of(in_english(staff_client("supervisor")).get(page_of(line)), "barring")
        assert row[1] == "lost in a taxi"
        assert (row[3], row[4]) == (clerk.username, "still barred")
        assert "get a new SIM card" in row[5]

    def test_leads_to_where_cards_numbers_and_owners_are_changed(self, line: Line) -> None:
        clerk = staff_client("clerk")
        [(_label, address)] = section_of(clerk.get(page_of(line)), "acts").lists
        page = clerk.get(address).content.decode()
        assert reverse("admin:accounts_line_report_lost", args=[f"{line.account_id},{line.id}"]) in page
        assert f"?line={line.account_id}%2C{line.id}" in page
        form = clerk.get(
            reverse("admin:packages_app_subscription_change_number"), {"line": f"{line.account_id},{line.id}"}
        )
        assert form.context["form"]["msisdn"].value() == national_number(line.msisdn)

    def test_shows_auditors_what_staff_did_besides(self, line: Line) -> None:
        assert section_names(staff_client("auditor").get(page_of(line)))[-1] == "traces"

    def test_keeps_money_from_whoever_may_not_see_it(self, line: Line) -> None:
        assert staff_client("operations").get(page_of(line)).status_code == 403
        assert staff_client("product").get(page_of(line)).status_code == 403
        assert signed_in_client(line).get(page_of(line))["Location"].startswith("/staff/login/")

    def test_leaves_a_trace_of_the_look(self, line: Line) -> None:
        staff_client("clerk").get(page_of(line))
        [trace] = StaffTrace.objects.all()
        assert (trace.kind, trace.page, trace.account_id, trace.line_id) == (
            *(TraceKind.LOOK, "line", line.account_id, line.id),
        )

    def test_knows_closed_lines_and_no_others(self, line: Line) -> None:
        clerk = staff_client("clerk")
        Line.objects.filter(id=line.id).update(state="CLOSED")
        assert clerk.get(page_of(line)).status_code == 200
        assert clerk.get(reverse("admin:line", args=[make_line().account_id, line.id])).status_code == 404

    def test_asks_little_of_the_database(self, line: Line, django_assert_max_num_queries: Any) -> None:
        auditor = staff_client("auditor")
        auditor.get(page_of(line))
        # Session, user and rights are 4 of them, the trace 3 in a test; each section has one or two.
        with django_assert_max_num_queries(30):
            auditor.get(page_of(line))

    def test_is_composed_of_what_the_settings_name(self) -> None:
        assert len(settings.LINE_DESK_SECTIONS) == len(SECTIONS) + 2
