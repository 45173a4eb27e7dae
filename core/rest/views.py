"""The base of every API view: a query parameter that nobody knows is refused, not ignored."""

from rest_framework.generics import GenericAPIView
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from core.rest import pagination
from core.rest.errors import BadQuery


class KnownQuery:
    """query_parameters: what a view reads besides its filters, its pages and `fields`."""

    query_parameters = ()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        known = self.known_parameters()
        if unknown := set(request.query_params) - known:
            raise BadQuery(f"Nothing here reads {', '.join(sorted(unknown))}.", allowed=sorted(known))
        for name, values in request.query_params.lists():
            if any("\x00" in value for value in values):
                raise BadQuery(f"{name} holds a NUL character.")

    def known_parameters(self) -> set[str]:
        known = {*self.query_parameters, "fields"}
        if getattr(self, "pagination_class", None):
            known |= set(pagination.PARAMETERS)
        if filterset := getattr(self, "filterset_class", None):
            known |= set(filterset.base_filters)
        return known


class ApiView(KnownQuery, APIView):
    pass


class GenericApiView(KnownQuery, GenericAPIView):
    pass


class ApiViewSet(KnownQuery, GenericViewSet):
    pass
