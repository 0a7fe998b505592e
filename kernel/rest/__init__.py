"""The REST face's plumbing after TMF630: a resource is declared once, everything else follows from the declaration.

Serving a new resource takes one `Resource` (`kernel.rest.resource`) in the `api/` room of the app that owns it and one
line in `portal/urls.py`. Answers, `fields`, filters, sorting, pages, errors, idempotency and the OpenAPI document are
made here from that declaration.
"""
