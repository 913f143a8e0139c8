"""Prove the installers where there is no network: in a clean, minimal Debian, from nothing to nothing.

``python3 packaging/smoke.py [--package FILE.deb] [--archive FILE.run]`` as root, with debootstrap and Xvfb at hand.
The clean system is fetched once, from the mirror that this machine's apt uses; after that nothing has a network.
Each step says its time; the first that fails ends it with the reason and exit status 1.

The package is installed by root, the archive by an ordinary person whose home is read-only but for the folder of the
program and the folder of the workspace. In both, the demo is taken to signed packages that verify, the window is opened
on a virtual display until it has painted, the program is removed, and nothing of it may be left.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "smoke"
PERSON = 1000  # user and group of the ordinary person
HOME = "/home/branch"
PAINT_LIMIT = 180.0  # seconds
DEMO_LIMIT = 3600.0
# Where Debian's own tools keep what they know and did; all else must be as it was.
KEEPERS = ("/var/lib/dpkg/", "/var/log/", "/var/cache/", "/var/lib/apt/", "/etc/ld.so.cache", "/usr/share/mime/")
WORKSPACES = f"{HOME}/.local/share/caseworth/"
DEMO = f"{WORKSPACES}demo"
PACKAGES = f"{DEMO}/packages"
MOUNTS = "mount -t proc proc $R/proc && mount -t tmpfs -o mode=1777 shm $R/dev/shm"
DOOR = "/tmp/.X11-unix"  # noqa: S108 (where X servers put their sockets)


class Failed(Exception):
    """A step did not do what it should; the message is the reason."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", type=Path, help="the .deb (default: the one in dist)")
    parser.add_argument("--archive", type=Path, help="the .run (default: the one in dist)")
    parser.add_argument("--pictures", type=Path, help="keep pictures of the painted windows in this folder")
    parser.add_argument("--only", choices=("package", "archive"), help="prove one of the two")
    given = parser.parse_args()
    if os.geteuid() != 0:
        print("smoke: this makes a system of its own in a folder, and needs root for it.", file=sys.stderr)
        return 3
    steps = Steps()
    try:
        package = (given.package or only_file("*.deb")).resolve()
        archive = (given.archive or only_file("*.run")).resolve()
        base = steps("a clean system with what the package depends on", lambda: clean_system(package))
        for name, prove, file in (("package", prove_package, package), ("archive", prove_archive, archive)):
            if given.only in (None, name):
                with system_copy(base, name) as root:
                    prove(steps, root, file, given.pictures)
    except (Failed, OSError, subprocess.SubprocessError) as failed:
        print(f"smoke: failed after {steps.elapsed():.1f} s: {failed}", file=sys.stderr)
        return 1
    print(f"smoke: all stands, {steps.elapsed():.1f} s")
    return 0


class Steps:
    """Runs steps and says how long each took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the first."""
        return time.monotonic() - self._began

    def __call__(self, what: str, step: Callable[[], object]) -> object:
        began = time.monotonic()
        found = step()
        told = f": {found}" if isinstance(found, str) else ""
        print(f"{time.monotonic() - began:8.1f} s  {what}{told}", flush=True)
        return found


def only_file(pattern: str) -> Path:
    """The newest installer in ``dist``."""
    found = sorted((ROOT / "dist").glob(pattern), key=lambda file: file.stat().st_mtime)
    if not found:
        raise Failed(f"there is no {pattern} in dist: run `make installer` first")
    return found[-1]


# -- the clean system


def clean_system(package: Path) -> Path:
    """A minimal Debian with what the package depends on; made once for each list of it."""
    depends = said("dpkg-deb", "--field", package, "Depends").strip()
    codename = said("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME").strip()
    base = BUILD / f"{codename}-{hashlib.sha256(f'fontconfig, {depends}'.encode()).hexdigest()[:12]}"
    if (base / "ready").exists():
        return base
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir(parents=True)
    site = mirror(codename)
    apart = ["unshare", "--mount"]  # what is mounted while it is made goes with the process
    run(*apart, "debootstrap", "--variant=minbase", codename, base / "root", site)
    names = [part.split(" (")[0].strip() for part in depends.split(",")]
    names.append(
        "fontconfig"
    )  # as every desktop has: the system's list of fonts, else each program makes a person's own
    apt = "apt-get update -qq && apt-get install -y -qq --no-install-recommends"
    run(*apart, "chroot", base / "root", "sh", "-c", f"{apt} {' '.join(names)} && apt-get clean")
    run("chroot", base / "root", "useradd", "--uid", str(PERSON), "--create-home", "--home-dir", HOME, "branch")
    (base / "ready").touch()
    return base


