from collections.abc import Iterator
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test import Client

from kernel.models import IdempotencyRecord
from kernel.rest.idempotency import Answer, IdempotencyKeyReused, answer_once, request_hash
from tests.factories.billing import NOW
from tests.factories.partners import PREPAY, make_partner


def answer(body: str, *, wanted: str = "h") -> Answer:
    return answer_once(
        client_id="c", key="k", request_hash=wanted, now=NOW, work=lambda: Answer(201, body, {"Location": "/x"})
    )


class TestRequestHash:
    def test_knows_a_request_by_method_path_and_body(self) -> None:
        hashes = {
            request_hash("POST", "/a", {"n": 1}),
            request_hash("PUT", "/a", {"n": 1}),
            request_hash("POST", "/b", {"n": 1}),
            request_hash("POST", "/a", {"n": 2}),
            request_hash("POST", "/a", {"n": "1"}),
        }
        assert len(hashes) == 5

    def test_does_not_mind_the_order_of_attributes(self) -> None:
        assert request_hash("POST", "/a", {"n": 1, "m": 2}) == request_hash("POST", "/a", {"m": 2, "n": 1})


@pytest.mark.django_db
class TestAnswerOnce:
    def test_keeps_the_first_answer_whole(self) -> None:
        assert answer('{"é": 1}') == answer("another") == Answer(201, '{"é": 1}', {"Location": "/x"})
        assert IdempotencyRecord.objects.values_list("key", "created_at").get() == ("c:k", NOW)

    def test_refuses_another_request_with_the_key(self) -> None:
        answer("first")
        with pytest.raises(IdempotencyKeyReused):
            answer("second", wanted="other")
        assert IdempotencyRecord.objects.get().body == "first"

    def test_keeps_nothing_of_work_that_failed(self) -> None:
        def fail() -> Answer:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            answer_once(client_id="c", key="k", request_hash="h", now=NOW, work=fail)
        assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    @pytest.fixture
    def held_key(self) -> Iterator[str]:
        """A client whose key "k" is being worked on by somebody who does not come to an end."""
        partner = make_partner()
        held, done = Event(), Event()

        def hold() -> None:
            with transaction.atomic():
                IdempotencyRecord.objects.create(key=f"{partner.client_id}:k", request_hash="h", created_at=NOW)
                held.set()
                done.wait(timeout=30)
            connection.close()

        thread = Thread(target=hold)
        thread.start()
        assert held.wait(timeout=30)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        yield partner.token
        done.set()
        thread.join(timeout=30)
        connection.close()

    def test_ends_with_busy_when_it_takes_too_long(self, held_key: str, client: Client) -> None:
        body = {"amount": {"amount": 5, "units": "CNY"}, "logicalResource": {"value": "13800138000"}}
        response = client.post(
            f"{PREPAY}/topupBalance",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {held_key}", "Idempotency-Key": "k"},
        )
        assert (response.status_code, response.json()["code"], response["Retry-After"]) == (409, "BUSY", "1")
