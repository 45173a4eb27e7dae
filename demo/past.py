"""The half year behind: what the teams finished, sprint by sprint, made from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product

SPRINTS = 13
SEED = 20

# Kind by type; {} is filled with each context in turn, so that no title comes twice.
_CONTEXTS = {
    "PAY": ("Germany", "France", "Spain", "Portugal", "the Nordics", "Poland", "Italy", "Ireland"),
    "LED": ("the parent company", "the German entity", "the Dutch entity", "the French entity"),
    "ONB": ("sole traders", "limited companies", "associations", "marketplaces"),
}
# Of the teams that came later, so that no two teams finish the same.
_CONTEXTS_OF_TEAM = {
    "Merlin": ("Austria",),
    "Osprey": ("Greece",),
    "Dipper": ("the Swiss entity",),
    "Siskin": ("the Polish entity",),
    "Curlew": ("cooperatives",),
    "Avocet": ("freelancers",),
}
_FINISHED = {
    "PAY": (
        ("story", "Show fees per payment to merchants in {}", "Pricing"),
        ("story", "Pay by local debit card in {}", "Checkout"),
        ("story", "Refund a whole order in {}", "Refunds"),
        ("enabler", "Route card payments of {} to the cheaper acquirer", "Gateway"),
        ("story", "Receipts in the language of {}", "Checkout"),
        ("debt", "Delete the old fee tables of {}", "Pricing"),
        ("story", "Payout to bank accounts in {}", "Payouts"),
        ("bug", "Declines from {} lose their reason", "Payment core"),
        ("infrastructure", "Move the workers for {} to the new cluster", "Settlement"),
        ("test_architecture", "Recorded bank answers from {} for tests", "Bank files"),
        ("story", "Search payments from {} by card ending", "Back office"),
        ("security", "Mask card numbers in the logs of {}", "Vault"),
        ("story", "Merchants in {} see disputes as they open", "Disputes"),
        ("enabler", "Status events for payments in {}", "Payment core"),
        ("story", "Webhooks for refunds in {}", "Webhooks"),
        ("story", "Save the invoice address in {}", "Checkout"),
        ("debt", "One settlement clock for {}", "Settlement"),
        ("bug", "Payout file for {} is refused on holidays", "Bank files"),
        ("story", "Weekly payout summary for merchants in {}", "Payouts"),
        ("spike", "Which instant scheme will banks in {} join?", "Payouts"),
        ("story", "Change the bank account in {} with a second factor", "Payouts"),
        ("story", "Rules for repeated card payments in {}", "Payment core"),
        ("infrastructure", "Alerts for the acquirer link of {}", "Gateway"),
        ("story", "Support sees the bank's answer for {}", "Back office"),
        ("security", "Renew the client certificate for {}", "Gateway"),
        ("architecture", "Take the fee rules of {} out of the code", "Pricing"),
        ("story", "Partial refunds for {}", "Refunds"),
        ("story", "Merchants in {} download their payouts", "Payouts"),
    ),
    "LED": (
        ("story", "Journal of a day for {}", "Reports"),
        ("enabler", "Post fees to the accounts of {}", "Postings"),
        ("story", "Balances of {} at any date", "Accounts"),
        ("debt", "Remove doubled accounts of {}", "Accounts"),
        ("test_architecture", "Replay a month of {} against the new code", "Postings"),
        ("story", "Close a month for {}", "Postings"),
        ("bug", "Rounding of {} differs by one cent", "Postings"),
        ("infrastructure", "Nightly copy of the books of {}", "Archive"),
        ("story", "Accountants of {} search postings", "Reports"),
        ("security", "Separate keys for {}", "Archive"),
        ("story", "Bank statements of {} come in by themselves", "Interfaces"),
        ("enabler", "Reference on each posting of {}", "Postings"),
        ("architecture", "Accounts of {} as a tree", "Accounts"),
        ("story", "Open items list for {}", "Reports"),
        ("story", "Export for the tax adviser of {}", "Reports"),
        ("debt", "Stop the manual month-end file of {}", "Interfaces"),
        ("story", "Dunning letters for {}", "Interfaces"),
        ("spike", "How far back must {} be readable?", "Archive"),
        ("story", "Foreign currency accounts for {}", "Accounts"),
        ("infrastructure", "Dashboards for the posting queue of {}", "Postings"),
        ("story", "Cash position of {} on one page", "Reports"),
        ("bug", "Report of {} runs out of time in March", "Reports"),
    ),
    "ONB": (
        ("story", "Short sign-up for {}", "Sign-up"),
        ("story", "Prices that fit {}", "Contracts"),
        ("enabler", "Check the bank account of {}", "Identity"),
        ("story", "Contract templates for {}", "Contracts"),
        ("bug", "Sign-up of {} forgets the phone number", "Sign-up"),
        ("debt", "One form engine for {}", "Sign-up"),
        ("story", "Upload proof of address for {}", "Identity"),
        ("test_architecture", "Sample data for {}", "Sign-up"),
        ("story", "Welcome mails for {}", "Sign-up"),
        ("infrastructure", "Faster pages for {} on phones", "Sign-up"),
        ("story", "Copy settings from the old shop of {}", "Import"),
        ("security", "Passwords of {} against known leaks", "Identity"),
        ("story", "Reviewers see all papers of {}", "Identity"),
        ("enabler", "Address lookup for {}", "Sign-up"),
        ("story", "Remind {} of what is missing", "Sign-up"),
        ("spike", "Where do {} give up?", "Sign-up"),
        ("story", "Answer questions of {} in the form", "Sign-up"),
        ("architecture", "Sign-up of {} as steps of one kind", "Sign-up"),
        ("story", "Limits for new {}", "Contracts"),
        ("story", "Second user for {}", "Sign-up"),
        ("debt", "Delete the paper flow for {}", "Contracts"),
        ("story", "Sign for {} with two people", "Contracts"),
    ),
}
_POINTS = (1, 2, 3, 3, 5, 5, 5, 8, 8)


@dataclass(frozen=True)
class Finished:
    """An item of the past; is_late: not finished in its sprint, carried over into the next."""

    title: str
    type: str
    component: str
    points: int
    is_late: bool


def sprints_of(team: str, product_key: str, points: int, sprints: int = SPRINTS) -> list[list[Finished]]:
    """The items planned for each past sprint of a team, and for the one that runs now (the last).

    points: about what the team delivers; sprints: how many are past.
    """
    rng = random.Random(f"{SEED} {team}")  # noqa: S311  a story, not a secret
    titles = _titles(team, product_key)
    plans = []
    for _ in range(sprints + 1):
        capacity, plan = rng.gauss(points, points * 0.14), []
        while sum(item.points for item in plan) < capacity - 2:
            type_, title, component = next(titles)
            plan.append(Finished(title, type_, component, rng.choice(_POINTS), rng.random() < 0.11))
        plans.append(plan)
    return plans


def _titles(team, product_key) -> Iterator[tuple[str, str, str]]:
    # Two teams on one product take turns in the contexts, so that each title is used once.
    contexts = _CONTEXTS_OF_TEAM.get(team, _CONTEXTS[product_key])
    if team in ("Kestrel", "Heron"):
        contexts = contexts[:4] if team == "Kestrel" else contexts[4:]
    pairs = [(context, row) for context, row in product(contexts, _FINISHED[product_key])]
    return cycle((type_, title.format(context), component) for context, (type_, title, component) in pairs)
