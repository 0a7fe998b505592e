"""The staff desk."""

# What stands on the page of a line, in order: functions that take a `kernel.line_desk.LineVisit`.
LINE_DESK_SECTIONS = [
    "billing.admin.line_sections.wallet",
    "packages_app.admin.line_sections.services",
    "packages_app.admin.line_sections.allowances",
    "packages_app.admin.line_sections.orders",
    "accounts.admin.line_sections.barring",
    "billing.admin.line_sections.dunning",
    "accounts.admin.line_sections.acts",
    "care.admin.line_sections.tickets",
    "accounts.admin.line_sections.star",
    "billing.admin.line_sections.bills",
    "messaging.admin.line_sections.texts",
    "accounts.admin.line_sections.sign_ins",
    "channels.admin.line_sections.interactions",
    "accounts.admin.line_sections.traces",
]

# What stands on the page of figures, in order: functions that take a `kernel.desk_figures.Period`.
DESK_FIGURES = [
    "packages_app.admin.figures.orders_waiting",
    "packages_app.admin.figures.orders_by_state",
    "packages_app.admin.figures.orders_by_channel",
    "channels.admin.figures.uses_by_channel",
    "messaging.admin.figures.reminders_by_kind",
    "messaging.admin.figures.texts_by_state",
    "messaging.admin.figures.texts_by_kind",
    "billing.admin.figures.top_ups_by_way",
    "billing.admin.figures.top_ups_by_channel",
    "accounts.admin.figures.sign_ins_by_platform",
]

# What waits for staff on the first page, in order: functions that take a `kernel.desk_waiting.StaffVisit`.
DESK_WAITING = [
    "billing.admin.waiting.proposals_to_check",
    "accounts.admin.waiting.bars_to_check",
    "accounts.admin.waiting.star_tables_to_check",
    "messaging.admin.waiting.parked_texts",
    "billing.admin.waiting.e_invoices_to_hand_over",
    "billing.admin.waiting.days_to_reconcile",
]
