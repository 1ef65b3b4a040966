"""Where the cluster and its socket go. Pure: nothing is started."""

from pathlib import Path

import pytest

from answerable.ops import places


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As root, with the shared folder somewhere harmless."""
    monkeypatch.setattr(places, "as_root", lambda: True)
    monkeypatch.setattr(places, "SHARED", tmp_path / "shared")
    return tmp_path


def no_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "closed_at", lambda _folder: None)


def test_everything_is_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places, "as_root", lambda: False)
    data = Path("/srv/answerable")
    assert places.cluster_folder(data) == data / "postgres"
    assert places.socket_folder(data) == data / "run"


def test_a_deep_data_folder_gets_its_socket_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "as_root", lambda: False)
    longest = Path("/srv") / ("x" * (places.LONGEST_SOCKET - len("/srv//run/.s.PGSQL.5432")))
    assert places.socket_folder(longest) == longest / "run"
    deep = longest.with_name(longest.name + "x")
    assert places.socket_folder(deep).parent == Path("/tmp")
    assert places.socket_folder(deep) != places.socket_folder(deep / "other")
    assert places.cluster_folder(deep) == deep / "postgres"


def test_the_limit_counts_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "as_root", lambda: False)
    assert places.socket_folder(Path("/srv") / ("ä" * 60)).parent == Path("/tmp")


def test_root_uses_the_data_folder_if_the_way_is_open(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_walls(monkeypatch)
    assert places.cluster_folder(root / "var") == root / "var" / "postgres"


def test_root_behind_a_wall_uses_the_shared_folder(root: Path) -> None:
    walled = root / "walled"
    walled.mkdir(mode=0o700)
    cluster = places.cluster_folder(walled / "var")
    assert cluster.is_relative_to(places.SHARED)
    assert places.socket_folder(walled / "var") == cluster.parent / "run"
    assert cluster != places.cluster_folder(walled / "other")


def test_once_made_it_stays_where_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "var" / "postgres").mkdir(parents=True)
    (root / "var").chmod(0o700)
    assert places.cluster_folder(root / "var") == root / "var" / "postgres"
    (root / "elsewhere").mkdir()
    (root / "linked").mkdir()
    (root / "linked" / "postgres").symlink_to(root / "elsewhere")
    no_walls(monkeypatch)
    assert places.cluster_folder(root / "linked") == root / "elsewhere"


def test_the_first_wall_is_named(open_folder: Path) -> None:
    (open_folder / "a" / "b").mkdir(parents=True)
    deep = open_folder / "a" / "b" / "not" / "there"
    assert places.closed_at(deep) is None
    (open_folder / "a" / "b").chmod(0o700)
    (open_folder / "a").chmod(0o750)
    assert places.closed_at(deep) == open_folder / "a"


def test_a_new_data_folder_is_ours_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for root, mode in ((False, 0o700), (True, 0o711)):
        monkeypatch.setattr(places, "as_root", lambda root=root: root)
        places.make_data_folder(tmp_path / str(root) / "var")
        assert (tmp_path / str(root) / "var").stat().st_mode & 0o777 == mode
    before = (tmp_path / "False").stat().st_mode
    places.make_data_folder(tmp_path / "False")
    assert (tmp_path / "False").stat().st_mode == before, "what is there already is the operator's"
