"""What is done to one page of a run: read, cleaned, written or made ready to be replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from captionfix.archives import atomic, files
from captionfix.archives.choosing import foreign, settings_for
from captionfix.archives.kinds import refusal
from captionfix.archives.site import PackedSite, Site, open_packed, open_site
from captionfix.beside import Declared
from captionfix.errors import EncodingError, PageError, PictureError, SettingsError
from captionfix.exhibits import Exhibit, Thumbnail, exhibits
from captionfix.model import Edit, Finding
from captionfix.pictures.image_loader import PageImages
from captionfix.pipeline import Cleaned, clean_page
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.archives import inplace, whole


class Carried(Enum):
    """What outcomes carry besides findings: nothing, the pages themselves, or what is shown of each finding."""

    NOTHING = "nothing"
    PAGES = "pages"
    EXHIBITS = "exhibits"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run besides its settings.

    Attributes:
        carried: what outcomes carry besides findings.
        seen: the SHA-256 of each page that somebody looked at, in hexadecimal, by the page's name: what is another page
            now is left as it is. None for no matter what.
    """

    carried: Carried = Carried.NOTHING
    seen: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    Attributes:
        locator: the file, as the user named it.
        findings: what was found; None for what is no page and for what could not be read.
        changed: whether cleaning changes the page.
        error: what went wrong, if anything.
        left: what it is, if it is no page and was left alone.
        notes: what the user should know even so, such as a cache that cannot be used.
        bad_pictures: images that rules asked about and that could not be looked at.
        pages: the page before and after, where they were asked for.
        digest: the SHA-256 of a page as it was, in hexadecimal.
        exhibits: what is shown of each finding, where it was asked for.
        change: how to replace the page, where it is to be replaced.
        left_out: who left it out, if it was not read for that.
        is_done: whether a run that was stopped has done it already.
        is_end: whether it only says that all of a named path has been seen.
        within: where it stands, if it is a member of a container.
        cleaned: the new bytes of a member that changes, with what makes them of its old ones.
    """

    locator: str
    findings: tuple[Finding, ...] | None = None
    changed: bool = False
    error: PageError | None = None
    left: str = ""
    notes: tuple[str, ...] = ()
    bad_pictures: tuple[PictureError, ...] = ()
    pages: tuple[bytes, bytes] | None = None
    digest: str = ""
    exhibits: tuple[Exhibit, ...] = ()
    change: inplace.Change | whole.WholeChange | None = None
    left_out: str = ""
    is_done: bool = False
    is_end: bool = False
    within: Within | None = None
    cleaned: tuple[bytes, tuple[Edit, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """Where a member of a container stands.

    Attributes:
        container: the container, as the user named it.
        member: what the member is called there.
        offset: where it begins, in bytes; in rows, where the form has no bytes to count.
    """

    container: str
    member: str
    offset: int

    @property
    def locator(self) -> str:
        """The member's name in findings and errors."""
        return f"{self.container}!{self.member}"


@dataclass(frozen=True, slots=True)
class MemberTask:
    """A member of a container to work on.

    Attributes:
        within: where it stands.
        data: its bytes.
        kind: what it is.
        url: where it came from, if the container says so.
        encoding: its encoding, if the container says so.
        carried: whether its new bytes are to come back.
        beside: the container, where what stands beside the page in it can be read.
    """

    within: Within
    data: bytes
    kind: files.Kind
    url: str = ""
    encoding: str = ""
    carried: bool = False
    beside: str = ""


@dataclass(frozen=True, slots=True)
class PageTask:
    """A file to work on.

    Attributes:
        place: where it stands.
        target: where its cleaned copy goes, if anywhere.
        root: the folder it stands below, by its place in the journal, where it is to be replaced.
        number: its place in the run.
        is_left_out: whether it is only copied as it is.
    """

    place: files.InputFile
    target: str = ""
    root: int = 0
    number: int = 0
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What replacing pages where they are needs to know of its run.

    Attributes:
        run: its name.
        roots: the folders of its journal.
    """

    run: str
    roots: tuple[Path, ...]

    def aim(self, task: PageTask) -> inplace.Aim:
        """Return where a file's new bytes go."""
        root = self.roots[task.root]
        below = task.place.below or Path(task.place.named).resolve().name
        through = atomic.temporary(root / below, self.run, task.number)
        from captionfix.archives import inplace

        return inplace.Aim(str(task.place.path), task.root, root, PurePosixPath(Path(below).as_posix()), through)


