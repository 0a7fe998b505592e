"""Records that staff act on: buttons on the page of a record, each of which makes one call of an operation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from accounts.models import StaffUser
from kernel.errors import DomainError, Text
from kernel.read_only_admin import KEY_SEPARATOR, AccountOwnedAdmin, record_url


@dataclass(frozen=True, slots=True)
class RecordAction:
    """What can be done with a record. With `asks_first` it leads to a form, else the button does it."""

    name: str
    label: Text
    asks_first: bool = False


class ActingAdmin(AccountOwnedAdmin):
    """Base of read-only pages with buttons; `record_actions` says which, `act_on` does it."""

    change_form_template = "admin/acting_record.html"
    # Names of what can be done, each an address below the record's.
    action_names: tuple[str, ...] = ()

    def record_actions(self, request: HttpRequest, row: Any) -> list[RecordAction]:
        """Return what this person may do with the row as it stands."""
        return []

    def act_on(self, request: HttpRequest, row: Any, name: str) -> HttpResponse:
        """Do it, and lead on."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        names = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(self._view_of(name)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
            )
            for name in self.action_names
        ]
        return [*names, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        context["record_actions"] = [
            {"action": action, "address": self.action_url(row, action.name)}
            for action in self.record_actions(request, row)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def action_url(self, row: Any, name: str) -> str:
        """Return the address at which something is done with a row."""
        key = KEY_SEPARATOR.join(str(getattr(row, field.attname)) for field in self.opts.pk_fields)
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[key])

    def done(
        self, request: HttpRequest, row: Any, call: Callable[[], Any], said: Callable[[Any], Text]
    ) -> HttpResponse:
        """Make one call, say what came of it, and lead back to the record.

        :param said: given the result, the sentence for the person.
        """
        try:
            messages.success(request, str(said(call())))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect(record_url(self, row))

    def _view_of(self, name: str) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            row = self.get_object(request, object_id)
            if row is None or not self.has_view_permission(request, row):
                raise Http404
            action = next((action for action in self.record_actions(request, row) if action.name == name), None)
            if action is None:
                raise PermissionDenied
            if request.method != "POST" and not action.asks_first:
                return HttpResponseNotAllowed(["POST"])
            return self.act_on(request, row, name)

        return view


def staff_of(request: HttpRequest) -> StaffUser:
    """Return who is signed in at the desk."""
    return cast("StaffUser", request.user)
