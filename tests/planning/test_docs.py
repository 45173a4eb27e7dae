"""docs/planning.md says what the code says."""

from pathlib import Path

import planning
from planning import readiness

PAGE = Path(__file__).parents[2] / "docs" / "planning.md"


def test_every_rule_is_explained_in_its_own_words():
    lines = PAGE.read_text().splitlines()

    for rule, description in readiness.RULES.items():
        assert f"| `{rule}` | {description} |" in lines


def test_every_module_is_introduced():
    modules = {path.name for path in Path(planning.__file__).parent.glob("*.py")} - {"__init__.py"}

    assert {name for name in modules if f"| `{name}` |" not in PAGE.read_text()} == set()
