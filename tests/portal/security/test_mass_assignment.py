"""Fields that nobody asked for: whatever a form or a request brings besides, nothing of it is kept."""

import uuid
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.models import UUIDField
from django.test import Client
from django.urls import resolve
from pytest_django import Settings

from accounts.models import Line, SignIn
from tests.factories.accounts import signed_in_client
from tests.factories.whole_customer import make_whole_customer
from tests.site_map import Form, submit, undone, walk
from tests.strangers import list_owned_models

pytestmark = pytest.mark.django_db

NUMBER, WORDS, ID = "86420975", "nobody-asked-for-this", uuid.UUID("0badcafe-0bad-7bad-8bad-0badcafe0bad")
# What a browser's own pages send, filled in so that most forms are taken.
ENTERED = {"amount": "50", "other_amount": "50", "percent": "70", "quiet_from": "21", "language": "en"}


@pytest.fixture
def mine(settings: Settings) -> Line:
    settings.DEMO_MODE = False
    return make_whole_customer(name="令狐晓甲", yuan=2_321, email="mine@example.com")


def columns() -> dict[str, str]:
    """Return something for each column of each table of customers that a request could try to set."""
    return {
        name: str(ID) if isinstance(field, UUIDField) else (NUMBER if name.endswith(("_fen", "_id")) else WORDS)
        for model in list_owned_models()
        for field in model._meta.concrete_fields
        for name in {field.name, field.attname}
    } | {"is_staff": "1", "is_superuser": "1", "now": "2020-01-01T00:00:00Z", "channel": WORDS, "state": WORDS}


def kept_of_it(account_id: uuid.UUID) -> list[str]:
    """Return the tables of the account in which something of it stands."""
    tables = [model._meta.db_table for model in list_owned_models() if model._meta.db_table != "accounts_account"]
    looks = [
        f"SELECT '{table}' FROM {table} held WHERE account_id = %(account_id)s AND held::text ~ %(pattern)s"  # noqa: S608
        for table in tables
    ]
    with connection.cursor() as cursor:
        pattern = f"(^|[^0-9]){NUMBER}|{WORDS}|{ID}"
        cursor.execute(" UNION ".join(looks), {"account_id": account_id, "pattern": pattern})
        return [row[0] for row in cursor.fetchall()]


def forms_of(browser: Client) -> list[Form]:
    """Return each form of the customer's own pages that changes something, once."""
    _links, forms = walk(browser)
    kinds = {
        (
            resolve(urlsplit(form.action).path).view_name,
            str([value for name, value in form.fields if name == "section"]),
        ): form
        for form in forms
        if form.method == "POST"
    }
    return list(kinds.values())


class TestForms:
    def test_keep_nothing_that_they_did_not_ask_for(self, mine: Line) -> None:
        browser = signed_in_client(mine)
        browser.raise_request_exception = False
        forms = forms_of(browser)
        assert len(forms) > 20
        faults, taken = [], 0
        for form in forms:
            asked = {name for name, _value in form.fields}
            more = [(name, value) for name, value in columns().items() if name not in asked]
            with undone(browser):
                answer = submit(browser, "POST", form.action, [*self.filled(form), *more])
                taken += answer.status_code == 302 and not answer.headers["Location"].startswith("/sign-in/")
                if (kept := kept_of_it(mine.account_id)) or answer.status_code >= 500:
                    faults.append(f"{form.action}: {answer.status_code} keeps it in {kept}")
        assert faults == []
        assert taken >= 10, "too few of the forms were taken to say anything"

    def filled(self, form: Form) -> list[tuple[str, str]]:
        return [(name, value or ENTERED.get(name, "")) for name, value in form.fields]

    def test_would_be_noticed_if_they_did(self, mine: Line) -> None:
        assert kept_of_it(mine.account_id) == []
        SignIn.objects.filter(account_id=mine.account_id).update(device=f"of {WORDS}")
        assert kept_of_it(mine.account_id) == ["accounts_sign_in"]
