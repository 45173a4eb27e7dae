"""The company, its people, and its open backlogs in the order they have today."""

from dataclasses import dataclass

from demo import past

ORGANIZATION = "Northwind Pay"
TIME_ZONE = "Europe/Berlin"
# For the loopback only: bin/run prints it.
PASSWORD = "underpin-demo"

PEOPLE = {
    "ada": "Ada Byron",
    "ines": "Ines Falkner",
    "oskar": "Oskar Weil",
    "leila": "Leila Amiri",
    "marek": "Marek Osei",
    "noor": "Noor Haddad",
    "mia": "Mia Dahl",
    "joao": "João Teles",
    "sana": "Sana Mirza",
    "kofi": "Kofi Mensah",
    "dev": "Dev Patel",
    "lena": "Lena Brandt",
    "yusuf": "Yusuf Adeyemi",
    "priya": "Priya Nair",
    "tom": "Tom Okafor",
    "piet": "Piet de Vries",
    "alva": "Alva Lind",
    "rosa": "Rosa Conti",
    "jun": "Jun Sato",
    "tess": "Tess Moreau",
    "ravi": "Ravi Iyer",
    "hana": "Hana Novak",
    "emil": "Emil Krog",
    "zoe": "Zoë Adler",
    "omar": "Omar Said",
    "stan": "Stan Berg",
    "sol": "Sol Kimura",
}
# Whom the first page names, and what they may show.
SIGN_INS = {
    "ines": "product owner of Payments",
    "marek": "technical product owner in Payments, and of a component of each other product",
    "mia": "scrum master of Kestrel",
    "dev": "developer in Kestrel",
    "stan": "stakeholder of Payments",
    "ada": "organization admin",
}


@dataclass(frozen=True)
class TeamPlan:
    """points: about what it delivers in a sprint. past_sprints: how many it has behind it."""

    scrum_master: str
    developers: tuple[str, ...]
    products: tuple[str, ...]
    points: int
    past_sprints: int = past.SPRINTS


TEAMS = {
    "Kestrel": TeamPlan("mia", ("dev", "lena", "yusuf"), ("PAY",), 34),
    "Heron": TeamPlan("joao", ("priya", "tom"), ("PAY",), 27),
    "Wren": TeamPlan("sana", ("piet", "alva"), ("LED",), 30),
    "Plover": TeamPlan("kofi", ("rosa", "jun"), ("ONB", "PAY"), 31),
    # Split off two months ago: small ones, whose scrum masters have another team.
    "Merlin": TeamPlan("mia", ("tess", "tom"), ("PAY",), 13, 4),
    "Osprey": TeamPlan("joao", ("ravi", "lena"), ("PAY",), 13, 4),
    "Dipper": TeamPlan("sana", ("hana", "alva"), ("LED",), 13, 4),
    "Siskin": TeamPlan("sana", ("emil", "piet"), ("LED",), 13, 4),
    "Curlew": TeamPlan("kofi", ("zoe", "jun"), ("ONB",), 13, 4),
    "Avocet": TeamPlan("kofi", ("omar", "rosa"), ("ONB",), 13, 4),
}


@dataclass(frozen=True)
class Wanted:
    """An open item. type "": a story. needs: names of others. value: business value, time criticality, risk."""

    name: str
    type: str
    title: str
    component: str
    points: float | None
    value: tuple[int, int, int]
    needs: tuple[str, ...] = ()
    goal: str = ""
    extra: str = ""


@dataclass(frozen=True)
class Release:
    """in_days: until the target date, from today; goal: whose items are in it."""

    name: str
    in_days: int
    goal: str


@dataclass(frozen=True)
class Product:
    key: str
    name: str
    owner: str
    goal: str
    goals: tuple[str, ...]
    technical_owners: dict[str, str | None]
    stakeholders: tuple[str, ...]
    technical_share: tuple[int, int]
    debt_share: int | None
    wanted: tuple[Wanted, ...]
    releases: tuple[Release, ...] = ()


def _wanted(table: str) -> tuple[Wanted, ...]:
    """Read lines `name | type | title | component | points | value, time, risk | needs | goal | extra`."""
    return tuple(_row(line) for line in table.strip().splitlines())