def mirror(codename: str) -> str:
    """The address that this machine's apt takes the release from."""
    format_ = "--format=$(REPO_URI) $(RELEASE) $(COMPONENT)"
    for line in said("apt-get", "indextargets", format_, "Created-By: Packages").splitlines():
        site, release, component = line.split()
        if (release, component) == (codename, "main"):
            return site
    raise Failed(f"apt knows no mirror of {codename} here")


@contextlib.contextmanager
def system_copy(base: Path, name: str) -> Iterator[Path]:
    """The clean system to do anything to, gone afterwards."""
    root = BUILD / f"proof-{name}"
    shutil.rmtree(root, ignore_errors=True)
    run("cp", "-a", "--reflink=auto", base / "root", root)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def inside(
    root: Path, command: Sequence[str], *, person: bool = False, mounts: str = "", env: dict[str, str] | None = None
) -> list[str]:
    """The command line that runs ``command`` in the system: no network, processes and mounts of its own."""
    who = f"--userspec={PERSON}:{PERSON}" if person else "--userspec=0:0"
    home = HOME if person else "/root"
    own = {"HOME": home, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **(env or {})}
    settings = [f"{name}={value}" for name, value in own.items()]
    script = f'R="$1"; shift; {MOUNTS} && {mounts or "true"} && exec chroot {who} "$R" env -i "$@"'
    spaces = ["unshare", "--net", "--mount", "--pid", "--ipc", "--fork", "--kill-child"]
    return [*spaces, "sh", "-c", script, "sh", str(root), *settings, *command]


