from kernel.rest.urls import resource_urls
from packages_app.api.bucket import BUCKET
from packages_app.api.topup_balance import TOPUP_BALANCE

app_name = "prepay-balance"
urlpatterns = resource_urls([BUCKET, TOPUP_BALANCE])
