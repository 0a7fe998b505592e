from typing import Any

import pytest
from django.test import Client

from billing.models import Voucher, VoucherDeed
from tests.factories.accounts import signed_in_client, staff_client
from tests.factories.billing import make_line
from tests.factories.vouchers import batch_of, issue_cards, make_cards, voucher_of
from tests.pages import words

pytestmark = pytest.mark.django_db

BATCHES = "/staff/billing/voucherbatch/"
CARDS = "/staff/billing/vouchercard/"


@pytest.fixture
def supervisor() -> Client:
    return staff_client("supervisor")


@pytest.fixture
def clerk() -> Client:
    return staff_client("clerk")


def act(client: Client, where: str, action: str, *keys: object, reason: str = "") -> Any:
    return client.post(where, {"action": action, "_selected_action": list(keys), "reason": reason}, follow=True)


def states() -> list[str]:
    return list(Voucher.objects.order_by("serial_number").values_list("state", flat=True))


class TestBatches:
    def test_are_shown_with_their_cards_by_state_and_what_was_done(self, clerk: Client) -> None:
        cards = make_cards(3)
        listed = clerk.get(BATCHES)
        assert f"{BATCHES}{batch_of(cards[0])}/change/" in listed.content.decode()
        page = words(clerk.get(f"{BATCHES}{batch_of(cards[0])}/change/"))
        assert "50.00" in page
        assert "printer" in page
        assert "supervisor" in page

    def test_are_activated_by_a_supervisor(self, supervisor: Client) -> None:
        cards = issue_cards(3)
        page = act(supervisor, BATCHES, "activate", batch_of(cards[0]))
        assert page.status_code == 200
        assert states() == ["ACTIVE"] * 3
        deed = VoucherDeed.objects.get(act="ACTIVATE")
        assert (deed.cards, deed.serial_number) == (3, "")
        assert deed.done_by.startswith("supervisor-")

    def test_are_blocked_with_a_reason(self, supervisor: Client) -> None:
        cards = make_cards(2)
        act(supervisor, BATCHES, "block", batch_of(cards[0]), reason="stolen from the van")
        assert states() == ["BLOCKED"] * 2
        assert VoucherDeed.objects.get(act="BLOCK").reason == "stolen from the van"

    def test_are_not_blocked_without_one(self, supervisor: Client) -> None:
        cards = make_cards(2)
        page = act(supervisor, BATCHES, "block", batch_of(cards[0]), reason=" ")
        assert states() == ["ACTIVE"] * 2
        assert page.context["messages"]
        assert not VoucherDeed.objects.filter(act="BLOCK").exists()

    def test_say_when_there_is_nothing_to_do(self, supervisor: Client) -> None:
        cards = make_cards(1)
        page = act(supervisor, BATCHES, "activate", batch_of(cards[0]))
        assert [message.level_tag for message in page.context["messages"]] == ["error"]


class TestCards:
    def test_are_found_by_the_beginning_of_the_serial_number(self, clerk: Client) -> None:
        first, second = make_cards(2)
        found = clerk.get(CARDS, {"q": second.serial_number}).context["cl"].result_list
        assert [card.serial_number for card in found] == [second.serial_number]
        found = clerk.get(CARDS, {"q": first.serial_number[:9]}).context["cl"].result_list
        assert len(found) == 2

    def test_are_activated_and_blocked_one_by_one(self, supervisor: Client) -> None:
        first, second, _third = issue_cards(3)
        act(supervisor, CARDS, "activate", first.serial_number, second.serial_number)
        assert states() == ["ACTIVE", "ACTIVE", "ISSUED"]
        act(supervisor, CARDS, "block", second.serial_number, reason="torn")
        assert states() == ["ACTIVE", "BLOCKED", "ISSUED"]
        page = words(supervisor.get(f"{CARDS}{second.serial_number}/change/"))
        assert "torn" in page

    def test_show_no_pin_and_no_hash_of_one(self, supervisor: Client) -> None:
        card = make_cards(1)[0]
        pages = [supervisor.get(CARDS), supervisor.get(f"{CARDS}{card.serial_number}/change/")]
        pages.append(supervisor.get(f"{BATCHES}{batch_of(card)}/change/"))
        for page in pages:
            assert page.status_code == 200
            assert card.pin not in page.content.decode()
            assert voucher_of(card).pin_hash not in page.content.decode()

    def test_have_no_page_under_their_hash(self, supervisor: Client) -> None:
        (card,) = make_cards(1)
        assert supervisor.get("/staff/billing/voucher/").status_code == 404
        assert supervisor.get(f"{CARDS}{voucher_of(card).pin_hash}/change/").status_code == 302


class TestRights:
    @pytest.mark.parametrize("action", ["activate", "block"])
    def test_of_a_clerk_are_to_look(self, clerk: Client, action: str) -> None:
        cards = issue_cards(2)
        act(clerk, BATCHES, action, batch_of(cards[0]), reason="because")
        act(clerk, CARDS, action, cards[0].serial_number, reason="because")
        assert states() == ["ISSUED"] * 2
        assert VoucherDeed.objects.count() == 1

    @pytest.mark.parametrize("where", [BATCHES, CARDS])
    def test_to_add_change_or_delete_has_nobody(self, supervisor: Client, where: str) -> None:
        (card,) = make_cards(1)
        key = batch_of(card) if where == BATCHES else card.serial_number
        assert supervisor.get(f"{where}add/").status_code == 403
        assert supervisor.post(f"{where}{key}/change/", {"state": "ACTIVE"}).status_code == 403
        assert supervisor.post(f"{where}{key}/delete/", {"post": "yes"}).status_code == 403
        act(supervisor, where, "delete_selected", key)
        assert states() == ["ACTIVE"]

    @pytest.mark.parametrize("where", [BATCHES, CARDS])
    def test_has_no_customer(self, where: str) -> None:
        answer = signed_in_client(make_line()).get(where)
        assert (answer.status_code, answer["Location"]) == (302, f"/staff/login/?next={where}")