def said(*command: object) -> str:
    """What a command prints; raises ``Failed`` with its complaint."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        complaint = (done.stderr.strip() or done.stdout.strip() or "it says nothing")[-1500:]
        raise Failed(f"`{' '.join(map(str, command[-4:]))}` ended with {done.returncode}: {complaint}")
    return done.stdout


def run(*command: object) -> None:
    said(*command)


# -- the proofs


def prove_package(steps: Steps, root: Path, package: Path, pictures: Path | None) -> None:
    """Install as root, work as a person, purge as root."""
    print(f"The package {package.name}")
    shutil.copyfile(package, root / "opt" / "caseworth.deb")
    (root / DOOR[1:]).mkdir(exist_ok=True)
    before = listing(root)
    steps("there is no network", lambda: no_network(root))
    steps("install", lambda: run(*inside(root, ["dpkg", "--install", "/opt/caseworth.deb"])))
    steps("installed size", lambda: f"{installed_bytes(root, before) / 1e6:.0f} MB")
    work(steps, Desk(root, "caseworth", pictures, "package"))
    steps("remove", lambda: run(*inside(root, ["dpkg", "--purge", "caseworth"])))
    steps("nothing is left but the person's workspace", lambda: nothing_left(root, before))


def prove_archive(steps: Steps, root: Path, archive: Path, pictures: Path | None) -> None:
    """Install, work and remove as a person whose home cannot be written but for two folders."""
    print(f"The archive {archive.name}")
    shutil.copyfile(archive, root / "opt" / "caseworth.run")
    (root / DOOR[1:]).mkdir(exist_ok=True)
    for folder in ("programs", ".local", ".local/share", ".local/share/caseworth"):
        (root / HOME[1:] / folder).mkdir()
        os.chown(root / HOME[1:] / folder, PERSON, PERSON)
    before = listing(root)
    opened = [f"$R{HOME}{folder}" for folder in ("", "/programs", "/.local/share/caseworth")]
    sealed = " && ".join([*(f"mount --bind {each} {each}" for each in opened), f"mount -o remount,bind,ro {opened[0]}"])
    desk = Desk(root, f"{HOME}/programs/bin/caseworth", pictures, "archive", sealed)
    prefix = ["--prefix", f"{HOME}/programs"]
    steps("there is no network", lambda: no_network(root))
    steps("the home is read-only", lambda: desk.refuses(["touch", f"{HOME}/anything"]))
    steps("the archive is whole", lambda: desk.run(["sh", "/opt/caseworth.run", "--check"]))
    steps("install", lambda: desk.run(["sh", "/opt/caseworth.run", *prefix]))
    steps("installed size", lambda: f"{installed_bytes(root, before) / 1e6:.0f} MB")
    work(steps, desk)
    steps("remove", lambda: desk.run([f"{HOME}/programs/lib/caseworth/uninstall"]))
    steps("nothing is left but the person's workspace", lambda: nothing_left(root, before))


class Desk:
    """The installed program, run by the ordinary person."""

    def __init__(self, root: Path, program: str, pictures: Path | None, name: str, mounts: str = "") -> None:
        self.root, self.program, self.name, self.pictures, self._mounts = root, program, name, pictures, mounts

    def command(self, words: Sequence[str], env: dict[str, str] | None = None, *, door: bool = False) -> list[str]:
        """The command line; ``door`` lets the display of this machine be seen from inside."""
        mounts = [self._mounts, f"mount --bind {DOOR} $R{DOOR}" if door else ""]
        return inside(self.root, words, person=True, mounts=" && ".join(filter(None, mounts)), env=env)

    def run(self, words: Sequence[str]) -> None:
        run(*self.command(words))

    def said(self, *words: str) -> str:
        return said(*self.command([self.program, *words]))

    def refuses(self, words: Sequence[str]) -> None:
        """Raises ``Failed`` where the command works, though it should not."""
        with contextlib.suppress(Failed):
            self.run(words)
            raise OSError(f"`{' '.join(words)}` works, though it should not")


def work(steps: Steps, desk: Desk) -> None:
    """What a person does: look whether all is there, the demo, a package verified, the window."""
    steps("version", lambda: desk.said("--version").strip())
    steps("doctor", lambda: healthy(desk))
    steps("demo to signed packages", lambda: demo(desk))
    steps("a package verified without the workspace", lambda: verified(desk))
    steps("a package with one byte changed is refused", lambda: altered(desk))
    steps("the window paints", lambda: paints(desk))


def healthy(desk: Desk) -> str:
    """What ``doctor`` finds; raises ``Failed`` with what is lacking."""
    checks = json.loads(desk.said("--json", "doctor"))["checks"]
    lacking = [f"{check['name']}: {check['detail']}" for check in checks if not check["ok"]]
    if lacking:
        raise Failed("; ".join(lacking))
    return f"{len(checks)} checks are good"


def demo(desk: Desk) -> str:
    """Run the demo without a display; every package must be valid, and sentences of the model among the drafts."""
    done = subprocess.run(
        desk.command([desk.program, "--json", "demo", "--headless"]),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEMO_LIMIT,
    )
    if done.returncode:
        raise Failed(f"the demo ended with {done.returncode}: {done.stderr[-1500:]}")
    found = json.loads(done.stdout)
    if not found["packages"] or not all(each["valid"] for each in found["packages"]):
        raise Failed(f"packages do not verify: {found['packages']}")
    screens = list((desk.root / found["screens"][1:]).glob("*.png"))
    if not screens:
        raise Failed("no screen was rendered")
    keep(desk, screens)
    drafts = [line for line in done.stderr.splitlines() if " by the model" in line]
    if not any(" 0 by the model" not in line for line in drafts):
        raise Failed(f"the model worded nothing: {drafts}")
    return f"{len(found['packages'])} packages valid, {len(screens)} screens rendered, {len(drafts)} reports drafted"


def keep(desk: Desk, screens: Sequence[Path]) -> None:
    if desk.pictures is not None:
        desk.pictures.mkdir(parents=True, exist_ok=True)
        for screen in screens:
            shutil.copyfile(screen, desk.pictures / f"{desk.name}-{screen.name}")


def verified(desk: Desk) -> None:
    desk.said("verify", f"{PACKAGES}/good.cwz", "--trust", f"{PACKAGES}/signer.pem")


def altered(desk: Desk) -> None:
    """One byte in the middle of a package flipped: it must not verify."""
    package = desk.root / PACKAGES[1:] / "good.cwz"
    content = bytearray(package.read_bytes())
    content[len(content) // 2] ^= 1
    (desk.root / "opt" / "altered.cwz").write_bytes(content)
    desk.refuses([desk.program, "verify", "/opt/altered.cwz"])
    (desk.root / "opt" / "altered.cwz").unlink()


# -- the window


def paints(desk: Desk) -> str:
    """Open the window on a virtual display; returns after how long it stood there painted."""
    with virtual_display() as (display, frame):
        env = {"DISPLAY": display, "CASEWORTH_PASSPHRASE_FILE": f"{DEMO}/passphrase.txt"}
        words = [desk.program, "--workspace", f"{DEMO}/workspace", "desk"]
        began = time.monotonic()
        window = subprocess.Popen(
            desk.command(words, env, door=True), stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            while not painted(frame):
                if window.poll() is not None:
                    raise Failed(f"the window ended with {window.returncode}: {window.communicate()[1][-1500:]}")
                if time.monotonic() - began > PAINT_LIMIT:
                    raise Failed(f"nothing was painted within {PAINT_LIMIT:.0f} s")
                time.sleep(0.05)
            seconds = time.monotonic() - began
            time.sleep(5)
            if desk.pictures is not None:
                write_png(frame, desk.pictures / f"{desk.name}-window.png")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(window.pid, signal.SIGKILL)
            window.communicate()
            for left in (desk.root / "tmp").glob("caseworth-*"):
                left.unlink()  # the door of this window, which it removes itself when it is closed and not killed
    return f"{seconds:.1f} s to the first paint"


@contextlib.contextmanager
def virtual_display() -> Iterator[tuple[str, Path]]:
    """An X server with its name, whose picture is a file."""
    ours, theirs = os.pipe()
    words = ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-ac"]
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [*words, "-fbdir", folder], pass_fds=[theirs], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(theirs)
        try:
            number = os.read(ours, 16).decode().strip()
            if not number:
                raise Failed("Xvfb did not start")
            yield f":{number}", Path(folder) / "Xvfb_screen0"
        finally:
            os.close(ours)
            server.terminate()
            server.wait()


def picture(frame: Path) -> tuple[int, int, bytes]:
    """Width, height and BGRX pixels of an X server's picture in the XWD form."""
    content = frame.read_bytes()
    header = struct.unpack_from(">25I", content)
    size, width, height, line, entries = header[0], header[4], header[5], header[12], header[19]
    begin = size + entries * 12
    rows = (content[begin + y * line : begin + y * line + width * 4] for y in range(height))
    return width, height, b"".join(rows)


