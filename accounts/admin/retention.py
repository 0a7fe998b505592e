"""What was forgotten when, at the staff desk."""

from django.contrib import admin

from accounts.models import RetentionRecord
from kernel.read_only_admin import ReadOnlyAdmin


@admin.register(RetentionRecord)
class RetentionRecordAdmin(ReadOnlyAdmin):
    """Each application of a rule that concerned something."""

    list_display = ("applied_at", "rule", "keep_days", "rows")
    list_filter = ("rule",)
    ordering = ("-applied_at",)
    shown = ("applied_at", "rule", "keep_days", "rows")