def _row(line):
    name, type_, title, component, points, value, needs, goal, extra = (
        cell.strip() for cell in (line + " | | | |").split("|")[:9]
    )
    return Wanted(
        name=name,
        type=type_,
        title=title,
        component=component,
        points=float(points) if points else None,
        value=tuple(int(number) for number in value.split()),
        needs=tuple(needs.split()),
        goal=goal,
        extra=extra,
    )


DEFINITION_OF_DONE = {
    "functional": [
        {"key": "reviewed", "label": "Reviewed by somebody who did not write it"},
        {"key": "tested", "label": "Automated tests pass in the pipeline"},
        {"key": "documented", "label": "Help text and release note written"},
        {"key": "observed", "label": "Figures and alerts in place"},
    ],
    "technical": [
        {"key": "reviewed", "label": "Reviewed by somebody who did not write it"},
        {"key": "tested", "label": "Automated tests pass in the pipeline"},
        {"key": "rolled_back", "label": "Roll-back tried out"},
        {"key": "observed", "label": "Figures and alerts in place"},
    ],
}

# Name and filter of views that everybody shares.
VIEWS = (
    ("Estimated but not ready", "ready:no points:any"),
    ("Technical and unestimated", "kind:technical points:none"),
    ("Above what it needs", "inverted:yes"),
    ("Open questions", "questions:>0"),
)

