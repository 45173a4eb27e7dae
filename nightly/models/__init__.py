"""Rows of the night."""

from nightly.models.nights import Night
from nightly.models.proposals import OrderingProposal, ProposalPolicy, ProposedMove

__all__ = ["Night", "OrderingProposal", "ProposalPolicy", "ProposedMove"]
