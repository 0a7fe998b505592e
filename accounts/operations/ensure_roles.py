"""The staff's roles. Who has one is decided in the admin; what it may do stands here."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from kernel.checks import HOUSE

CLERK = "clerk"
SUPERVISOR = "supervisor"
PRODUCT = "product"
FINANCE = "finance"
OPERATIONS = "operations"
AUDITOR = "auditor"

# What codes, limits and secrets are made of is for nobody.
_FOR_NOBODY = ("signincode", "budget", "idempotencyrecord", "voucher", "staffrecoverycode", "partnersecret")
# What nobody needs to look at to help a customer: staff themselves, and what they did.
_FOR_AUDITORS = ("staffuser", "stafftrace", "secondfactor")
# What a clerk may set going; money moves only when somebody else approves, or the customer confirms.
_CLERK_ASKS = (
    "ask_provider",
    "add_refund",
    "propose_adjustment",
    "propose_one_off_fee",
    *("start_order", "cancel_for_customer"),
    "add_subscription",
    "unlock_service_password",
    *("bar_line", "propose_bar"),
    *("open_ticket", "work_ticket"),
    *("record_document", "change_sim", "look_up_puk", "change_number", "hand_over_line"),
)
# The product team keeps what is sold and sees no customer.
_PRODUCT_KEEPS = ("view_offering", "add_offering", "change_offering")
_SUPERVISOR_CHANGES = (
    *("add_offering", "change_offering", "add_campaign", "change_campaign", "add_pointsrule"),
    *("change_refund", "check_adjustment", "check_one_off_fee", "activate_vouchers", "block_vouchers"),
    *("change_smswording", "resend_sms", "switch_sandbox_bank", "end_sign_ins", "reveal_document"),
    *("keep_partners", "replay_hub_event", "keep_sites"),
    *("add_holidaywindow", "change_holidaywindow", "propose_star_table", "check_star_table"),
    "check_bar",
)
# Whoever keeps the hall running sees texts and uses of the hall, no money, and helps colleagues in.
_OPERATIONS_DOES = (
    *("view_sms", "view_inbound", "view_interaction", "view_smswording", "change_smswording", "resend_sms"),
    *("view_secondfactor", "reset_second_factor", "view_partnerclient", "view_partnercall"),
    *("view_hub", "view_hubevent", "replay_hub_event"),
)

# Besides whatever there is to look at.
_AUDITOR_READS = ("read_trial_balance", "view_group")
_FINANCE_DOES = ("reconcile_payments", "read_trial_balance", "export_e_invoices", "settle_e_invoices")


def ensure_roles() -> None:
    """Make the roles, or bring them up to what this version says; repeating changes nothing.

    - clerk: sees customers' data, changes none of it; asks payment providers, for refunds, adjustments and fees,
      starts orders that the customer confirms, withdraws and cancels what the customer wants to leave, opens lines
      with their plan, and unlocks service passwords, which stay as they are; stops numbers whose SIM card is lost, and
      proposes the operator's own bars; opens tickets and works on them;
    - supervisor: the same, approves what somebody else asked for, keeps catalogue, campaigns and holidays, activates
      and blocks recharge cards, switches what the sandbox bank does, keeps partner systems;
    - product: keeps the catalogue and sees nothing else;
    - finance: sees customers' data, holds days against providers' files, reads the trial balance, hands over requests
      for e-invoices and writes down what came of them;
    - operations: sees texts, what came in, uses of the hall, calls of partners and what they are told, words texts,
      sends parked texts and events again, resets the second factor of colleagues; sees no money;
    - auditor: sees all of it, and what staff looked at and did; changes nothing.
    """
    seen = Q(codename__startswith="view_", content_type__app_label__in=HOUSE)
    everything = Permission.objects.filter(seen).exclude(content_type__model__in=_FOR_NOBODY)
    looking = everything.exclude(content_type__model__in=_FOR_AUDITORS)
    for_clerks = looking | Permission.objects.filter(codename__in=_CLERK_ASKS)
    _set_role(CLERK, for_clerks)
    _set_role(SUPERVISOR, for_clerks | Permission.objects.filter(codename__in=_SUPERVISOR_CHANGES))
    _set_role(PRODUCT, Permission.objects.filter(codename__in=_PRODUCT_KEEPS))
    _set_role(FINANCE, looking | Permission.objects.filter(codename__in=_FINANCE_DOES))
    _set_role(OPERATIONS, Permission.objects.filter(codename__in=_OPERATIONS_DOES))
    _set_role(AUDITOR, everything | Permission.objects.filter(codename__in=_AUDITOR_READS))


def _set_role(name: str, permissions: Iterable[Permission]) -> None:
    role, _made = Group.objects.get_or_create(name=name)
    role.permissions.set(permissions)