PAYMENTS = Product(
    key="PAY",
    name="Payments",
    owner="ines",
    goal="Merchants get paid within 10 seconds, any day of the week",
    goals=("Instant payouts", "Capture and ship", "Fewer failed checkouts", "Safe keys and cards"),
    technical_owners={
        "Payout API": "marek",
        "Payouts": "marek",
        "Payment core": "marek",
        "Settlement": "marek",
        "Gateway": "noor",
        "Vault": "noor",
        "Risk": "noor",
        "Bank files": None,
        "Pricing": None,
        "Refunds": None,
        "Checkout": None,
        "Webhooks": None,
        "Disputes": None,
        "Back office": None,
    },
    stakeholders=("stan", "sol"),
    releases=(
        Release("Instant payouts 1.0", 75, "Instant payouts"),
        Release("Checkout spring", 150, "Fewer failed checkouts"),
    ),
    technical_share=(30, 45),
    debt_share=15,
    wanted=_wanted(
        """
idem | enabler | Idempotency keys on the payout API | Payout API | 5 | 8 9 6 | | Instant payouts
arrive | | Merchant sees a payout arrive within 10 seconds | Payouts | 8 | 13 8 2 | idem | Instant payouts
cert | security | Rotate the acquirer signing certificate before the old one ends | Gateway | 3 | 2 13 13 | | Safe keys and cards | pinned due+60:4
retry | | Retry a failed payout without paying twice | Payouts | 5 | 9 6 8 | idem | Instant payouts
fee | | Show the fee before a merchant confirms a payout | Pricing | 3 | 8 5 1 | | Instant payouts
contract | test_architecture | Contract tests between payout API and ledger | Payout API | 5 | 3 5 9 | idem | | question
partref | | Refund part of an order from the order page | Refunds | 5 | 8 4 1
weekend | | Weekend payouts for merchants with instant settlement | Payouts | 8 | 13 5 1 | idem windows | Instant payouts
hold | | Tell the merchant why a payout is on hold | Payouts | 3 | 7 4 1 | | Instant payouts
mapper | debt | Replace the hand-written ISO 20022 mapper | Bank files | 5 | 2 5 9 | | | debt:8:1.5
windows | infrastructure | Run settlement windows seven days a week | Settlement | 8 | 3 6 4 | | Instant payouts
csv | | Export payouts as CSV with the bank reference | Payouts | 2 | 5 2 1
schedule | | Merchant sets a payout schedule per bank account | Payouts | 5 | 6 4 1 | | Instant payouts
split | architecture | Split authorisation from capture in the payment state machine | Payment core | 8 | 4 6 6 | | Capture and ship | questions
skip | | Skip the extra login step for low-value payments | Checkout | 5 | 9 3 2 | | Fewer failed checkouts
parts | | Capture an authorised payment in several parts | Payment core | 5 | 8 4 1 | split | Capture and ship
fraud | spike | How much fraud scoring fits inside 200 ms? | Risk | 3 | 2 4 7 | | Instant payouts
cancel | | Customer cancels a recurring payment in two taps | Checkout | 3 | 5 4 1
rounding | debt | Remove the second currency rounding routine | Pricing | 3 | 1 3 6 | | | debt:5:0.5
declined | | Show the declined reason in the customer's language | Checkout | 3 | 5 3 1 | | Fewer failed checkouts
goods | | Hold a payment until the goods ship | Payment core | 8 | 9 4 1 | split | Capture and ship
region | infrastructure | Second region for the payment gateway | Gateway | 13 | 4 4 13
vault | security | Move card tokens to the new vault | Vault | 8 | 3 6 11 | | Safe keys and cards
savecard | | Save a card for the next purchase | Checkout | 5 | 8 3 1 | vault | Fewer failed checkouts
tomorrow | | Merchant sees tomorrow's settlement amount | Settlement | 3 | 5 3 1 | windows
events | enabler | One event for every change of payment status | Payment core | 5 | 3 3 5 | split
notify | | Notify the shop when a payment changes status | Webhooks | 5 | 7 3 1 | events
balance | debt | Retire the nightly balance job | Settlement | 5 | 1 2 6 | windows | | debt:8:1
search | | Search payments by order number | Back office | 3 | 4 2 1
second | | Support agent refunds with a second approval | Back office | 5 | 5 2 4
load | test_architecture | Load test at three times the December peak | Gateway | 5 | 1 3 7 | region
dispute | | Dispute a card payment with documents attached | Disputes | 8 | 7 2 2
docstore | spike | Can disputes reuse the document store of Ledger? | Disputes | 2 | 1 2 4
yearly | | Merchant downloads a yearly fee statement | Pricing | 3 | 4 1 1
rules | architecture | Move pricing rules out of the checkout service | Pricing | 8 | 2 2 5
country | | Different fees per country | Pricing | 5 | 6 1 1 | rules
audit | security | Record every refund above 500 in the audit trail | Refunds | 3 | 1 3 6 | | Safe keys and cards
transfer | | Pay by bank transfer with an instant confirmation | Checkout | 13 | 8 1 2
wallets | | Pay with a phone wallet | Checkout | 8 | 7 2 1 | vault | Fewer failed checkouts
tap | bug | The pay button can be tapped twice on slow phones | Checkout | 2 | 6 3 3 | | Fewer failed checkouts
timeouts | bug | Payouts above 50,000 run into the bank's timeout | Payouts | 3 | 6 5 4 | | Instant payouts
limits | | Merchant sets a daily payout limit | Payouts | 3 | 4 2 3
approve | | Two people approve a payout above a limit | Payouts | 5 | 5 2 4 | limits
failover | infrastructure | Fail over between two acquirers within a minute | Gateway | 8 | 3 4 10 | region
secrets | security | Keep gateway secrets in the key service | Gateway | 5 | 1 4 9 | | Safe keys and cards
replay | enabler | Replay payment events from any day | Payment core | 8 | 2 2 6 | events
webretry | | Shops see and repeat failed webhooks | Webhooks | 5 | 5 2 1 | events
websign | security | Sign webhooks with rotating keys | Webhooks | 3 | 2 3 6 | secrets
sandbox | enabler | A sandbox that behaves like the bank | Bank files | 8 | 3 2 5
bankfmt | debt | One parser for the eleven bank answer formats | Bank files | 8 | 1 2 5 | sandbox | | debt:13:2
reftrail | | Customer follows a refund from order to account | Refunds | 3 | 5 2 1
refbulk | | Refund many orders from one file | Refunds | 5 | 4 2 2 | audit
autoref | | Refund automatically when an order is cancelled | Refunds | 5 | 6 2 1
score | enabler | Score each payment for fraud before capture | Risk | 8 | 4 3 9 | fraud split
review | | Risk team reviews held payments in one queue | Risk | 5 | 4 2 6 | score
device | spike | Do device signals improve the score? | Risk | 2 | 1 2 4 | score
lists | | Block and allow lists per merchant | Risk | 3 | 3 2 4
quote | | Quote the exchange rate for 60 seconds | Pricing | 5 | 5 3 1 | rules
tiers | | Volume tiers in the merchant's fees | Pricing | 5 | 5 1 1 | rules
feetest | test_architecture | Golden examples for every fee rule | Pricing | 3 | 1 2 6 | rules
dispdead | | Warn before a dispute deadline passes | Disputes | 3 | 5 4 2 | dispute
dispwin | | Merchant sees the odds of winning a dispute | Disputes | 5 | 3 1 1 | dispute
notes | | Support agents leave notes on a payment | Back office | 2 | 3 1 1
role | security | Roles in the back office instead of one password | Back office | 5 | 2 4 9 | | Safe keys and cards
export | | Finance exports all movements of a month | Back office | 3 | 4 2 1
slow | debt | Page through payments without counting them | Back office | 3 | 1 2 4 | | | debt:3:0.75
a11y | | Pay with a screen reader from cart to receipt | Checkout | 5 | 5 3 2 | | Fewer failed checkouts
lang | | Checkout in six more languages | Checkout | 5 | 5 1 1
guest | | Pay without an account | Checkout | 3 | 6 2 1 | | Fewer failed checkouts
oneclick | | Buy again with one click | Checkout | 5 | 6 1 1 | savecard
metrics | enabler | Count checkouts that fail, by reason | Checkout | 3 | 3 3 4 | | Fewer failed checkouts
ux | | Shorter address form on phones | Checkout | 3 | 5 1 1
tokens | enabler | Network tokens for stored cards | Vault | 8 | 4 2 5 | vault | Safe keys and cards
rotate | security | Rotate vault keys every quarter without a stop | Vault | 5 | 1 4 10 | vault | Safe keys and cards
drill | test_architecture | Restore the vault from backup in a drill | Vault | 3 | 1 3 10 | vault
netting | | Net several payouts of a day into one | Settlement | 5 | 5 2 1 | windows
calendar | enabler | One calendar of bank holidays | Settlement | 2 | 3 3 4 | | Instant payouts
forecast | | Merchant sees the cash of the next 14 days | Settlement | 5 | 5 1 1 | tomorrow
reconcile | debt | Reconcile by reference, not by amount and date | Settlement | 8 | 2 3 7 | | | debt:8:2.5
states | architecture | One state machine for card, transfer and wallet | Payment core | 13 | 3 2 6 | split
oldapi | debt | Retire version 1 of the payout API | Payout API | 5 | 1 2 5 | idem | | debt:5:1
batch | | Send a thousand payouts in one request | Payout API | 5 | 6 2 1 | idem
ratelimit | enabler | Fair limits per merchant on the payout API | Payout API | 3 | 2 2 6
sdk | | Client libraries for the payout API | Payout API | 8 | 4 1 1 | oldapi
trace | infrastructure | Follow one payment through all services | Gateway | 5 | 2 2 7
canary | infrastructure | Roll out the gateway to one percent first | Gateway | 3 | 1 2 7
"""
    ),
)

