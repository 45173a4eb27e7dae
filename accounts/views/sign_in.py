"""Sign-in is allauth's; on a new installation there is nobody yet who could."""

from allauth.account.views import LoginView
from django.http import HttpResponseRedirect
from django.urls import reverse

from accounts.models import User
from accounts.queries import sign_ins


class SignIn(LoginView):
    def get(self, request, *args, **kwargs):
        if not User.objects.filter(is_service=False).exists():
            return HttpResponseRedirect(reverse("accounts:first-run"))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        offer = sign_ins.offered()
        demo = {"demo_people": offer.people, "demo_password": offer.password} if offer else {}
        return super().get_context_data(**kwargs) | demo
