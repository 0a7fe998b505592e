import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from care.models import Site
from tests.factories.accounts import staff_client
from tests.factories.care import make_site

pytestmark = pytest.mark.django_db
FILE = "code,name_zh,province,city,address\nHZ-1,西湖店,CN-ZJ,杭州市,示例路8号\n"


def upload() -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("sites.csv", FILE.encode())}


def test_a_file_is_looked_at_and_then_brought_in() -> None:
    supervisor, address = staff_client("supervisor"), reverse("admin:care_site_import")
    page = supervisor.post(address, upload()).content.decode()
    assert "HZ-1" in page
    assert not Site.objects.exists()
    seen = dict(re.findall(r'name="(content|digest)" value="([^"]+)"', page))
    assert supervisor.post(address, seen)["Location"] == reverse("admin:care_site_changelist")
    assert Site.objects.get().changed_by.startswith("supervisor")
    # What was looked at is no longer what it would do.
    assert supervisor.post(address, seen).status_code == 200


def test_files_come_from_supervisors_only_and_go_to_whoever_may_look() -> None:
    make_site(code="GZ-1")
    clerk = staff_client("clerk")
    assert clerk.post(reverse("admin:care_site_import"), upload()).status_code == 403
    answer: Any = clerk.get(reverse("admin:care_site_export"))
    exported = b"".join(answer.streaming_content).decode()
    assert "GZ-1" in exported
    assert staff_client("operations").get(reverse("admin:care_site_export")).status_code == 403
    assert Site.objects.count() == 1


def test_a_damaged_confirmation_changes_nothing() -> None:
    supervisor = staff_client("supervisor")
    answer = supervisor.post(reverse("admin:care_site_import"), {"content": "?", "digest": "0" * 64})
    assert (answer.status_code, Site.objects.exists()) == (200, False)
