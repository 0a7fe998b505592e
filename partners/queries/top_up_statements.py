"""Reads partners' statements of top-ups."""

from django.db.models import QuerySet

from partners.models import TopUpStatement


def list_statements_of(*, client_id: str) -> QuerySet[TopUpStatement]:
    """Return a partner's statements, without their files; to be filtered, ordered and cut."""
    return TopUpStatement.objects.filter(client__client_id=client_id).defer("content")
