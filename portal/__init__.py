"""The roof: settings, URLs, Celery, start-up, home page, demo data, health. Nobody imports it."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
