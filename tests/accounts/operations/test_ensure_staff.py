import pytest

from accounts.models import StaffUser
from accounts.operations.ensure_roles import CLERK, SUPERVISOR
from accounts.operations.ensure_staff import ensure_staff

pytestmark = pytest.mark.django_db


class TestEnsureStaff:
    def test_gives_a_sign_in_with_one_role(self) -> None:
        ensure_staff(username="wang", password="a long password", role=CLERK, name="王丽")
        person = StaffUser.objects.get(username="wang")
        assert (person.first_name, person.is_staff, person.is_superuser) == ("王丽", True, False)
        assert person.check_password("a long password")
        assert [role.name for role in person.groups.all()] == [CLERK]

    def test_brings_a_known_one_up_to_date(self) -> None:
        ensure_staff(username="wang", password="a long password", role=CLERK, name="王丽")
        ensure_staff(username="wang", password="another password", role=SUPERVISOR, name="王小丽")
        person = StaffUser.objects.get()
        assert person.first_name == "王小丽"
        assert person.check_password("another password")
        assert [role.name for role in person.groups.all()] == [SUPERVISOR]

    def test_changes_nothing_when_repeated(self) -> None:
        for _ in range(2):
            ensure_staff(username="wang", password="a long password", role=CLERK, name="王丽")
            password = StaffUser.objects.values_list("password", flat=True).get()
        ensure_staff(username="wang", password="a long password", role=CLERK, name="王丽")
        assert StaffUser.objects.values_list("password", flat=True).get() == password
