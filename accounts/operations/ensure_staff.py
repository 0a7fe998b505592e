"""Gives a person of the staff a sign-in."""

from django.contrib.auth.models import Group

from accounts.models import StaffUser
from accounts.operations.ensure_roles import ensure_roles


def ensure_staff(*, username: str, password: str, role: str, name: str) -> None:
    """Make somebody of the staff with one role, or bring them up to what is given; repeating changes nothing.

    :param role: one of `accounts.operations.ensure_roles`.
    :param name: as the staff desk greets them.
    """
    ensure_roles()
    person, _made = StaffUser.objects.get_or_create(username=username)
    if not person.check_password(password):
        person.set_password(password)
    person.first_name = name
    person.is_staff = person.is_active = True
    person.save()
    person.groups.set([Group.objects.get(name=role)])
