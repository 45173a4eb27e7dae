"""Sign-in is allauth's; on a new installation there is nobody yet who could."""

from allauth.account.views import LoginView
from django.http import HttpResponseRedirect
from django.urls import reverse

from accounts.models import User


class SignIn(LoginView):
    def get(self, request, *args, **kwargs):
        if not User.objects.filter(is_service=False).exists():
            return HttpResponseRedirect(reverse("accounts:first-run"))
        return super().get(request, *args, **kwargs)
