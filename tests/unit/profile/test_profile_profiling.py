"""The whole profile on real rows: planted repeats, leaks and addresses are counted, and what cannot be said is null."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tuningfork.api import Task
from tuningfork.guide.from_rows import documented
from tuningfork.models.store import ModelStore
from tuningfork.profile import profiling
from tuningfork.profile.figures import Profile
from tuningfork.profile.profiling import open_profile_encoder, profile_rows, setting_of
from tuningfork.task.schema import TaskSpec
from tuningfork.task.unsplit import read_unsplit


def read(path: Path, most: int) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)][:most]


def write(path: Path, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


@pytest.fixture(scope="module")
def files(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """300 film reviews of which 9 stand there twice and one holds an address; 100 further ones, 4 of them leaked, and
    150 tweets."""
    folder = tmp_path_factory.mktemp("rows")
    films = list(dict(read(shared_data / "sst2" / "train.csv", 420)).items())
    data = [*films[:290], *films[:9], ("please answer to jane.doe@example.com at once", films[0][1])]
    return {
        "data": write(folder / "films.csv", data),
        "test": write(folder / "more.csv", [*films[290:386], *films[10:14]]),
        "shifted": write(folder / "tweets.csv", read(shared_data / "tweet_emotion" / "train.csv", 150)),
    }


@pytest.fixture(scope="module")
def profile(files: dict[str, Path]) -> Profile:
    steps: list[str] = []
    found = Task(TaskSpec(**files)).profile(steps.append)
    assert "embeddings of films.csv" in steps
    assert "shift between films.csv and tweets.csv" in steps
    return found


def test_what_was_planted_is_counted(profile: Profile) -> None:
    assert profile.data.rows == 300
    assert profile.data.duplicates.exact == 9
    assert {found.kind: found.rows for found in profile.data.personal} == {"e-mail address": 1}
    assert [(leak.role, leak.rows, leak.of) for leak in profile.leakage] == [("test", 4, 100), ("shifted", 0, 150)]
    assert profile.data.languages.shares[0][0] == "en"


def test_tweets_differ_from_films_and_films_do_not(profile: Profile) -> None:
    detected = {shift.role: shift.detected for shift in profile.shifts}
    assert detected == {"test": False, "shifted": True}
    document = documented(profile, TaskSpec(data=Path("films.csv")))
    assert document.answers["out_of_distribution"].answer == "yes"
    assert document.as_dict()["answers"]["out_of_distribution"]["confidence"] == "high"


def test_the_map_shows_every_compared_file(profile: Profile) -> None:
    assert profile.map is not None
    assert set(profile.map.roles) == {"data", "test", "shifted"}
    assert len(profile.map.points) == 550


def test_the_reader_is_told_what_to_mind(profile: Profile) -> None:
    codes = {note.code for note in profile.notes}
    assert {"leaked_rows", "personal_data", "rows_differ", "guessed_columns"} <= codes
    assert "jane.doe" not in str(profile.notes)


def test_a_profile_is_a_function_of_rows_and_seed(files: dict[str, Path], profile: Profile) -> None:
    again = documented(Task(TaskSpec(**files)).profile(), TaskSpec(data=files["data"]))
    assert again == documented(profile, TaskSpec(data=files["data"]))


def test_without_an_encoder_the_rest_is_there(files: dict[str, Path]) -> None:
    found = profile_rows(read_unsplit(TaskSpec(**files)), None)
    assert (found.shifts, found.domains, found.map, found.suspicious, found.embedded_by) == ((), None, None, None, None)
    assert found.leakage[0].rows == 4
    assert "no_encoder" in {note.code for note in found.notes}


def test_nothing_is_fetched_where_it_may_not_be(tmp_path: Path) -> None:
    assert open_profile_encoder(ModelStore(tmp_path), fetch=False) is None


def test_a_sample_is_announced(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, store: ModelStore) -> None:
    monkeypatch.setattr(profiling, "EMBEDDED_AT_MOST", 80)
    source = read_unsplit(TaskSpec(data=files["data"]))
    found = profile_rows(source, open_profile_encoder(store), most=120)
    messages = {note.code: note.message for note in found.notes}
    assert found.data.rows == 120
    assert found.map is not None
    assert len(found.map.points) == 80
    assert messages["profile_sample"].startswith("120 random rows of 300 in films.csv")
    assert "80 random rows of films.csv" in messages["embedded_sample"]


def test_the_setting_is_the_profiles_own(files: dict[str, Path], profile: Profile, store: ModelStore) -> None:
    """The short way for a guide says what the long one says."""
    setting = setting_of(read_unsplit(TaskSpec(**files)), open_profile_encoder(store))
    assert setting.languages == profile.data.languages
    assert setting.domains == profile.domains
    assert setting.shifts == profile.shifts


@pytest.mark.parametrize(
    "content",
    [
        "text\none\ntwo\n",
        "text,label\none,a\n",
        "text,label\none,a\none,a\n",
        "text,label\n1,2\n3,4\n5,6\n",
        "text\n🙂\n",
    ],
)
def test_tiny_files_have_a_profile_too(content: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    told = documented(Task(TaskSpec(data=path)).profile(), TaskSpec(data=path)).as_dict()
    assert told["rows"] == content.count("\n") - 1
    assert told["suspicious"] is None or told["suspicious"]["found"] == 0


def test_rows_in_memory_have_a_profile(store: ModelStore) -> None:
    found = Task.from_rows(["good film", "bad film", "good film"], ["a", "b", None]).profile()
    assert (found.data.rows, found.data.unlabelled, found.data.duplicates.exact) == (3, 1, 1)