_ANY = Request()


class Worker:
    """Does the work in one process; what is costly to make is made once, here.

    Args:
        settings: what to look for and how far to go.
        request: what is asked besides.
        rewrite: the run that replaces the pages, if one does; their new bytes are then written beside them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        request: Request = _ANY,
        rewrite: Rewrite | None = None,
    ) -> None:
        self._settings = settings
        self._request = request
        self._rewrite = rewrite
        self._site: tuple[str, Site] | None = None
        self._packed: tuple[str, PackedSite] | None = None

    def __call__(self, task: PageTask | MemberTask | Outcome) -> Outcome:
        """Return what becomes of a file or of a member; what is known already stays as it is."""
        if isinstance(task, Outcome):
            return task
        return self._member(task) if isinstance(task, MemberTask) else self._file(task)

    def _member(self, task: MemberTask) -> Outcome:
        locator = task.within.locator
        settings = _for_member(foreign(self._settings), task.url, task.encoding)
        images = self._packed_of(task.beside).member(task.within.member, task.url) if task.beside else None
        cleaned, error = self._cleaned(task.data, locator, task.kind, images, settings)
        if isinstance(error, EncodingError) and settings.encoding != self._settings.encoding:
            settings = replace(settings, encoding=self._settings.encoding)
            cleaned, error = self._cleaned(task.data, locator, task.kind, images, settings)
        outcome = replace(self._told(locator, cleaned, error), within=task.within)
        if cleaned is None or not cleaned.changed or not task.carried:
            return outcome
        return replace(outcome, cleaned=(cleaned.result, cleaned.edits))

    def _packed_of(self, path: str) -> PackedSite:
        """What a container holds besides pages; containers come one after the other."""
        if self._packed is None or self._packed[0] != path:
            self._packed = path, open_packed(Path(path), self._settings)
        return self._packed[1]

    def _file(self, task: PageTask) -> Outcome:
        try:
            entry = files.look(task.place, text=self._settings.text, encoding=self._settings.encoding)
            if task.is_left_out:
                files.copy(entry, Path(task.target))
                return Outcome(str(entry.path))
            if not entry.is_page:
                return _left(entry, task)
            site = self._site_of(str(task.place.named))
            page_images = site.page(entry.path)
            if self._rewrite is not None:
                outcome = self._beside(entry, self._rewrite.aim(task), page_images)
            else:
                outcome = self._copied(entry, task.target, page_images)
        except PageError as error:
            return Outcome(str(task.place.path), error=error)
        except OSError as error:
            return Outcome(str(task.place.path), error=files.unusable(task.place.path, error))
        troubles = site.loader.take_troubles()
        return replace(outcome, notes=tuple(troubles)) if troubles else outcome

    def _site_of(self, named: str) -> Site:
        """The files below a named path: paths come one after the other, so that one site is open at a time."""
        if self._site is None or self._site[0] != named:
            self._site = named, open_site(Path(named), self._settings)
        return self._site[1]

    def _settings_for(self, path: Path) -> Settings:
        return settings_for(path, self._settings)

    def page(self, raw: bytes, name: str = "") -> Outcome:
        """Return what becomes of a page that came through a pipe.

        Args:
            raw: the page.
            name: the file that it would be, whose name, place and project then count.
        """
        if not name:
            settings = foreign(self._settings)
            return self._told("-", *self._cleaned(raw, "-", files.Kind.STREAM, settings=settings))
        path = Path(name)
        kind = files.kind_of(path.name, files.sniffed(raw), text=self._settings.text, named=True)
        kind = files.Kind.STREAM if kind is files.Kind.OTHER else kind
        page_images = self._site_of(name).page(path)
        return self._told(name, *self._cleaned(raw, name, kind, page_images, self._settings_for(path)), page_images)

    def _copied(self, entry: files.Entry, target: str, page_images: PageImages | None) -> Outcome:
        raw = files.read(entry.path)
        cleaned, error = self._cleaned(raw, str(entry.path), entry.kind, page_images, self._settings_for(entry.path))
        if target:
            files.write(Path(target), cleaned.result if cleaned is not None else raw, entry.path)
        return self._told(str(entry.path), cleaned, error, page_images)

    def _beside(self, entry: files.Entry, aim: inplace.Aim, page_images: PageImages | None) -> Outcome:
        from captionfix.archives import inplace

        reading = inplace.read(aim.path, aim.locator)
        settings = self._settings_for(entry.path)
        cleaned, error = self._cleaned(reading.data, aim.locator, entry.kind, page_images, settings)
        outcome = self._told(aim.locator, cleaned, error)
        if cleaned is None or not cleaned.changed:
            return outcome
        return replace(outcome, change=inplace.begin(aim, reading, cleaned.edits))

    def _cleaned(
        self,
        raw: bytes,
        locator: str,
        kind: files.Kind,
        page_images: PageImages | None = None,
        settings: Settings | None = None,
    ) -> tuple[Cleaned | None, PageError | None]:
        settings = settings or self._settings
        seen = self._request.seen
        if seen is not None and seen.get(locator, "") != sha256(raw).hexdigest():
            cause = "changed since it was looked at" if locator in seen else _UNSEEN
            return None, PageError(locator, cause, "it was left as it is; check it again")
        if kind is files.Kind.STREAM:
            kind = files.kind_of_stream(raw, settings.encoding)
        text, xml = kind is files.Kind.TEXT, kind is files.Kind.XHTML
        try:
            return clean_page(raw, settings, locator=locator, text=text, xml=xml, page_images=page_images), None
        except PageError as error:
            return None, error
        except (MemoryError, RecursionError) as error:
            cause = f"needs more than this machine gives a process ({type(error).__name__})"
            return None, PageError(locator, cause, "it was left as it is; clean it on its own or leave it out")
        except Exception as error:  # noqa: BLE001 a fault of ours on one page must not stop the others
            cause = f"captionfix is at fault: {type(error).__name__}: {error}"
            return None, PageError(locator, cause, "it was left as it is; please report it together with the page")

    def _told(
        self,
        locator: str,
        cleaned: Cleaned | None,
        error: PageError | None,
        page_images: PageImages | None = None,
    ) -> Outcome:
        if cleaned is None:
            return Outcome(locator, error=error)
        pages = (cleaned.raw, cleaned.result) if self._request.carried is Carried.PAGES else None
        outcome = Outcome(
            locator,
            cleaned.findings,
            cleaned.changed,
            error,
            pages=pages,
            bad_pictures=cleaned.bad_pictures,
            digest=sha256(cleaned.raw).hexdigest(),
        )
        if self._request.carried is not Carried.EXHIBITS or not cleaned.findings:
            return outcome
        shown = exhibits(cleaned.raw, cleaned.findings, self._settings, partial(_drawn, page_images))
        return replace(outcome, exhibits=shown)


def _drawn(page_images: PageImages | None, url: str) -> Thumbnail | None:
    """A small picture of what a URL of a page names, if its file is at hand."""
    from captionfix.pictures.decode import thumbnail

    try:
        image = page_images.image(url, Declared()) if page_images is not None else None
        return Thumbnail(*thumbnail(image.read(), _SIDE)) if image is not None else None
    except (OSError, PictureError, MemoryError):
        return None


_UNSEEN = "was not there when the others were looked at"
_SIDE = 192
"""Pixels of a small picture's longer side, some 7 KB."""


