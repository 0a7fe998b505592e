"""Locks, conditional writes and looks that keep money, orders and cards right, and what stands there without each.

`bin/guards` takes them away one by one and expects tests to fail. Where the order of two requests decides, a pause
stands in the guard's place, so that the others come in between on any machine.
"""

from tests.guards.guard import Guard
from tests.guards.guard import instead_of as _guard
from tests.guards.people import PEOPLE

POSTING, CHARGING = "billing/sql/post_entries.sql", "billing/sql/charge.sql"
CONFIRMING = "billing/sql/confirm_top_up.sql"
OPERATIONS, CONCURRENCY = "tests/billing/operations/", "tests/concurrency/"
MONEY, WALLETS = f"{CONCURRENCY}test_money_races.py", f"{CONCURRENCY}test_wallet_races.py"
CARDS, ORDERS = f"{CONCURRENCY}test_voucher_races.py", f"{CONCURRENCY}test_order_races.py"
INVOICES = f"{CONCURRENCY}test_e_invoice_races.py"
FORGERIES = "tests/billing/web/test_sandbox_forgeries.py"
ORDERING = "tests/packages_app/operations/"
_PAUSE = "    PERFORM pg_sleep(0.5);\n    IF amount >= 0 THEN\n"
_PAUSED = '__import__("time").sleep(0.3)'


