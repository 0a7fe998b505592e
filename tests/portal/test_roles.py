"""Who may do what at the staff desk, one line for each page and each act: a page without a line is not decided on."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.operations.ensure_roles import (
    AUDITOR,
    CLERK,
    FINANCE,
    OPERATIONS,
    PRODUCT,
    SUPERVISOR,
    ensure_roles,
)
from kernel.checks import HOUSE

pytestmark = pytest.mark.django_db

ROLES = (CLERK, SUPERVISOR, PRODUCT, FINANCE, OPERATIONS, AUDITOR)
LETTERS = {"v": "view", "a": "add", "c": "change", "d": "delete"}

# In the order of ROLES: v views, a adds, c changes, d deletes, - nothing.
PAGES = {
    "accounts.Account": "v v - v - v",
    "accounts.Bar": "v v - v - v",
    "accounts.BarProposal": "v v - v - v",
    "accounts.Customer": "v v - v - v",
    "accounts.HolidayWindow": "v vac - v - v",
    "accounts.IdentityDocument": "v v - v - v",
    "accounts.Line": "v v - v - v",
    "accounts.LineAct": "v v - v - v",
    "accounts.PartnerGrant": "v v - v - v",
    "accounts.RetentionRecord": "v v - v - v",
    "accounts.SecondFactor": "- - - - v v",
    "accounts.ServicePassword": "v v - v - v",
    "accounts.SignIn": "v v - v - v",
    "accounts.SimCard": "v v - v - v",
    "accounts.StaffTrace": "- - - - - v",
    "accounts.StaffUser": "- - - - - v",
    "accounts.StarRating": "v v - v - v",
    "accounts.StarTable": "v v - v - v",
    "auth.Group": "- - - - - v",
    "billing.Adjustment": "v v - v - v",
    "billing.AutomaticTopUp": "v v - v - v",
    "billing.BankCard": "v v - v - v",
    "billing.Bill": "v v - v - v",
    "billing.BonusGrant": "v v - v - v",
    "billing.Campaign": "v vac - v - v",
    "billing.CardPayment": "v v - v - v",
    "billing.Charge": "v v - v - v",
    "billing.DunningCase": "v v - v - v",
    "billing.DunningNote": "v v - v - v",
    "billing.EInvoice": "v v - v - v",
    "billing.EInvoiceBatch": "v v - v - v",
    "billing.Hold": "v v - v - v",
    "billing.LedgerEntry": "v v - v - v",
    "billing.OneOffFee": "v v - v - v",
    "billing.OverdraftChange": "v v - v - v",
    "billing.OverdraftLowering": "v v - v - v",
    "billing.PointsEntry": "v v - v - v",
    "billing.PointsExchange": "v v - v - v",
    "billing.PointsPurse": "v v - v - v",
    "billing.PointsRule": "v va - v - v",
    "billing.Reconciliation": "v v - v - v",
    "billing.Refund": "va vac - v - v",
    "billing.SandboxAgreement": "v v - v - v",
    "billing.TopUp": "v v - v - v",
    "billing.VoucherBatch": "v v - v - v",
    "billing.VoucherCard": "v v - v - v",
    "billing.Wallet": "v v - v - v",
    "care.Site": "v v - v - v",
    "care.Ticket": "v v - v - v",
    "channels.Interaction": "v v - v v v",
    "messaging.Inbound": "v v - v v v",
    "messaging.Sms": "v v - v v v",
    "messaging.SmsWording": "v vc - v vc v",
    "packages_app.Bucket": "v v - v - v",
    "packages_app.Offering": "v vac vac v - v",
    "packages_app.Order": "v v - v - v",
    "packages_app.Subscription": "va va - v - v",
    "partners.CustomerToken": "v v - v - v",
    "partners.Hub": "v v - v v v",
    "partners.HubEvent": "v v - v v v",
    "partners.PartnerCall": "v v - v v v",
    "partners.PartnerClient": "v v - v v v",
    "partners.TopUpStatement": "v v - v - v",
}
# Who may do what has a permission of its own.
ACTS = {
    "accounts.bar_line": "clerk supervisor",
    "accounts.change_number": "clerk supervisor",
    "accounts.change_sim": "clerk supervisor",
    "accounts.check_bar": "supervisor",
    "accounts.check_star_table": "supervisor",
    "accounts.end_sign_ins": "supervisor",
    "accounts.hand_over_line": "clerk supervisor",
    "accounts.look_up_puk": "clerk supervisor",
    "accounts.propose_bar": "clerk supervisor",
    "accounts.propose_star_table": "supervisor",
    "accounts.record_document": "clerk supervisor",
    "accounts.reset_second_factor": "operations",
    "accounts.reveal_document": "supervisor",
    "accounts.unlock_service_password": "clerk supervisor",
    "billing.activate_vouchers": "supervisor",
    "billing.ask_provider": "clerk supervisor",
    "billing.block_vouchers": "supervisor",
    "billing.check_adjustment": "supervisor",
    "billing.check_one_off_fee": "supervisor",
    "billing.export_e_invoices": "finance",
    "billing.propose_adjustment": "clerk supervisor",
    "billing.propose_one_off_fee": "clerk supervisor",
    "billing.read_trial_balance": "finance auditor",
    "billing.reconcile_payments": "finance",
    "billing.settle_e_invoices": "finance",
    "billing.switch_sandbox_bank": "supervisor",
    "care.keep_sites": "supervisor",
    "care.open_ticket": "clerk supervisor",
    "care.work_ticket": "clerk supervisor",
    "messaging.resend_sms": "supervisor operations",
    "packages_app.cancel_for_customer": "clerk supervisor",
    "packages_app.start_order": "clerk supervisor",
    "partners.keep_partners": "supervisor",
    "partners.replay_hub_event": "supervisor operations",
}


def permissions_by_role() -> dict[str, set[str]]:
    ensure_roles()
    found = {}
    for role in ROLES:
        held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        found[role] = {f"{app}.{codename}" for app, codename in held}
    return found


class TestRoles:
    def test_are_decided_on_for_every_page_of_the_desk(self) -> None:
        held, found = permissions_by_role(), {}
        for model in admin.site._registry:
            app, name = model._meta.app_label, model._meta.model_name
            of_roles = [
                "".join(letter for letter, verb in LETTERS.items() if f"{app}.{verb}_{name}" in held[role]) or "-"
                for role in ROLES
            ]
            found[model._meta.label] = " ".join(of_roles)
        assert found == PAGES, "Say in PAGES what each role may do on a new page; ensure_roles grants it."

    def test_are_decided_on_for_every_act(self) -> None:
        held = permissions_by_role()
        acts = [
            f"{model._meta.app_label}.{codename}"
            for model in apps.get_models()
            if model._meta.app_label in HOUSE
            for codename, _name in model._meta.permissions
        ]
        found = {act: " ".join(role for role in ROLES if act in held[role]) for act in acts}
        assert found == ACTS, "Say in ACTS which roles may do a new act; ensure_roles grants it."

    def test_of_operations_see_no_money_and_those_of_auditors_change_nothing(self) -> None:
        held = permissions_by_role()
        assert [one for one in held[OPERATIONS] if one.startswith(("billing.", "packages_app."))] == []
        verbs = {one.split(".")[1].split("_")[0] for one in held[AUDITOR]}
        assert verbs == {"view", "read"}
