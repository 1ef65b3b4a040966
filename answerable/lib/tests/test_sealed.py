"""What is sealed is read again by whoever has the secret key, and by nobody else."""

import pytest
from django.conf import LazySettings

from answerable.lib.sealed import Unreadable, seal, unseal


def test_it_is_read_again_and_not_by_looking() -> None:
    stored = seal("GEZDGNBVGY3TQOJQ")
    assert "GEZDGNBVGY3TQOJQ" not in stored
    assert stored != seal("GEZDGNBVGY3TQOJQ")
    assert unseal(stored) == "GEZDGNBVGY3TQOJQ"
    assert unseal("from before") == "from before"


def test_another_key_reads_it_only_as_long_as_the_old_one_is_named(settings: LazySettings) -> None:
    stored, old = seal("x"), settings.SECRET_KEY
    settings.SECRET_KEY = "another" * 8
    with pytest.raises(Unreadable):
        unseal(stored)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(stored) == "x"
