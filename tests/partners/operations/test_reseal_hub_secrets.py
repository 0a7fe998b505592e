import pytest
from pytest_django import Settings

from accounts.operations.rotate_document_keys import rotate_document_keys
from partners.models import Hub
from partners.queries.hubs import get_hub_secret
from tests.factories.partners import make_hub, make_partner

pytestmark = pytest.mark.django_db


class TestResealHubSecrets:
    def test_keeps_the_secret_when_the_key_is_changed(self, settings: Settings) -> None:
        hub = make_hub(make_partner())
        secret, old = get_hub_secret(hub), settings.DOCUMENT_KEYS[0]
        settings.DOCUMENT_KEYS = ["another-key-only-for-this-test-0123456789abcdef", old]
        assert rotate_document_keys() == 1
        assert rotate_document_keys() == 0
        settings.DOCUMENT_KEYS = settings.DOCUMENT_KEYS[:1]
        assert get_hub_secret(Hub.objects.get()) == secret
