"""Settings of the vendor that a page owns: each a part of Vendor.settings, under the lock of its one row."""

from typing import Any

from answerable.lib.fresh import forget_all
from answerable.people.models import Vendor


def locked_setting(name: str) -> Any:
    """What it says now, which stays so until the caller's transaction ends; None: nothing is applied yet."""
    row = Vendor.objects.select_for_update().filter(pk=1).first()
    return row.settings.get(name) if row else None


def keep_setting(name: str, value: Any) -> None:
    """Say this. The caller has it locked."""
    row = Vendor.objects.get(pk=1)
    row.settings = {**row.settings, name: value}
    row.save(update_fields=["settings"])
    forget_all()
