"""Staff come in by password and a code of their phone, as they meet it at the desk."""

import re
from base64 import b32decode
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import SecondFactor, StaffRecoveryCode, StaffTrace, StaffUser, TraceKind, TraceOutcome
from accounts.operations.staff_second_factor import (
    ResetRefused,
    SecondFactorStands,
    check_second_factor,
    make_second_factor_key,
    reset_second_factor,
    set_up_second_factor,
    unseal_new_key,
)
from kernel.sealing import CannotUnseal
from tests.factories.accounts import make_staff

PASSWORD = "nine herons at dawn"
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DESK = "/staff/"


def code_of(key: str, *, at: datetime | None = None) -> str:
    """Return what an authenticator app with this secret shows."""
    app = TOTP(bytes.fromhex(key))
    if at:
        app.time = at.timestamp()
    return f"{app.token():06d}"


def secret_of(device: SecondFactor) -> str:
    return device.bin_key.hex()


def new_key_of(client: Client, staff: StaffUser) -> str:
    """Return the secret that a session is setting up, as the picture shows it."""
    return unseal_new_key(staff=staff, sealed=client.session["staff_new_second_factor_sealed"])


def with_password(role: str = "clerk") -> StaffUser:
    staff = make_staff(role)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def give_app(staff: StaffUser) -> tuple[SecondFactor, list[str]]:
    """Set an app up, as if long ago: the code of this very moment may be shown once more."""
    key = make_second_factor_key()
    device, codes = set_up_second_factor(
        staff=staff, key=key, code=code_of(key, at=NOW), replace=False, address="here", now=NOW
    )
    SecondFactor.objects.update(last_t=-1)
    StaffTrace.objects.all().delete()
    return device, codes


def after_password(staff: StaffUser, *, then: str = DESK) -> tuple[Client, Any]:
    client = Client()
    answer = client.post(f"/staff/login/?next={then}", {"username": staff.username, "password": PASSWORD}, follow=True)
    return client, answer


def kinds() -> list[str]:
    return list(StaffTrace.objects.order_by("id").values_list("kind", flat=True))


