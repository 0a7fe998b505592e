from accounts.admin import (  # noqa: F401  (registers the pages)
    customers,
    holiday_windows,
    partner_grants,
    second_factors,
    service_passwords,
    sign_ins,
    staff,
    staff_traces,
)
