from django.urls import path

from messaging.web.report_notice import report_notice

app_name = "messaging"
urlpatterns = [
    path("sms-reports/", report_notice, name="report-notice"),
]