LEDGER = {
    "a posting locks its wallet": Guard(
        POSTING,
        (("FOR NO KEY UPDATE;\n    IF NOT FOUND", ";\n    IF NOT FOUND"), ("    IF amount >= 0 THEN\n", _PAUSE)),
        (f"{MONEY}::TestManySpendsOfTooLittle::test_spends_what_is_there_and_refuses_the_rest",),
    ),
    "a posting looks for its key": _guard(
        POSTING, "    IF FOUND THEN\n", "    IF false THEN\n",
        f"{MONEY}::TestOneKeyFromManySides::test_is_one_posting_and_one_answer",
    ),
    "a posting compares what the key was used for": _guard(
        POSTING, "IF earlier.request_hash <> hash THEN", "IF false THEN", f"{OPERATIONS}test_ledger.py",
    ),
    "a posting stops at the floor": _guard(
        POSTING, "amount < held_change AND", "false AND",
        f"{MONEY}::TestManySpendsOfTooLittle::test_spends_what_is_there_and_refuses_the_rest",
    ),
    "a refund takes cash only": _guard(POSTING, "AND cash + amount < 0", "AND false", f"{OPERATIONS}test_refunds.py"),
    "expiring bonus locks its wallets": _guard(
        POSTING, "        FOR NO KEY UPDATE;\n\n    WITH due", ";\n    PERFORM pg_sleep(0.05);\n    WITH due",
        f"{WALLETS}::TestBonusExpiringWhileItIsSpent::test_many_sweepers_let_each_gift_go_once",
    ),
    "bonus that is held does not expire": _guard(
        POSTING, "WHERE due.before_fen >= due.held_fen", "WHERE true", f"{OPERATIONS}test_ledger_against_a_model.py",
    ),
    "an overdraft in use is not lowered": _guard(
        "billing/operations/ledger.py",
        "AND wallet.cash_fen >= -%(fen)s AND wallet.cash_fen + wallet.bonus_fen - wallet.held_fen >= -%(fen)s", "",
        f"{OPERATIONS}test_wallets.py", f"{WALLETS}::TestLoweringAnOverdraftWhileItIsUsed",
    ),
}  # fmt: skip
TOP_UPS = {
    "a top-up is credited once": _guard(
        CONFIRMING, "AND waiting.state <> 'SUCCEEDED'", "", f"{OPERATIONS}test_top_ups.py",
    ),
    "a top-up is credited with its amount": _guard(
        CONFIRMING, "AND waiting.amount_fen = paid", "", f"{OPERATIONS}test_top_ups.py",
    ),
    "a top-up that is credited is not given up": _guard(
        "billing/operations/top_ups.py", "id=top_up_id, state__in=_OPEN_STATES)", "id=top_up_id)",
        f"{OPERATIONS}test_top_ups.py", f"{MONEY}::TestConfirmingAndGivingUpAtOnce",
    ),
    "a top-up's key stands for its details": _guard(
        "billing/operations/top_ups.py", "elif top_up.request_hash != wanted.request_hash:", "elif False:",
        f"{OPERATIONS}test_top_ups.py",
    ),
    "a top-up is paid at the instant first told": _guard(
        "billing/operations/top_ups.py", "id=top_up_id, paid_at__isnull=True)", "id=top_up_id)",
        f"{OPERATIONS}test_payment_callbacks.py",
    ),
    "an answer that stays away undoes no credit": _guard(
        "billing/operations/expire_top_ups.py", "id=top_up.id, state=TopUpState.PENDING).update(",
        "id=top_up.id).update(", f"{OPERATIONS}test_expire_top_ups.py",
    ),
    "a partner's request is claimed before it is carried out": Guard(
        "kernel/rest/idempotency.py",
        (
            ("IdempotencyRecord.objects.bulk_create([ours], ignore_conflicts=True)", _PAUSED),
            (
                "return IdempotencyRecord.objects.get(key=key)",
                "return IdempotencyRecord.objects.filter(key=key).first() or ours",
            ),
        ),
        (f"{CONCURRENCY}test_same_key_posts.py",),
    ),
    "a partner's key stands for its body": _guard(
        "kernel/rest/idempotency.py", "if record.request_hash != request_hash:", "if False:",
        f"{CONCURRENCY}test_same_key_posts.py",
    ),
}  # fmt: skip
NOTICES = {
    "a notice is signed": _guard(
        "billing/gateways/sandbox.py", "            raise NoticeSignatureWrong", "            pass", FORGERIES,
    ),
    "a notice is recent": _guard(
        "billing/operations/payment_callbacks.py", "        raise NoticeNotRecent", "        pass", FORGERIES,
    ),
    "a notice is about a payment of its provider": _guard(
        "billing/operations/payment_callbacks.py", "if top_up.provider != provider:", "if False:", FORGERIES,
    ),
    "a payment was made to this merchant": _guard(
        "billing/operations/payment_callbacks.py", "        raise MerchantDiffers", "        pass", FORGERIES,
    ),
    "a payment was made in yuan": _guard(
        "billing/operations/payment_callbacks.py", "        raise CurrencyDiffers", "        pass", FORGERIES,
    ),
    "the cashier's first decision stands": _guard(
        "billing/operations/sandbox_cashier.py", "payment_number=payment_number, outcome=PaymentOutcome.OPEN)",
        "payment_number=payment_number)", f"{OPERATIONS}test_sandbox_cashier.py",
    ),
}  # fmt: skip
HOLDS_AND_CHARGES = {
    "a hold is ended once": _guard(
        "billing/operations/holds.py", "id=hold.id, state=HoldState.HELD)", "id=hold.id)",
        f"{WALLETS}::TestOneHoldCapturedFromManySides::test_takes_it_once_and_all_hear_of_it",
    ),
    "a hold is captured in time": _guard(
        "billing/operations/holds.py", "held = held.filter(expires_at__gt=now)", "pass", f"{OPERATIONS}test_holds.py",
    ),
    "a hold's key stands for its details": _guard(
        "billing/operations/holds.py", "elif hold.request_hash != wanted.request_hash:", "elif False:",
        f"{OPERATIONS}test_holds.py",
    ),
    "a charge locks its wallet": _guard(
        CHARGING, "PERFORM FROM billing_wallet AS wallet WHERE wallet.account_id = for_account FOR NO KEY UPDATE;",
        "PERFORM pg_sleep(0.2);", f"{MONEY}::TestOneChargeFromManySides::test_is_one_charge_one_posting_one_notice",
    ),
    "a charge looks for its key": _guard(
        CHARGING, "    IF FOUND THEN\n        outcome := CASE WHEN earlier",
        "    IF false THEN\n        outcome := CASE WHEN earlier",
        f"{MONEY}::TestOneChargeFromManySides::test_is_one_charge_one_posting_one_notice",
    ),
    "a charge compares what the key was used for": _guard(
        CHARGING, "CASE WHEN earlier.is_same THEN 'REPEATED' ELSE 'CONFLICT' END", "'REPEATED'",
        f"{OPERATIONS}test_charge.py",
    ),
    "what is owed is paid as far as the wallet reaches": _guard(
        CHARGING, "EXIT WHEN due.amount_fen > spendable - paid_fen;", "", f"{OPERATIONS}test_dues.py",
    ),
    "batches of charges take wallets in one order": _guard(
        CHARGING, "ORDER BY staged.account_id, staged.number LOOP",
        "ORDER BY staged.number LOOP PERFORM pg_sleep(0.1);",
        f"{CONCURRENCY}test_dues_races.py::TestBatchesInOppositeOrder::test_wait_for_each_other",
    ),
    "a top-up looks for what is owed": _guard(
        CONFIRMING, "is_owing := EXISTS (", "is_owing := false AND EXISTS (", f"{OPERATIONS}test_dues.py",
    ),
    "a late fee is no more than the law allows": _guard(
        "billing/queries/late_fees.py", "if not 0 <= rate <= MOST_PER_TEN_THOUSAND:", "if False:",
        f"{OPERATIONS}test_late_fees.py",
    ),
    "a late fee is never late": _guard(
        "billing/queries/late_fees.py", "AND charge.reason <> 'LATE_FEE'", "", f"{OPERATIONS}test_late_fees.py",
    ),
    "runs of bills take turns": Guard(
        "billing/operations/issue_bills.py",
        (
            ("BillRun.objects.select_for_update(no_key=True).get(", "BillRun.objects.get("),
            ('_INSERT_HEADERS = """', '_INSERT_HEADERS = """SELECT pg_sleep(0.3);'),
        ),
        (f"{MONEY}::TestBillRunsAtOnce::test_make_one_bill_for_each_account",),
    ),
}  # fmt: skip
BY_STAFF = {
    "an adjustment is decided once": _guard(
        "billing/operations/adjustments.py", "id=adjustment_id, state=AdjustmentState.PROPOSED)", "id=adjustment_id)",
        f"{WALLETS}::TestOneAdjustmentDecidedFromManySides::test_is_posted_once",
    ),
    "an adjustment needs a second person": _guard(
        "billing/operations/adjustments.py", "        raise SecondPersonNeeded", "        pass",
        f"{OPERATIONS}test_adjustments.py",
    ),
    "a one-off fee is decided once": _guard(
        "billing/operations/one_off_fees.py", "id=fee_id, state=OneOffFeeState.PROPOSED)", "id=fee_id)",
        f"{OPERATIONS}test_one_off_fees.py",
    ),
    "a one-off fee needs a second person": _guard(
        "billing/operations/one_off_fees.py", "        raise SecondPersonNeeded", "        pass",
        f"{OPERATIONS}test_one_off_fees.py",
    ),
    "refunds of a top-up take turns": _guard(
        "billing/operations/refunds.py", "    rows = TopUp.objects.select_for_update(no_key=True).filter(",
        "    rows = TopUp.objects.filter(", f"{OPERATIONS}test_refunds.py::TestManyAtOnce",
    ),
    "a refund is decided once": _guard(
        "billing/operations/refunds.py",
        "        refund = _locked_refund(account_id, refund_id)\n        if refund.state != RefundState.REQUESTED:\n"
        "            raise RefundDecided\n        if refund.requested_by_id == staff_id:",
        "        refund = _locked_refund(account_id, refund_id)\n        if refund.requested_by_id == staff_id:",
        f"{OPERATIONS}test_refunds.py",
    ),
    "a refund needs a second person": _guard(
        "billing/operations/refunds.py", "            raise SecondPersonNeeded", "            pass",
        f"{OPERATIONS}test_refunds.py",
    ),
    "a refund is finished once": _guard(
        "billing/operations/settle_refunds.py", "id=refund.id, state__in=_ON_ITS_WAY)", "id=refund.id)",
        f"{OPERATIONS}test_refunds.py",
    ),
}  # fmt: skip
E_INVOICES = {
    "requests for e-invoices of an account take turns": Guard(
        "billing/operations/e_invoices.py",
        (
            ("        _take_turn(account_id)\n", ""),
            ("            if found.amount_fen > ", f"            {_PAUSED}\n            if found.amount_fen > "),
        ),
        (f"{INVOICES}::TestAskingFromManySides::test_invoices_the_same_money_once",),
    ),
    "the same money is invoiced once": _guard(
        "billing/operations/e_invoices.py", "if found.from_own_wallet:", "if False:",
        f"{OPERATIONS}test_e_invoices.py",
    ),
    "an e-invoice is withdrawn only while it waits": _guard(
        "billing/operations/e_invoices.py", "id=e_invoice_id, state=EInvoiceState.REQUESTED)", "id=e_invoice_id)",
        f"{OPERATIONS}test_e_invoices.py",
    ),
    "only e-invoices that wait are handed over": _guard(
        "billing/operations/e_invoice_results.py", "waiting = EInvoice.objects.filter(state=EInvoiceState.REQUESTED)",
        "waiting = EInvoice.objects.all()", f"{OPERATIONS}test_e_invoice_results.py",
    ),
    "what came of an e-invoice is looked at again once it is locked": _guard(
        "billing/operations/e_invoice_results.py", "        planned = plan_results(results)\n        wrong =",
        "        wrong =", f"{INVOICES}::TestOutcomesFromManySides",
    ),
}  # fmt: skip
PAYING_BY_CARD, LINKED_CARDS = "billing/operations/card_payments.py", f"{CONCURRENCY}test_card_races.py"
BANK_CARDS = {
    "a bank card is locked before its limits are counted": _guard(
        PAYING_BY_CARD, 'rows = BankCard.objects.select_for_update(no_key=True, of=("self",))\n',
        f"rows = BankCard.objects.all()\n    {_PAUSED}\n", f"{LINKED_CARDS}::TestTheDayLimitAtOnce",
    ),
    "a payment is sent to the bank once": _guard(
        PAYING_BY_CARD,
        "    if not _rows(payment).filter(sent_at=None).update(sent_at=now):\n        return top_up\n", "",
        f"{LINKED_CARDS}::TestOneFormSentManyTimes",
    ),
    "a payment by card is finished once": _guard(
        PAYING_BY_CARD, "id=payment.id, state__in=_OPEN_STATES)", "id=payment.id)",
        f"{OPERATIONS}test_card_payments.py", f"{OPERATIONS}test_automatic_outcomes.py", LINKED_CARDS,
    ),
    "guesses at a bank's code are counted": _guard(
        "billing/operations/bind_bank_card.py", " AND guesses < %(limit)s\n", "\n",
        f"{LINKED_CARDS}::TestOneCodeGuessedByMany",
    ),
    "a wish is locked before it tops up": _guard(
        "billing/operations/automatic_top_ups.py",
        '        wishes = AutomaticTopUp.objects.select_for_update(no_key=True, of=("self",))\n',
        "        wishes = AutomaticTopUp.objects.all()\n", f"{LINKED_CARDS}::TestOneFallSeenByMany",
    ),
}  # fmt: skip
RECHARGE_CARDS = {
    "a card is used once, while it is active": _guard(
        "billing/operations/redeem_voucher.py", "AND state = 'ACTIVE' AND expires_at > %(now)s", "",
        f"{CARDS}::TestOneCardFromManyCustomers::test_is_one_credit",
    ),
    "a card is used before it expires": _guard(
        "billing/operations/redeem_voucher.py", "AND state = 'ACTIVE' AND expires_at > %(now)s",
        "AND state = 'ACTIVE'", f"{OPERATIONS}test_redeem_voucher.py",
    ),
    "wrong PINs are counted": _guard(
        "billing/operations/redeem_voucher.py", "limit=settings.VOUCHER_WRONG_TRIES,", "limit=1_000_000,",
        f"{CARDS}::TestManyWrongPinsAtOnce",
    ),
    "tries are counted in one statement": _guard(
        "accounts/operations/budgets.py", " WHERE held.ends_at <= %(now)s OR held.count < %(limit)s\n", "",
        f"{CARDS}::TestManyWrongPinsAtOnce",
    ),
    "a used card is not blocked": _guard(
        "billing/operations/voucher_states.py", "Voucher.objects.filter(batch=batch, state__in=from_states)",
        "Voucher.objects.filter(batch=batch)", f"{OPERATIONS}test_voucher_states.py",
    ),
}  # fmt: skip
ORDERS_AND_CODES = {
    "an order is locked before it is turned down": _guard(
        "packages_app/locks.py",
        "order = Order.objects.select_for_update(no_key=True).filter(account_id=account_id, id=order_id).first()",
        f"order = Order.objects.filter(account_id=account_id, id=order_id).first()\n    {_PAUSED}",
        f"{ORDERS}::TestYesAndNoAtOnce",
    ),
    "the orders of a line are locked before one is confirmed": Guard(
        "packages_app/locks.py",
        (
            ("    orders = Order.objects.select_for_update(no_key=True).filter(", "    orders = Order.objects.filter("),
            (
                '    return list(orders.order_by("id"))\n',
                f'    found = list(orders.order_by("id"))\n    {_PAUSED}\n    return found\n',
            ),
        ),
        (f"{ORDERS}::TestConfirmingOnTwoChannelsAtOnce",),
    ),
    "sweepers leave orders that others are at": _guard(
        "packages_app/locks.py", "orders = Order.objects.select_for_update(no_key=True, skip_locked=True)\n",
        f"orders = Order.objects.all()\n    {_PAUSED}\n",
        f"{ORDERS}::TestSweepingAtOnce",
    ),
    "an order that has ended is not confirmed": _guard(
        "packages_app/operations/confirm_order.py", "        require_waiting(order=asked, now=now)\n", "",
        f"{ORDERING}test_confirm_order.py",
    ),
    "guesses at a code are counted": _guard(
        "packages_app/operations/confirm_order.py", ", guesses__lt=settings.ORDER_CODE_GUESSES\n", "\n",
        f"{ORDERS}::TestGuessingAtOnce",
    ),
    "an order is carried out on the terms that were offered": Guard(
        "packages_app/operations/confirm_order.py",
        (
            ("if start not in starts.starts or not is_same_deal(order.terms, terms):", "if False:"),
            ("    if not is_same_quote(", "    if False and not is_same_quote("),
        ),
        (f"{ORDERING}test_confirm_order.py",),
    ),
    "a step of an order follows from its state": _guard(
        "packages_app/operations/order_steps.py", "OrderState.EXPIRED: frozenset(),",
        "OrderState.EXPIRED: frozenset(OrderState),", f"{ORDERS}::TestSweepingAtOnce",
    ),
}  # fmt: skip
DUNNING = {
    "a step of dunning locks the wallet that pays": _guard(
        "billing/locks.py", "\n       FOR NO KEY UPDATE SKIP LOCKED\n", "\n",
        f"{CONCURRENCY}test_dunning_races.py::TestPayingWhileDunned::test_leaves_nothing_barred",
    ),
    "days lie between two steps of dunning": _guard(
        "billing/queries/dunning.py", "if standing.step and standing.step_at:", "if False:",
        f"{OPERATIONS}test_dunning.py::TestRunDunning",
    ),
    "a bar is lifted when nothing is owed": _guard(
        "billing/operations/restore_paid.py", "not standing.is_paid_up or ", "",
        f"{OPERATIONS}test_dunning.py::TestPaying::test_in_part_restores_nothing",
    ),
    "a line is in use only when nothing bars it": _guard(
        "accounts/operations/barring.py", "        if not others:\n", "        if True:\n",
        "tests/accounts/operations/test_barring.py::TestLiftBar",
    ),
}  # fmt: skip
HUB_EVENTS = "partners/operations/deliver_hub_events.py"
DELIVERIES = "tests/partners/operations/test_deliver_hub_events.py"
HUBS = {
    "events of one entity leave one after the other": _guard(
        HUB_EVENTS, "AND earlier.state IN ('QUEUED', 'SENDING')", "AND false",
        f"{DELIVERIES}::TestDeliverNextEvent::test_holds_what_comes_after_back_while_one_of_the_entity_is_on_its_way",
    ),
    "an event is noted by the number of its try": _guard(
        HUB_EVENTS, "state=HubEventState.SENDING, attempts=event.attempts)", ")",
        f"{DELIVERIES}::TestRecoverLostEvents::test_heeds_nothing_that_a_worker_says_who_was_taken_for_lost",
    ),
    "an event is of an account that the partner may see": _guard(
        HUB_EVENTS, "if event.account_id is not None and not is_account_visible(", "if False and dict(",
        f"{DELIVERIES}::TestDeliverNextEvent::test_sends_nothing_of_an_account_that_is_out_of_sight",
    ),
    "a callback is looked up before anything is sent": _guard(
        "partners/gateways/callback_address.py", "not all(map(_is_allowed, addresses))", "False",
        "tests/partners/gateways/test_callback_address.py::TestResolve",
    ),
}  # fmt: skip
GUARDS: dict[str, Guard] = {
    **LEDGER, **TOP_UPS, **NOTICES, **HOLDS_AND_CHARGES, **BY_STAFF, **E_INVOICES, **BANK_CARDS, **RECHARGE_CARDS,
    **ORDERS_AND_CODES, **DUNNING, **HUBS, **PEOPLE,
}  # fmt: skip
