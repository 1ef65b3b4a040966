"""`answerable import`: the same import from the machine."""

from pathlib import Path

import pytest
from django.core.management import call_command

from answerable.audit.models import Record
from answerable.lib.errors import Refused
from answerable.people.models import Organization, Person
from tests.cast import Cast

ORGANIZATIONS = "name,domains\nAtelier Roche,roche.test\n"
PEOPLE = "email,organization\nmarie@roche.test,Atelier Roche\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    found = tmp_path / "organizations.csv", tmp_path / "people.csv"
    for path, text in zip(found, (ORGANIZATIONS, PEOPLE), strict=True):
        path.write_text(text)
    return str(found[0]), str(found[1])


def test_the_dry_run_changes_nothing_and_the_import_does_what_it_said(
    cast: Cast, files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_csv", files[0], "--people", files[1], "--dry-run")
    dry = capsys.readouterr().out
    assert "organizations row 2: create Atelier Roche (name: - -> Atelier Roche; " in dry
    assert "people: 1 create, 0 change, 0 same\nNothing was changed.\n" in dry
    assert not Organization.objects.filter(name="Atelier Roche").exists()
    call_command("import_csv", files[0], "--people", files[1])
    assert capsys.readouterr().out == dry.replace("Nothing was changed.", "Imported.")
    assert Person.objects.get(email="marie@roche.test").memberships.get().organization.name == "Atelier Roche"
    assert Record.objects.get(verb="import").actor_label == "answerable import"
    call_command("import_csv", files[0], "--people", files[1])
    again = "organizations: 0 create, 0 change, 1 same\npeople: 0 create, 0 change, 1 same\nNothing was changed.\n"
    assert capsys.readouterr().out == again


def test_people_alone_may_be_imported(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("email,organization\nnia@norrland.test,norrland energi\n")
    call_command("import_csv", "--people", str(path))
    assert Person.objects.get(email="nia@norrland.test").memberships.get().organization == cast.org


def test_a_guessed_encoding_is_told(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "organizations.csv"
    path.write_bytes("name\nRöche\n".encode("latin-1"))
    call_command("import_csv", str(path), "--dry-run")
    told = capsys.readouterr()
    assert "create Röche" in told.out
    assert f"{path}: not in UTF-8, so it is read as Windows-1252" in told.err


def test_mistakes_are_told_line_by_line_and_nothing_is_done(
    cast: Cast, files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(files[0]).write_text("name,domains\nAtelier Roche,gmail.com\nGood one,\n")
    with pytest.raises(SystemExit) as stopped:
        call_command("import_csv", files[0])
    assert stopped.value.code == 1
    told = capsys.readouterr().err
    assert f"{files[0]}:2:domains: expected a domain that is the organization's alone, got gmail.com\n" in told
    assert not Organization.objects.filter(name="Good one").exists()


def test_a_file_that_is_not_there_is_said(db: None, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot read"):
        call_command("import_csv", str(tmp_path / "none.csv"))
    with pytest.raises(Refused, match="Name a file"):
        call_command("import_csv")
