"""The Celery application and its schedule. Tasks are nudges: what is due stands in the database."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.local")

app = Celery("hall")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Seconds between sweeps. A sweeper takes what no nudge reached: a lost message costs at most one of these.
app.conf.beat_schedule = {
    "sweep-sms": {"task": "messaging.sweep_sms", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-inbound": {"task": "channels.sweep_inbound", "schedule": 10.0, "options": {"expires": 10}},
    "expire-top-ups": {"task": "billing.expire_top_ups", "schedule": 60.0, "options": {"expires": 60}},
    "expire-holds": {"task": "billing.expire_holds", "schedule": 60.0, "options": {"expires": 60}},
    "expire-bonuses": {"task": "billing.expire_bonuses", "schedule": 300.0, "options": {"expires": 300}},
    "earn-points": {"task": "billing.earn_points", "schedule": 30.0, "options": {"expires": 30}},
    "expire-points": {"task": "billing.expire_points", "schedule": 3600.0, "options": {"expires": 3600}},
    "remind-of-expiring-points": {
        "task": "billing.remind_of_expiring_points",
        "schedule": crontab(hour=9, minute=10),
        "options": {"expires": 3600},
    },
    "charge-late-fees": {"task": "billing.charge_late_fees", "schedule": 21600.0, "options": {"expires": 21600}},
    "end-own-bars": {"task": "accounts.end_own_bars", "schedule": 60.0, "options": {"expires": 60}},
    # Together below a minute: so long may a number that was paid for stay stopped when every nudge is lost.
    "sweep-dues": {"task": "billing.sweep_dues", "schedule": 30.0, "options": {"expires": 30}},
    "sweep-paid": {"task": "billing.sweep_paid", "schedule": 20.0, "options": {"expires": 20}},
    # By day only: people can then do something about what it tells them.
    "run-dunning": {
        "task": "billing.run_dunning",
        "schedule": crontab(hour="9-19", minute="5"),
        "options": {"expires": 3600},
    },
    "settle-refunds": {"task": "billing.settle_refunds", "schedule": 60.0, "options": {"expires": 60}},
    "send-sandbox-notices": {"task": "billing.send_sandbox_notices", "schedule": 15.0, "options": {"expires": 15}},
    "settle-bank-cards": {"task": "billing.settle_bank_cards", "schedule": 60.0, "options": {"expires": 60}},
    "sweep-automatic-top-ups": {
        "task": "billing.sweep_automatic_top_ups",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "expire-orders": {"task": "packages.expire_orders", "schedule": 30.0, "options": {"expires": 30}},
    "end-subscriptions": {"task": "packages.end_subscriptions", "schedule": 600.0, "options": {"expires": 600}},
    "sweep-closed-lines": {"task": "packages.sweep_closed_lines", "schedule": 600.0, "options": {"expires": 600}},
    "remind-of-ends": {"task": "packages.remind_of_ends", "schedule": 3600.0, "options": {"expires": 3600}},
    "turn-months": {"task": "packages.turn_months", "schedule": 300.0, "options": {"expires": 300}},
    "forget-stub-texts": {"task": "messaging.forget_stub_texts", "schedule": crontab(hour="3", minute="20")},
    # Late in the day, so that the last day's use is on the month's bill.
    "settle-usage-fees": {
        "task": "packages.settle_usage_fees",
        "schedule": crontab(hour=23, minute=40),
        "options": {"expires": 3600},
    },
    "lower-overdrafts": {"task": "billing.lower_overdrafts", "schedule": 60.0, "options": {"expires": 60}},
    "rate-stars": {"task": "billing.rate_stars", "schedule": 3600.0, "options": {"expires": 3600}},
    "simulate-stars": {"task": "billing.simulate_stars", "schedule": 60.0, "options": {"expires": 60}},
    "close-solved-tickets": {"task": "care.close_solved_tickets", "schedule": 600.0, "options": {"expires": 600}},
    "keep-holidays": {"task": "accounts.keep_holidays", "schedule": crontab(hour="4", minute="10")},
    "forget-partner-calls": {"task": "partners.forget_old_calls", "schedule": crontab(hour="3", minute="40")},
    "make-statements": {"task": "partners.make_statements", "schedule": 900.0, "options": {"expires": 900}},
    "sweep-hubs": {"task": "partners.sweep_hubs", "schedule": 5.0, "options": {"expires": 5}},
    "make-data-downloads": {"task": "accounts.make_data_downloads", "schedule": 30.0, "options": {"expires": 30}},
    "apply-retention": {
        "task": "accounts.apply_retention",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3600},
    },
    "forget-expired": {"task": "accounts.forget_expired", "schedule": 3600.0, "options": {"expires": 3600}},
}
