"""Verifies every order: places, ranks and the log that must replay to them."""

import sys

from django.core.management.base import BaseCommand, CommandError

from backlog.models import OrderedList, Product
from backlog.queries import order_check


class Command(BaseCommand):
    help = "Verify every product's order, or that of one product; the exit code is 1 where something is wrong."

    def add_arguments(self, parser):
        parser.add_argument("--product", metavar="KEY", help="only the product of this key")

    def handle(self, *, product, **options):
        problems = order_check.problems(_product(product) if product else None)
        for problem in problems:
            self.stdout.write(f"{problem.product}: {problem.text} ({problem.code})")
        if problems:
            sys.exit(1)
        count = 1 if product else OrderedList.objects.count()
        self.stdout.write(f"{count} {'order' if count == 1 else 'orders'} checked, nothing wrong.")


def _product(key):
    product = Product.objects.filter(key=key.upper()).first()
    if product is None:
        raise CommandError(f"There is no product {key}.")
    return product
