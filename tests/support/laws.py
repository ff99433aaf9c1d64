"""Laws that a test enters, and that go with it."""

import pytest

from scl_fem.case.interface import INTERFACE_LAWS
from scl_fem.physics.defects import DEFECT_LAWS
from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS


@pytest.fixture
def own_laws(monkeypatch):
    """Registries of laws to write into."""
    for laws in (DEFECT_LAWS, DIFFUSIVITY_LAWS, INTERFACE_LAWS):
        monkeypatch.setattr(laws, "_entries", dict(laws._entries))
