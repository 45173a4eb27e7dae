"""docs/planning.md says what the code says."""

from pathlib import Path

from planning import readiness

PAGE = Path(__file__).parents[2] / "docs" / "planning.md"


def test_every_rule_is_explained_in_its_own_words():
    lines = PAGE.read_text().splitlines()

    for rule, description in readiness.RULES.items():
        assert f"| `{rule}` | {description} |" in lines