@pytest.fixture(autouse=True)
def _asked_of_everybody(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True


@pytest.mark.django_db
class TestSigningIn:
    def test_leads_from_the_password_to_the_code_and_on_to_the_page(self) -> None:
        staff = with_password()
        device, _codes = give_app(staff)
        client, answer = after_password(staff, then="/staff/billing/wallet/")
        assert answer.redirect_chain[-1][0] == "/staff/second-factor/?next=%2Fstaff%2Fbilling%2Fwallet%2F"
        assert client.get("/staff/billing/wallet/").status_code == 302
        key_before = client.session.session_key
        entered = client.post(
            answer.request["PATH_INFO"] + "?next=/staff/billing/wallet/", {"code": code_of(secret_of(device))}
        )
        assert (entered.status_code, entered["Location"]) == (302, "/staff/billing/wallet/")
        assert client.session.session_key != key_before
        assert client.get("/staff/billing/wallet/").status_code == 200
        assert kinds()[:1] == [TraceKind.SIGN_IN]

    def test_shows_nothing_of_the_desk_before_the_code(self) -> None:
        client, _answer = after_password(with_password())
        pages = [DESK, "/staff/accounts/line/", "/staff/password_change/", "/staff/jsi18n/"]
        assert [client.get(page)["Location"].split("?")[0] for page in pages] == ["/staff/login/"] * 4

    def test_takes_a_code_once(self) -> None:
        staff = with_password()
        device, _codes = give_app(staff)
        code = code_of(secret_of(device))
        first, _answer = after_password(staff)
        assert first.post("/staff/second-factor/", {"code": code}).status_code == 302
        second, _answer = after_password(staff)
        assert second.post("/staff/second-factor/", {"code": code}).status_code == 422
        assert second.get(DESK).status_code == 302

    def test_takes_a_recovery_code_once_however_it_is_written(self) -> None:
        staff = with_password()
        _device, codes = give_app(staff)
        client, _answer = after_password(staff)
        written = codes[0].lower().replace("-", " ")
        assert client.post("/staff/second-factor/?recovery=1", {"code": written})["Location"] == "/staff/second-factor/"
        assert client.get(DESK).status_code == 200
        assert kinds()[:2] == [TraceKind.RECOVERY_CODE_USED, TraceKind.SIGN_IN]
        other, _answer = after_password(staff)
        assert other.post("/staff/second-factor/?recovery=1", {"code": written}).status_code == 422

    def test_holds_up_whoever_guesses_even_with_the_right_code(self) -> None:
        staff = with_password()
        device, _codes = give_app(staff)
        client, _answer = after_password(staff)
        for _ in range(5):
            assert client.post("/staff/second-factor/", {"code": "WRONG"}).status_code == 422
        assert client.post("/staff/second-factor/", {"code": code_of(secret_of(device))}).status_code == 422
        assert client.get(DESK).status_code == 302
        refused = StaffTrace.objects.filter(kind=TraceKind.SIGN_IN_REFUSED, outcome=TraceOutcome.REFUSED)
        assert refused.count() == 5

    def test_waits_a_moment_after_a_wrong_code_of_the_app(self) -> None:
        staff = with_password()
        device, _codes = give_app(staff)
        client, _answer = after_password(staff)
        SecondFactor.objects.update(throttling_failure_count=5, throttling_failure_timestamp=datetime.now(UTC))
        refused = client.post("/staff/second-factor/", {"code": code_of(secret_of(device))})
        assert refused.status_code == 422
        assert SecondFactor.objects.get().throttling_failure_count == 5

    def test_asks_for_the_password_again_when_it_is_long_ago(self, settings: Any) -> None:
        staff = with_password()
        device, _codes = give_app(staff)
        client, _answer = after_password(staff)
        settings.STAFF_SECOND_FACTOR_WITHIN = 0
        refused = client.post("/staff/second-factor/", {"code": code_of(secret_of(device))})
        assert refused["Location"].startswith("/staff/login/")

    def test_leads_nowhere_else(self) -> None:
        staff = with_password()
        device, _codes = give_app(staff)
        client, _answer = after_password(staff)
        entered = client.post("/staff/second-factor/?next=https://evil.example/", {"code": code_of(secret_of(device))})
        assert entered["Location"] == "/"

    def test_leaves_a_trace_of_a_wrong_password_of_staff_and_none_of_other_names(self) -> None:
        staff = with_password()
        for name in (staff.username, "13800138000"):
            Client().post("/staff/login/", {"username": name, "password": "wrong"})
        assert list(StaffTrace.objects.values_list("username", "kind", "page")) == [
            (staff.username, TraceKind.SIGN_IN_REFUSED, "password")
        ]


@pytest.mark.django_db
class TestSettingUp:
    def test_follows_the_first_password_and_shows_recovery_codes_once(self) -> None:
        staff = with_password()
        client, answer = after_password(staff)
        assert answer.redirect_chain[-1][0].startswith("/staff/second-factor/set-up/")
        key = new_key_of(client, staff)
        secret = re.search(r'class="secret">([A-Z2-7 ]+)<', answer.content.decode())
        assert secret is not None
        assert b32decode(secret[1].replace(" ", "")).hex() == key
        assert key not in str(dict(client.session))
        drawing = client.get("/staff/second-factor/qr.svg")
        assert (drawing["Content-Type"], b"style=" in drawing.content) == ("image/svg+xml", False)
        done = client.post("/staff/second-factor/set-up/", {"code": code_of(key)})
        codes = re.findall(r"<li><code>([\w-]+)</code>", done.content.decode())
        assert (done.status_code, len(set(codes))) == (200, 10)
        assert client.get(DESK).status_code == 200
        assert not StaffRecoveryCode.objects.filter(code_hash__in=codes).exists()
        assert client.get("/staff/second-factor/qr.svg").status_code == 404
        assert kinds()[:2] == [TraceKind.SECOND_FACTOR_SET_UP, TraceKind.SIGN_IN]

    def test_wants_proof_that_the_app_has_the_secret(self) -> None:
        client, _answer = after_password(with_password())
        assert client.post("/staff/second-factor/set-up/", {"code": "000000"}).status_code == 422
        assert SecondFactor.objects.count() == 0
        assert client.get(DESK).status_code == 302

    def test_keeps_the_secret_sealed_for_its_owner_and_nobody_else(self) -> None:
        key, staff, other = make_second_factor_key(), with_password(), with_password()
        device, _codes = set_up_second_factor(
            staff=staff, key=key, code=code_of(key, at=NOW), replace=False, address="here", now=NOW
        )
        kept = SecondFactor.objects.filter(id=device.id).values().get()
        assert (kept["key"], key in str(kept)) == ("sealed", False)
        theirs, _codes = give_app(other)
        SecondFactor.objects.filter(id=theirs.id).update(key_sealed=device.key_sealed)
        with pytest.raises(CannotUnseal):
            check_second_factor(staff=other, code=code_of(key), address="here", now=NOW)

    def test_seals_those_that_were_set_up_before_and_takes_it_back(self) -> None:
        """Migration 0011."""
        migration = import_module("accounts.migrations.0011_sealed_second_factors")
        staff, key = with_password(), make_second_factor_key()
        TOTPDevice.objects.create(user=staff, name="app", key=key)
        migration.seal_keys(apps, None)
        assert TOTPDevice.objects.get().key == "sealed"
        device, by_recovery = check_second_factor(staff=staff, code=code_of(key), address="here", now=datetime.now(UTC))
        assert (secret_of(device), by_recovery) == (key, False)
        migration.unseal_keys(apps, None)
        assert TOTPDevice.objects.get().key == key

    def test_cannot_replace_one_that_was_not_shown(self) -> None:
        staff = with_password()
        device, _codes = give_app(staff)
        client, _answer = after_password(staff)
        refused = client.post("/staff/second-factor/set-up/", {"code": "123456"})
        assert refused["Location"].startswith("/staff/second-factor/?")
        key = make_second_factor_key()
        with pytest.raises(SecondFactorStands):
            set_up_second_factor(
                staff=staff, key=key, code=code_of(key, at=NOW), replace=False, address="here", now=NOW
            )
        assert secret_of(SecondFactor.objects.get()) == secret_of(device)

    def test_replaces_one_that_was_shown_and_ends_its_other_sessions(self) -> None:
        staff = with_password()
        device, _codes = give_app(staff)
        other, _answer = after_password(staff)
        other.post("/staff/second-factor/", {"code": code_of(secret_of(device))})
        SecondFactor.objects.update(last_t=-1)
        client, _answer = after_password(staff)
        client.post("/staff/second-factor/", {"code": code_of(secret_of(device))})
        client.get("/staff/second-factor/set-up/")
        key = new_key_of(client, staff)
        assert client.post("/staff/second-factor/set-up/", {"code": code_of(key)}).status_code == 200
        assert secret_of(SecondFactor.objects.get()) == key
        assert (client.get(DESK).status_code, other.get(DESK).status_code) == (200, 302)

    def test_is_asked_of_nobody_where_the_house_does_not_but_of_those_who_have_one(self, settings: Any) -> None:
        settings.STAFF_SECOND_FACTOR = False
        without, having = with_password(), with_password()
        give_app(having)
        assert after_password(without)[0].get(DESK).status_code == 200
        assert after_password(having)[0].get(DESK).status_code == 302

    def test_makes_new_recovery_codes_for_a_code_of_the_app(self) -> None:
        staff = with_password()
        device, old = give_app(staff)
        client, _answer = after_password(staff)
        client.post("/staff/second-factor/", {"code": code_of(secret_of(device))})
        assert client.post("/staff/second-factor/recovery-codes/", {"code": "1"}).status_code == 422
        SecondFactor.objects.update(last_t=-1, throttling_failure_timestamp=None, throttling_failure_count=0)
        made = client.post("/staff/second-factor/recovery-codes/", {"code": code_of(secret_of(device))})
        codes = re.findall(r"<li><code>([\w-]+)</code>", made.content.decode())
        assert (len(codes), set(codes) & set(old), StaffRecoveryCode.objects.count()) == (10, set(), 10)


@pytest.mark.django_db
class TestResetting:
    def test_takes_device_and_codes_away_and_ends_sessions(self) -> None:
        staff, colleague = with_password(), make_staff("supervisor")
        device, _codes = give_app(staff)
        client, _answer = after_password(staff)
        client.post("/staff/second-factor/", {"code": code_of(secret_of(device))})
        reset_second_factor(staff=staff, by=colleague, reason="lost phone, seen in person", address="here", now=NOW)
        assert (SecondFactor.objects.count(), StaffRecoveryCode.objects.count()) == (0, 0)
        assert client.get(DESK).status_code == 302
        trace = StaffTrace.objects.get(kind=TraceKind.SECOND_FACTOR_RESET)
        assert (trace.username, trace.row_key, trace.reason) == (
            colleague.username,
            staff.username,
            "lost phone, seen in person",
        )

    def test_is_refused_for_oneself_and_for_superusers(self) -> None:
        staff, root = make_staff("operations"), StaffUser.objects.create_superuser(username="root")
        for person in (staff, root):
            give_app(person)
        for whose in (staff, root):
            with pytest.raises(ResetRefused):
                reset_second_factor(staff=whose, by=staff, reason="please", address="here", now=NOW)
        assert SecondFactor.objects.count() == 2