LEDGER = Product(
    key="LED",
    name="Ledger",
    owner="oskar",
    goal="The books are right at any minute, and anyone may check",
    goals=("Close in one day", "Self-service reports"),
    technical_owners={
        "Postings": "noor",
        "Accounts": "oskar",
        "Reports": None,
        "Archive": None,
        "Interfaces": "marek",
    },
    stakeholders=("stan",),
    technical_share=(35, 55),
    debt_share=20,
    wanted=_wanted(
        """
double | enabler | Refuse a posting that does not balance, in the database | Postings | 5 | 6 6 12 | | Close in one day
cutoff | | Accountant closes a day while payments go on | Postings | 8 | 11 7 3 | double | Close in one day
snapshots | architecture | Daily balance snapshots instead of sums over all postings | Accounts | 8 | 5 6 7 | | Close in one day
trial | | Trial balance in seconds | Reports | 3 | 9 5 1 | snapshots | Close in one day
reverse | | Correct a posting by a reversal, with the reason | Postings | 3 | 7 4 3 | double
frozen | debt | Thaw the frozen currency table | Accounts | 3 | 1 4 6 | | | debt:5:1
seq | bug | Two postings may get the same document number | Postings | 3 | 5 8 9 | | Close in one day
bookings | | Find a posting by amount, date or reference | Reports | 5 | 6 3 1
partition | infrastructure | Partition postings by month | Postings | 8 | 2 5 8 | | | questions
retention | security | Delete personal data when its time has come | Archive | 5 | 2 8 10 | partition | | due+90:5
export | | Auditor exports a year on their own | Reports | 5 | 7 4 2 | partition | Self-service reports
vat | | VAT report per country | Reports | 8 | 8 6 2 | trial | Self-service reports
iso | debt | Stop writing balances twice | Accounts | 5 | 1 4 7 | snapshots | | debt:8:2
fxrates | enabler | One source of exchange rates | Interfaces | 3 | 3 3 4
reval | | Revalue foreign accounts at month end | Accounts | 5 | 6 4 1 | fxrates | Close in one day
stream | enabler | Postings as a stream for other products | Interfaces | 8 | 4 3 5 | double
webhook | | Tell Payments when a posting fails | Interfaces | 3 | 5 3 3 | stream
plan | | Accountant edits the chart of accounts | Accounts | 5 | 5 2 1
hist | | See who changed an account, and why | Accounts | 3 | 4 2 5
property | test_architecture | Random postings never break the balance | Postings | 3 | 1 3 9 | double
restore | test_architecture | Restore the ledger to one minute before a fault | Archive | 5 | 1 4 11
cold | infrastructure | Move years past the seventh to cold storage | Archive | 5 | 1 2 3 | partition
spike1 | spike | Can snapshots be made without a lock? | Accounts | 2 | 1 5 5
budget | | Compare a month with its budget | Reports | 5 | 4 1 1 | trial | Self-service reports
sched | | Send a report every Monday | Reports | 3 | 4 1 1 | | Self-service reports
pdf | | Print a report as it looks on screen | Reports | 3 | 3 1 1
cost | | Cost centres on postings | Postings | 5 | 5 2 1
split | | Split one payment over several accounts | Postings | 3 | 4 2 1
match | | Match bank lines to postings by themselves | Interfaces | 8 | 8 3 2 | fxrates | Close in one day
rules | architecture | Matching rules as data | Interfaces | 5 | 2 3 4 | | Close in one day
four | security | Two people for postings above 100,000 | Postings | 5 | 3 5 9
readonly | security | A read-only role for auditors | Reports | 2 | 2 5 7 | | Self-service reports
slow | debt | Drop the reporting copy that lags an hour | Reports | 8 | 1 3 5 | snapshots | | debt:8:1.5
names | debt | One name for an account in all services | Accounts | 5 | 1 2 4 | | | debt:5:0.5
import | | Take over the books of a bought company | Interfaces | 13 | 5 1 2
proof | | Prove a balance with the postings behind it | Reports | 5 | 6 2 3 | snapshots | Self-service reports
multi | | One ledger for several legal entities | Accounts | 13 | 6 2 2 | names
interco | | Postings between legal entities | Postings | 8 | 5 2 2 | multi
close2 | | Year-end closing step by step | Postings | 8 | 5 4 2 | cutoff
api | enabler | A stable API for balances | Interfaces | 5 | 4 2 4 | snapshots
quota | infrastructure | Keep heavy reports off the posting database | Reports | 5 | 1 3 7 | api
alerts | infrastructure | Warn when the balance check is late | Postings | 2 | 1 3 8
audit | security | An audit trail that cannot be rewritten | Archive | 5 | 2 4 10
sign | spike | Is signing each day's postings worth it? | Archive | 3 | 1 1 4 | audit
ux | | Keyboard entry for a hundred postings an hour | Postings | 5 | 5 1 1
locale | | Numbers and dates as each country writes them | Reports | 2 | 3 1 1
notes | | Attach the receipt to a posting | Postings | 3 | 4 1 2
fee | | Fees of banks booked by rule | Interfaces | 3 | 4 2 1 | rules
zero | bug | Accounts with a zero balance vanish from the report | Reports | 1 | 4 3 1
tz | bug | A day in Tokyo closes at the wrong hour | Postings | 3 | 3 4 4
"""
    ),
)

