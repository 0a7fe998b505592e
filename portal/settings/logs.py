"""Structured logs: one JSON object a line on standard error, with request id, phone numbers masked."""

from collections.abc import MutableMapping
from typing import Any

import structlog

from kernel.log_masking import mask_personal_values


def _name_status(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Call the HTTP status a status: under django-structlog's name, `code`, it would be hidden as a secret."""
    if event.get("event") in ("request_finished", "request_failed") and "code" in event:
        event["status"] = event.pop("code")
    return event


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _name_status,
        mask_personal_values,
    ]


def logging_config(*, level: str) -> dict[str, Any]:
    """Configure structlog and return Django's LOGGING.

    :param level: lowest level that is written, e.g. "INFO".
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
                "foreign_pre_chain": _shared_processors(),
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
            "celery.redirected": {"level": "WARNING"},
            # Below this they write tokens down as they give them out, whatever HALL_LOG_LEVEL is.
            "oauthlib": {"level": "INFO"},
            "oauth2_provider": {"level": "INFO"},
        },
    }
