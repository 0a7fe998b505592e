from accounts.admin import (  # noqa: F401  (registers the pages)
    customers,
    documents,
    holiday_windows,
    partner_grants,
    retention,
    second_factors,
    service_passwords,
    sign_ins,
    sim_cards,
    staff,
    staff_traces,
    star_ratings,
)
