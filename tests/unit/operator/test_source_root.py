"""The folder ``operator`` is a source root and must never become a package."""

import operator
from pathlib import Path


def test_the_standard_library_s_operator_is_not_shadowed():
    root = Path(__file__).resolve().parents[3] / "operator"
    assert root.is_dir()
    assert not (root / "__init__.py").exists()
    assert root not in Path(operator.__file__).parents