ONBOARDING = Product(
    key="ONB",
    name="Onboarding",
    owner="leila",
    goal="A shop takes its first payment on the day it signs up",
    goals=("First payment on day one", "Safe to let in"),
    technical_owners={"Sign-up": None, "Identity": None, "Contracts": None, "Import": "marek"},
    stakeholders=("sol",),
    technical_share=(15, 30),
    debt_share=None,
    wanted=_wanted(
        """
draft | | Continue a sign-up on another device | Sign-up | 5 | 9 4 1 | session | First payment on day one
session | enabler | Keep a sign-up on the server, not in the browser | Sign-up | 5 | 4 5 4 | | First payment on day one
bankid | | Prove who you are with a bank login | Identity | 8 | 11 5 6 | provider | Safe to let in
provider | architecture | One interface for all identity providers | Identity | 5 | 3 5 5 | | Safe to let in
photo | | Take a photo of the passport, not a scan | Identity | 3 | 7 3 2
sanction | security | Check names against sanction lists each night | Identity | 5 | 3 9 13 | | Safe to let in | due+45:8
live | | Shop goes live before the paperwork is complete, with a limit | Contracts | 8 | 13 4 3 | session | First payment on day one
esign | | Sign the contract on a phone | Contracts | 5 | 8 3 1 | | First payment on day one
pdfgen | debt | Stop pasting contracts together by hand | Contracts | 5 | 2 4 5 | | | debt:8:2
catalog | | Import products from the old shop | Import | 8 | 6 2 1
progress | | See what is missing, and how long it takes | Sign-up | 3 | 8 3 1 | session | First payment on day one
weekend | | Offer weekend payouts at sign-up | Contracts | 3 | 7 3 1 | PAY:weekend
owners | | Name the people who own the company | Identity | 5 | 6 4 6 | | Safe to let in
register | enabler | Read company data from the register | Identity | 5 | 5 3 4
prefill | | Fill in the company from its register number | Sign-up | 3 | 8 2 1 | register | First payment on day one
rescreen | infrastructure | Screen again when a list changes | Identity | 5 | 2 4 9 | sanction
mail | bug | The confirmation mail lands in spam at two providers | Sign-up | 2 | 6 4 1
lang | | Sign up in Polish and Portuguese | Sign-up | 3 | 5 2 1
help | | Ask a person without leaving the form | Sign-up | 5 | 5 2 1
fraudring | spike | Can we see sign-ups that belong together? | Identity | 3 | 2 3 7
retention | security | Forget abandoned sign-ups after 30 days | Sign-up | 2 | 1 6 7
e2e | test_architecture | One journey from sign-up to first payment, each night | Sign-up | 5 | 2 3 8
fake | test_architecture | A pretend identity provider for tests | Identity | 3 | 1 3 6 | provider
price | | Show the price before asking for data | Contracts | 2 | 7 2 1
change | | Change the legal form later on | Contracts | 5 | 3 2 1
users | | Invite colleagues with their roles | Sign-up | 3 | 6 2 2
sso | | Sign in with the company's account | Sign-up | 8 | 4 1 3
csvimp | | Import customers from a file | Import | 5 | 4 1 1
imaps | enabler | A mapping that people can correct | Import | 5 | 3 1 2 | catalog
undo | | Take an import back | Import | 3 | 4 1 3 | imaps
reject | | Say plainly why a shop was not accepted | Identity | 2 | 5 3 2
appeal | | Ask to look at a rejection again | Identity | 3 | 3 2 2 | reject
docs | debt | One place for uploaded documents | Identity | 5 | 1 3 5 | | | debt:5:1
queue | | Reviewers take the oldest case first | Identity | 3 | 4 3 3
four | security | A second look at high-risk shops | Identity | 3 | 2 4 9 | | Safe to let in
partner | | Partners sign up shops for others | Sign-up | 8 | 5 1 1
terms | | Accept new terms without a call | Contracts | 3 | 4 3 2
archive | infrastructure | Keep signed contracts for ten years | Contracts | 3 | 1 3 6
metrics | enabler | Measure where people give up | Sign-up | 3 | 4 3 3 | session
tour | | Take a test payment as the first step | Sign-up | 3 | 7 2 1 | | First payment on day one
"""
    ),
)

PRODUCTS = (PAYMENTS, LEDGER, ONBOARDING)
