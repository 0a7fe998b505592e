import pytest
from django.contrib.auth.models import Group, Permission

from accounts.operations.ensure_roles import CLERK, FINANCE, PRODUCT, SUPERVISOR, ensure_roles

pytestmark = pytest.mark.django_db


def permissions_of(role: str) -> set[str]:
    return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))


class TestEnsureRoles:
    def test_lets_clerks_look_and_ask_and_nothing_else(self) -> None:
        ensure_roles()
        clerk = permissions_of(CLERK)
        assert {"view_line", "view_wallet", "view_order", "view_sms", "view_interaction"} <= clerk
        asks = {codename for codename in clerk if not codename.startswith("view_")}
        assert asks == {
            "ask_provider",
            "add_refund",
            "propose_adjustment",
            "propose_one_off_fee",
            "start_order",
            "cancel_for_customer",
            "add_subscription",
            "unlock_service_password",
            "record_document",
            "change_sim",
            "look_up_puk",
            "change_number",
            "hand_over_line",
            "bar_line",
            "propose_bar",
            "open_ticket",
            "work_ticket",
        }

    def test_keeps_staff_and_secrets_from_every_role(self) -> None:
        ensure_roles()
        both = permissions_of(CLERK) | permissions_of(SUPERVISOR) | permissions_of(FINANCE)
        assert (
            both & {"view_staffuser", "view_signincode", "view_budget", "view_idempotencyrecord", "view_user"} == set()
        )

    def test_lets_the_product_team_keep_the_catalogue_and_see_no_customer(self) -> None:
        ensure_roles()
        assert permissions_of(PRODUCT) == {"view_offering", "add_offering", "change_offering"}

    def test_lets_finance_keep_the_papers_and_move_nothing(self) -> None:
        ensure_roles()
        finance = permissions_of(FINANCE)
        assert {"view_ledgerentry", "view_reconciliation", "view_einvoice"} <= finance
        does = {codename for codename in finance if not codename.startswith("view_")}
        assert does == {"reconcile_payments", "read_trial_balance", "export_e_invoices", "settle_e_invoices"}

    def test_takes_away_what_a_role_should_not_have(self) -> None:
        ensure_roles()
        before = permissions_of(CLERK)
        Group.objects.get(name=CLERK).permissions.add(Permission.objects.get(codename="delete_wallet"))
        ensure_roles()
        assert permissions_of(CLERK) == before
        assert Group.objects.count() == 6
