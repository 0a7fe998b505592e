from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.utils import translation
from pytest_django import Settings

from accounts.models import PartnerGrant, StaffUser
from kernel.clock import SHANGHAI
from partners.models import PartnerClient, PartnerSecret
from partners.queries.partner_clients import list_valid_secret_hashes
from portal.demo.seeding import seed_demo
from portal.demo.sign_ins import list_demo_sign_ins, prepare_demo_sign_ins

pytestmark = pytest.mark.django_db
AS_OF = datetime(2026, 11, 22, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, settings: Settings) -> Path:
    """An installation of its own, with the demo people."""
    settings.HALL_VAR = tmp_path
    seed_demo(lines=0, months=0, seed=1, as_of=AS_OF, progress=lambda *_: None)
    prepare_demo_sign_ins(now=AS_OF)
    return tmp_path


class TestListDemoSignIns:
    def test_names_customers_staff_and_partner(self) -> None:
        with translation.override("en"):
            rows = [(entry.role, entry.sign_in, entry.where) for entry in list_demo_sign_ins()]
        assert rows == [
            ("Customer 陈晓雨", "13800138000", "/sign-in/"),
            ("Customer 林建国", "13800138001", "/sign-in/"),
            ("Customer Emma Clarke", "13800138002", "/sign-in/"),
            ("Customer 王秀兰", "13800138003", "/sign-in/"),
            ("Clerk", "clerk", "/staff/"),
            ("Supervisor", "supervisor", "/staff/"),
            ("Product team", "product", "/staff/"),
            ("Finance", "finance", "/staff/"),
            ("Operations", "operations", "/staff/"),
            ("Auditor", "auditor", "/staff/"),
            ("Partner system", "demo-partner", "/oauth/token/"),
        ]

    def test_tells_secrets_that_work(self) -> None:
        secrets = {entry.sign_in: entry.secret for entry in list_demo_sign_ins()}
        assert authenticate(username="clerk", password=secrets["clerk"]) is not None
        assert authenticate(username="supervisor", password=secrets["supervisor"]) is not None
        assert authenticate(username="clerk", password=secrets["supervisor"]) is None
        kept = list_valid_secret_hashes(client_id="demo-partner", now=AS_OF)
        assert kept == {PartnerSecret.hash_of(secrets["demo-partner"])}

    def test_keeps_secrets_where_their_owner_alone_reads_them(self, installation: Path) -> None:
        modes = {path.name: path.stat().st_mode & 0o777 for path in (installation / "secrets").iterdir()}
        roles = ("clerk", "supervisor", "product", "finance", "operations", "auditor")
        names = [*(f"{role}-password" for role in roles), "partner-secret"]
        assert modes == dict.fromkeys(names, 0o600)


class TestPrepareDemoSignIns:
    def test_lets_clerks_look_and_supervisors_keep_the_catalogue(self) -> None:
        clerk, supervisor = (StaffUser.objects.get(username=name) for name in ("clerk", "supervisor"))
        assert [(person.is_staff, person.is_superuser) for person in (clerk, supervisor)] == [(True, False)] * 2
        rights = ("packages_app.view_order", "packages_app.change_offering", "billing.change_wallet")
        assert [clerk.has_perm(right) for right in rights] == [True, False, False]
        assert [supervisor.has_perm(right) for right in rights] == [True, True, False]

    def test_shows_the_partner_the_four_accounts(self) -> None:
        assert PartnerGrant.objects.filter(client_id="demo-partner").count() == 4

    def test_changes_nothing_when_repeated(self) -> None:
        before = list(StaffUser.objects.order_by("id").values())
        prepare_demo_sign_ins(now=AS_OF + timedelta(days=1))
        assert list(StaffUser.objects.order_by("id").values()) == before
        assert PartnerClient.objects.count() == 1
        assert PartnerGrant.objects.filter(granted_at=AS_OF).count() == 4

    def test_takes_a_password_that_the_environment_gives(self, settings: Settings) -> None:
        settings.DEMO_PASSWORD = "a password of my own"
        prepare_demo_sign_ins(now=AS_OF)
        assert authenticate(username="clerk", password="a password of my own") is not None
        assert "a password of my own" in {entry.secret for entry in list_demo_sign_ins()}
