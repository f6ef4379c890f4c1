"""What a refusal must say, and beside which field."""

import pytest

from accounts.errors import Denied


def denied(field: str, match: str = "") -> pytest.RaisesExc[Denied]:
    return pytest.raises(Denied, match=match or None, check=lambda error: error.field == field)