def _for_member(settings: Settings, url: str, encoding: str) -> Settings:
    """The settings for a member; what its container says of it may be anything."""
    if encoding:
        settings = replace(settings, encoding=encoding)
    try:
        return replace(settings, url=url or settings.url)
    except SettingsError:
        return settings


def _left(entry: files.Entry, task: PageTask) -> Outcome:
    """What becomes of a file that is no page: refused where the user named it, else left alone and copied."""
    locator = str(entry.path)
    if entry.kind is files.Kind.LEFT_OVER:
        return left_over(locator)
    if entry.format is not None and not task.place.below:
        return Outcome(locator, error=refusal(locator, entry.format))
    if task.target:
        files.copy(entry, Path(task.target))
    if entry.format is None:
        return Outcome(locator, left=_UNREAD[entry.kind])
    is_odd = files.is_called_page(entry.path.name)
    notes = (f"{locator}: is named like a page, but is {entry.format.name}; skipped",) if is_odd else ()
    return Outcome(locator, left=entry.format.name, notes=notes)


def left_over(locator: str) -> Outcome:
    """Return what is told of a temporary file that is left alone."""
    return Outcome(locator, notes=(f"{locator}: is a temporary file of a run that is not over, or was interrupted",))


_UNREAD = {files.Kind.LINK: "a link", files.Kind.SPECIAL: "a special file"}
