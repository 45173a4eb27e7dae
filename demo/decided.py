"""What was decided, what slows the products down, and what was proposed in the demo."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Decided:
    """A decision. supersedes: the title of one before. chosen "": it waits for a word."""

    product: str
    who: str
    days_ago: int
    title: str
    plain: str
    context: str
    options: tuple[str, ...]
    chosen: str
    why: str
    consequences: str
    components: tuple[str, ...]
    items: tuple[str, ...] = ()
    supersedes: str = ""


DECISIONS = (
    Decided(
        product="PAY",
        who="marek",
        days_ago=160,
        title="Call the bank inside the payout request",
        plain="",
        context="A merchant asks for a payout and wants to know at once whether it works.",
        options=("Call the bank in the request", "Queue the payout"),
        chosen="Call the bank in the request",
        why="The bank answers within two seconds, and a queue is one more thing to run.",
        consequences="While the bank is slow, so is our API.",
        components=("Payout API",),
    ),
    Decided(
        product="PAY",
        who="marek",
        days_ago=64,
        title="Queue payouts and tell the merchant when the bank has answered",
        plain="A payout is never lost when the bank is slow: it waits its turn, and the merchant is told how it went.",
        context="In March the bank took 40 seconds to answer for a day. Every request ran into the time-out, and 212 "
        "merchants did not know whether their money was on its way.",
        options=("Queue the payout", "Longer time-outs", "A second bank"),
        chosen="Queue the payout",
        why="It holds whatever the bank does, and it is what seven-day windows need anyway.",
        consequences="The answer comes later, over a webhook. Clients that wait for it have to change.",
        components=("Payout API", "Settlement"),
        items=("PAY:windows", "PAY:idem"),
        supersedes="Call the bank inside the payout request",
    ),
    Decided(
        product="PAY",
        who="noor",
        days_ago=41,
        title="Keys live in the key service, never in the environment",
        plain="Secrets are kept in one guarded place that notes who used them.",
        context="Two secrets were found in a crash report.",
        options=("Key service", "Encrypted files", "Environment variables, masked"),
        chosen="Key service",
        why="It is the only one that can say who read a key, and when.",
        consequences="A start without the key service fails. It has to be as available as the gateway.",
        components=("Gateway", "Vault"),
        items=("PAY:secrets",),
    ),
    Decided(
        product="PAY",
        who="dev",
        days_ago=6,
        title="One event for a change of status, or one for each kind of change?",
        plain="",
        context="Webhooks, the ledger and the risk score all listen to payments. Today each gets its own message.",
        options=("One event with the status in it", "An event for each kind"),
        chosen="",
        why="",
        consequences="",
        components=("Payment core", "Webhooks"),
        items=("PAY:events", "PAY:notify"),
    ),
    Decided(
        product="LED",
        who="noor",
        days_ago=33,
        title="Balances come from daily snapshots",
        plain="A balance is right to the minute and is there in a second, however many postings lie behind it.",
        context="A balance sums over all postings of an account; the largest has 90 million.",
        options=("Daily snapshots", "Running totals", "A faster disk"),
        chosen="Daily snapshots",
        why="Running totals lock the busiest accounts; snapshots are made at night from postings that stay.",
        consequences="Corrections into the past make the snapshots after them anew.",
        components=("Accounts",),
        items=("LED:snapshots", "LED:iso"),
    ),
)

# Asked and answered as a decision: item, who asks whom, question, title, plain words, the decision.
ANSWERED = (
    "PAY:mapper",
    "lena",
    "marek",
    "Do we mend the fourteen variants one by one, or make them from the banks' schemas?",
    "Make bank files from the schemas that banks publish",
    "A bank may change its file format without anybody writing it by hand.",
    "From the schemas. Three days for each change become an hour, and what does not fit the schema never leaves us.",
)


@dataclass(frozen=True)
class Owed:
    """What the register is told of a debt item."""

    item: str
    payer: str
    trigger: str
    risk: str
    days_old: int
    incidents: tuple[str, ...] = field(default=())


DEBTS = (
    Owed(
        "PAY:mapper",
        "Kestrel",
        "The next bank that changes its format; two have told us that they will this year.",
        "A payout file is refused, and merchants wait a day for their money.",
        420,
        ("INC-2231 payout file refused on a holiday", "INC-2304 umlauts in a beneficiary's name"),
    ),
    Owed(
        "PAY:reconcile",
        "Finance, two mornings a week",
        "More than 20 payments a day that nobody can match.",
        "A payment is booked to the wrong merchant.",
        300,
        ("INC-2188 two payments of one amount on one day",),
    ),
    Owed("PAY:bankfmt", "Heron", "The twelfth format.", "An answer is read wrongly, and a payout is sent twice.", 510),
    Owed(
        "PAY:slow", "Support, who wait for the page", "A merchant with a million payments.", "The page times out.", 200
    ),
    Owed(
        "PAY:oldapi", "Whoever changes the payout API", "The last client has moved over.", "Two ways to pay twice.", 360
    ),
    Owed("PAY:balance", "Settlement on call", "Seven-day windows.", "The job collides with weekend payouts.", 250),
    Owed("LED:iso", "Wren", "Snapshots are live.", "The two balances differ, and nobody knows which is right.", 380),
    Owed(
        "LED:slow",
        "Accountants, who wait an hour",
        "The copy fails to catch up overnight.",
        "A day can't be closed.",
        290,
    ),
    Owed(
        "ONB:pdfgen",
        "Sales, by hand",
        "Contracts in a fourth language.",
        "A shop signs terms that are out of date.",
        330,
    ),
)

# Items of the backlog that came in as proposals: who, why now, range of points, after how many days it was accepted,
# and what was changed of it.
CAME_AS_PROPOSALS = {
    "PAY:replay": ("marek", "Each lost event costs an afternoon of searching.", (8, 13), 4, "Seven days are enough"),
    "PAY:region": ("noor", "One data centre was dark for an hour in August.", (8, 21), 1, ""),
    "PAY:ratelimit": ("marek", "One shop's script slowed the payouts of all others.", (2, 5), 2, ""),
}

DECLINED = (
    "PAY",
    "dev",
    "architecture",
    "Move the back office to another framework",
    "Back office",
    "Half of it would be rewritten for no merchant's sake. Come back with the one page that hurts most.",
)


@dataclass(frozen=True)
class Suggested:
    """A proposal that waits. before: an item, "" at the end."""

    product: str
    who: str
    type: str
    title: str
    component: str
    why_now: str
    risk: str
    points: tuple[int, int]
    before: str = ""
    debt: tuple[int, float] | None = None


PROPOSALS = (
    Suggested(
        "PAY",
        "marek",
        "enabler",
        "Store payout answers of banks for 90 days",
        "Payouts",
        "Weekend payouts will be disputed on Mondays, when nobody remembers what the bank said.",
        "Support guesses, and we pay twice to be safe.",
        (2, 5),
        "weekend",
    ),
    Suggested(
        "PAY",
        "dev",
        "debt",
        "Drop the second retry queue",
        "Payouts",
        "The new retries make it useless, and it woke us twice this month.",
        "A payout is tried again by both.",
        (2, 3),
        "notify",
        (3, 1.5),
    ),
    Suggested(
        "LED",
        "noor",
        "infrastructure",
        "Warm standby for the posting database",
        "Postings",
        "The yearly close is in eight weeks.",
        "A failed disk costs a day of postings.",
        (5, 13),
        "partition",
    ),
)
