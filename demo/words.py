"""What people wrote in the demo: criteria, descriptions, questions, comments, reasons."""

CRITERIA = {
    "story": (
        "It works for a merchant with one shop and for one with two hundred.",
        "Where it cannot be done, the page says why and what to do instead.",
        "Support sees the same as the merchant.",
    ),
    "bug": ("The reported case no longer happens.", "A test covers it."),
    "spike": ("The question is answered in writing.", "The answer names what it costs to be wrong."),
    "technical": (
        "It runs in production behind a switch.",
        "Rolling back takes one step and was tried once.",
        "The technical owner has looked at it.",
    ),
}

DESCRIPTIONS = {
    "weekend": """A merchant who sells on Saturday waits until Tuesday for the money. With instant settlement
switched on, a payout requested at any hour reaches the bank within 10 seconds.

Banks outside the instant scheme keep the weekday window; the merchant is told *before* confirming.""",
    "split": """The state machine jumps from `created` to `captured`. We add `authorised` and `voided` between them,
and keep the old call for one release.

- [ ] events for both new states
- [ ] time-outs per acquirer
- [x] list of callers""",
    "idem": """A payout request that is sent twice pays twice. Clients send an `Idempotency-Key`; we keep the first
answer for 24 hours and give it again.""",
    "mapper": """The mapper writes 14 file variants by string concatenation. Each bank change costs three days, and two of
the last five incidents began here.""",
}
LEADS = {
    "weekend": "Shops that sell on Saturday have the money on Saturday.",
    "split": (
        "So that a shop can charge when the goods leave the warehouse, we separate “the bank said yes” from "
        "“take the money”. Today both happen in one step."
    ),
    "idem": "A payout that is asked for twice by mistake is paid once.",
}
STORY_LEAD = "{title}: part of “{goal}”."

QUESTIONS = {
    "PAY:contract": (("dev", "marek", "Does the ledger team run these tests too, or only we?", None),),
    "PAY:split": (
        ("lena", "marek", "Do we keep the old capture call alive for one release, or switch every shop at once?", None),
        ("priya", "marek", "How long may a reservation stay open before we release it?", None),
        ("ines", None, "Can the first step ship without partial capture?", None),
    ),
    "PAY:weekend": (
        (
            "ines",
            "marek",
            "Do seven-day windows need a new contract with the bank?",
            "Seven-day windows need no new bank contract. Two days of work fewer than we feared.",
        ),
    ),
    "PAY:cert": (
        ("yusuf", "noor", "Is the acquirer ready for the new chain?", "Yes, since last week, on both hosts."),
    ),
    "LED:partition": (("piet", "noor", "Do we partition the archive in the same step?", None),),
}

COMMENTS = {
    "PAY:weekend": (
        ("ines", "41 merchants asked for this in the last survey, most of them restaurants."),
        ("marek", "Needs the windows first. Without them we would pay out from our own money for two days."),
    ),
    "PAY:mapper": (("lena", "I lost Tuesday to the Spanish variant again."),),
    "PAY:idem": (("dev", "Keys are stored with a hash of the body, so a reused key with another amount is refused."),),
    "LED:double": (("alva", "The check found 3 old postings that do not balance; listed in the wiki."),),
}

MOVE_REASONS = (
    "Three merchants asked again this week",
    "Waits for the bank's answer",
    "Cheaper while the team is at it",
    "The board wants it before the fair",
    "Needs what stands above it",
    "Less urgent than we thought",
    "",
)

SPRINT_GOALS = {
    "Kestrel": "A merchant can request an instant payout and see it arrive",
    "Heron": "A refund can be followed from order to account",
    "Wren": "A day closes while payments go on",
    "Plover": "A sign-up survives a change of device",
    "Merlin": "Shops in Austria see what a payment costs before it is made",
    "Osprey": "Shops in Greece are paid on every bank holiday",
    "Dipper": "The Swiss books close on the first day of the month",
    "Siskin": "The Polish books can be checked by anyone",
    "Curlew": "A cooperative signs up without a call",
    "Avocet": "A freelancer takes the first payment within a day",
}
