"""What a page tells of times it tells by the clocks of the organization that it is about; the API keeps to UTC."""

from django.utils import timezone

from accounts.models import Organization
from core import problems


class ClockMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # No request tells the time of the one before it.
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        key = kwargs.get("product_key") or kwargs.get("item_key", "").partition("-")[0]
        named = {"products__key": key} if key else {"slug": kwargs.get("organization_slug")}
        if problems.is_api(request) or not any(named.values()):
            return
        if organization := Organization.objects.filter(**named).only("time_zone").first():
            timezone.activate(organization.zone)