def painted(frame: Path) -> bool:
    """Whether a window stands there with its contents: over half of the picture, in more than a few colours."""
    width, height, pixels = picture(frame)
    seen = [pixels[at : at + 3] for at in range(0, width * height * 4, 4 * 37)]
    return seen.count(b"\0\0\0") * 2 < len(seen) and len(set(seen)) >= 8


def write_png(frame: Path, out: Path) -> None:
    """The picture as PNG."""
    width, height, pixels = picture(frame)
    rows = []
    for y in range(height):
        row = pixels[y * width * 4 : (y + 1) * width * 4]
        turned = bytearray(width * 3)
        turned[0::3], turned[1::3], turned[2::3] = row[2::4], row[1::4], row[0::4]
        rows.append(b"\0" + bytes(turned))
    chunks = [
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(rows))),
        (b"IEND", b""),
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks)
    )


# -- what was there before and is there after


def no_network(root: Path) -> None:
    """Raises ``Failed`` where the system sees more than its own loopback."""
    lines = said(*inside(root, ["cat", "/proc/net/dev"])).splitlines()[2:]
    found = [line.split(":")[0].strip() for line in lines]
    if found != ["lo"]:
        raise Failed(f"the system still has network devices: {', '.join(found)}")


def listing(root: Path) -> dict[str, int]:
    """Every file, link and folder of the system with its size, but what Debian's tools keep."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            place = f"/{path.relative_to(root)}" + ("/" if name in folders and not path.is_symlink() else "")
            if not place.startswith((*KEEPERS, "/proc/", "/sys/", "/dev/", "/run/")):
                found[place] = path.lstat().st_size if not place.endswith("/") else 0
    return found


def installed_bytes(root: Path, before: dict[str, int]) -> int:
    """Bytes of the files that were not there before."""
    return sum(size for place, size in listing(root).items() if place not in before)


def nothing_left(root: Path, before: dict[str, int]) -> None:
    """Raises ``Failed`` with the first places that are new, changed or gone; the workspaces are the person's."""
    after = listing(root)
    wrong = sorted(place for place in after.keys() | before.keys() if after.get(place) != before.get(place))
    wrong = [place for place in wrong if not place.startswith(WORKSPACES) and not WORKSPACES.startswith(place)]
    if wrong:
        raise Failed(f"{len(wrong)} places are not as they were before: {', '.join(wrong[:12])}")


if __name__ == "__main__":
    sys.exit(main())
