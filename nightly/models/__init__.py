"""Rows of the night."""

from nightly.models.digests import Digest
from nightly.models.nights import Night
from nightly.models.proposals import OrderingProposal, ProposalPolicy, ProposedMove
from nightly.models.reports import HealthReport

__all__ = ["Digest", "HealthReport", "Night", "OrderingProposal", "ProposalPolicy", "ProposedMove"]
