"""Notices of payment providers, posted as they post them."""

from django.test import Client

from billing.models import TopUp
from messaging.models import Sms
from tests.factories.billing import entries_of, wallet_of

Notice = tuple[bytes, dict[str, str]]


def post_notice(provider: str, notice: Notice) -> tuple[int, bytes]:
    """Post body and headers of a notice to the address of a provider, and return status and body of the answer."""
    body, headers = notice
    content_type = headers.get("Content-Type", "application/octet-stream")
    client = Client(enforce_csrf_checks=True)
    answer = client.generic("POST", f"/payment-callback/{provider}/", body, content_type, headers=headers)
    return answer.status_code, answer.content


def assert_nothing_moved(top_up: TopUp, *, state: str = "PENDING") -> None:
    """No money came in, nobody was told, and the top-up stands where it stood."""
    assert TopUp.objects.get(id=top_up.id).state == state
    assert (wallet_of(top_up.account_id), entries_of(top_up.account_id)) == ((0, 0, 0), [])
    assert not Sms.objects.exists()
