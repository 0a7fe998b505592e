"""What the page of a line says of money."""

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.admin.delays import delay_reason
from billing.admin.movement_reasons import movement_reason, row_behind
from billing.models import Adjustment, Bill, DunningCase, DunningNote, LedgerEntry, OneOffFee, TopUp
from billing.queries.balance import get_balance
from billing.queries.bills import BillSummary, list_bills
from billing.queries.dunning import Dunning, get_dunning, list_notes
from billing.queries.statement import StatementEntry, get_statement
from kernel.errors import NotFound, Text
from kernel.line_desk import LineSection, LineVisit, Link, short_instant
from kernel.read_only_admin import yuan_words

_MONTHS = 3


def wallet(visit: LineVisit) -> LineSection | None:
    """What the account has and owes, and its latest movements."""
    if not (visit.may("billing.view_wallet") and visit.may("billing.view_ledgerentry")):
        return None
    try:
        balance = get_balance(visit.account_id)
    except NotFound:
        return None
    return LineSection(
        name="wallet",
        title=_("Wallet"),
        facts=[
            (_("cash"), yuan_words(balance.cash_fen)),
            (_("bonus"), yuan_words(balance.bonus_fen)),
            (_("owed"), yuan_words(balance.owed_fen)),
            (_("set aside"), yuan_words(balance.held_fen)),
            (_("overdraft"), yuan_words(balance.overdraft_fen)),
            (_("can be spent"), yuan_words(balance.available_fen)),
        ],
        columns=(_("posted at"), _("reason"), _("amount"), _("after")),
        rows=[_movement(visit, entry) for entry in get_statement(visit.account_id, limit=LineVisit.SHOWN).entries],
        list_url=visit.list_of(LedgerEntry),
        actions=_forms(visit),
        lists=[
            (_("Top-ups and refunds"), visit.list_of(TopUp)),
            (_("Adjustments"), visit.list_of(Adjustment)),
            (_("One-off fees"), visit.list_of(OneOffFee)),
        ],
    )


def _movement(visit: LineVisit, entry: StatementEntry) -> tuple[object, ...]:
    """Return one movement; what it is for leads to what stands behind it."""
    words = f"{movement_reason(entry)} · {entry.what}" if entry.what else movement_reason(entry)
    behind = row_behind(entry.reason_kind, visit.account_id, entry.reason_id)
    return (
        short_instant(entry.posted_at),
        visit.link(behind, words) if behind else words,
        yuan_words(entry.amount_fen),
        yuan_words(entry.after_fen),
    )


def bills(visit: LineVisit) -> LineSection | None:
    """The latest bills."""
    if not visit.may("billing.view_bill"):
        return None
    return LineSection(
        name="bills",
        title=_("Bills"),
        columns=(_("month"), _("total"), _("issued at")),
        rows=[
            (
                visit.link(_bill_of(visit, bill), f"{bill.month}"),
                yuan_words(bill.total_fen),
                short_instant(bill.issued_at),
            )
            for bill in list_bills(visit.account_id, _MONTHS)
        ],
        list_url=visit.list_of(Bill),
    )


def dunning(visit: LineVisit) -> LineSection | None:
    """What is done about what the account owes: how far it has gone, what comes next and when, what put steps off."""
    if not visit.may("billing.view_dunningcase"):
        return None
    found = get_dunning(visit.account_id, visit.now)
    return LineSection(
        name="dunning",
        title=_("Dunning"),
        facts=_dunning_facts(found, visit) if found else [(_("owed"), yuan_words(0))],
        columns=(_("at"), _("what happened"), _("step"), _("owed"), _("put off because of"), _("put off until")),
        rows=[
            (
                visit.link(note, short_instant(note.noted_at)),
                note.get_kind_display(),
                note.get_step_display(),
                yuan_words(note.owed_fen),
                delay_reason(note),
                short_instant(note.until_at),
            )
            for note in list_notes(visit.account_id, LineVisit.SHOWN)
        ],
        list_url=visit.list_of(DunningCase),
        lists=[(_("Notes of dunning"), visit.list_of(DunningNote))],
    )


def _dunning_facts(found: Dunning, visit: LineVisit) -> list[tuple[Text, object]]:
    standing, facts = found.standing, list[tuple[Text, object]]()
    facts.append((_("owed"), yuan_words(standing.owed_fen)))
    facts.append((_("owed since"), short_instant(standing.since)))
    facts.append((_("to be paid in"), yuan_words(standing.missing_fen)))
    if found.case:
        step = found.case.get_step_display()
        facts.append((_("step"), _("%(step)s, since %(at)s") % {"step": step, "at": short_instant(found.case.step_at)}))
    else:
        facts.append((_("step"), _("not warned yet")))
    if found.next is None:
        facts.append((_("next step"), _("none")))
        return facts
    at = found.protection.ends_at if found.protection else max(found.next.at, visit.now)
    facts.append((_("next step"), found.next.step.label))
    facts.append((_("not before"), short_instant(at)))
    if found.protection:
        facts.append((_("put off because of"), found.protection.name_in(get_language() or "")))
    return facts


def _bill_of(visit: LineVisit, bill: BillSummary) -> Bill:
    return Bill(account_id=visit.account_id, period_date=bill.month.first_date)


def _forms(visit: LineVisit) -> list[Link]:
    """Return the forms that a movement of this money begins with."""
    forms: list[Link] = []
    if not visit.in_use:
        return forms
    if visit.may("billing.propose_adjustment"):
        forms.append((_("Propose an adjustment"), visit.action("billing_adjustment_propose")))
    if visit.may("billing.propose_one_off_fee"):
        forms.append((_("Propose a fee"), visit.action("billing_oneofffee_propose")))
    return forms
