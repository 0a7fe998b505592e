from accounts.admin import (  # noqa: F401  (registers the pages)
    customers,
    holiday_windows,
    partner_grants,
    service_passwords,
    staff,
)
