"""Which scope an operation needs."""

from typing import TYPE_CHECKING, Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from kernel.rest.errors import ScopeMissing

if TYPE_CHECKING:
    from kernel.rest.authentication import TokenHolder


class HasScope(BasePermission):
    """Lets a token through that carries the scope which the view declares for the method in `required_scopes`.

    A method that the view does not have needs none: its answer is 405.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether there is a token at all.

        :raises ScopeMissing: there is one, without the scope.
        """
        if request.auth is None:
            return False
        if request.method in view.allowed_methods:
            scope = view.required_scopes[request.method]
            if scope not in cast("TokenHolder", request.user).scopes:
                raise ScopeMissing(scope)
        return True
