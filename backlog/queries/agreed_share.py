"""Whether a measured share of debt keeps to what is agreed."""

from dataclasses import dataclass
from typing import Literal

# Percentage points: what is measured is never exactly what is agreed, and one item is a few of them.
TOLERANCE = 5

Verdict = Literal["under", "over", "kept", ""]
_ENDS = {"under": "less than", "over": "more than", "kept": "about"}


@dataclass(frozen=True)
class DebtVerdict:
    """One measured share beside the one agreed; both percent of points, None where there is none.

    word: empty unless there are both. sentence: empty with it.
    """

    agreed: int | None
    measured: int | None
    word: Verdict
    sentence: str


def debt_verdict(where: str, agreed: int | None, measured: int | None) -> DebtVerdict:
    """Judge one share. where: begins the sentence, such as "The order ahead has"."""
    word = compared(agreed, measured)
    sentence = f"{where} {measured} % debt: {_ENDS[word]} the {agreed} % that are agreed." if word else ""
    return DebtVerdict(agreed, measured, word, sentence)


def compared(agreed: int | None, measured: int | None) -> Verdict:
    if agreed is None or measured is None:
        return ""
    if measured < agreed - TOLERANCE:
        return "under"
    return "over" if measured > agreed + TOLERANCE else "kept"
