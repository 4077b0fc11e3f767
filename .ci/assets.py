"""Build studyhub/static from requirements/web, or check that the committed files fit.

    python .ci/assets.py             install, build style sheet and kit, write the manifest
    python .ci/assets.py --manifest  only write the manifest, after a change to our own files
    python .ci/assets.py --check     build into build/ and compare byte for byte

Only studyhub.css, govuk-frontend.min.js and tus.min.js are built. Our own scripts and pictures live in
studyhub/static as they are; the manifest counts them all.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "requirements" / "web"
STATIC = ROOT / "studyhub" / "static"
MANIFEST = "manifest.json"
BUILT = ("studyhub.css", "govuk-frontend.min.js", "tus.min.js")
LICENCE = "(MIT): licences/govuk-frontend.txt"
SENDER_LICENCE = "(MIT) and what it carries: licences/tus-js-client.txt"


def main() -> int:
    """Do what the one argument says; 1 means the committed files are not what comes out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--manifest", action="store_true")
    asked = parser.parse_args()
    if asked.manifest:
        write_manifest(STATIC)
        return 0
    if asked.check:
        return check()
    install()
    build(STATIC)
    write_manifest(STATIC)
    return 0


def install() -> None:
    """Exactly what the lock says, without running any package's scripts."""
    run("npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit")


def build(target: Path) -> None:
    """Write the built files into ``target``."""
    kit = SOURCE / "node_modules" / "govuk-frontend"
    version = json.loads((kit / "package.json").read_text())["version"]
    named = f"GOV.UK Frontend {version} {LICENCE}"
    package = SOURCE / "node_modules" / "sass" / "package.json"
    sass_version = json.loads(package.read_text())["version"]
    sass = (
        "--load-path=node_modules",
        "--style=compressed",
        "--no-source-map",
        f"--fatal-deprecation={sass_version}",
    )
    css = run("node", "node_modules/sass/sass.js", *sass, "--no-charset", "brand.scss")
    (target / BUILT[0]).write_text(f"/* StudyHub, with parts of {named} */\n{css.strip()}\n")
    script = (kit / "dist" / "govuk" / BUILT[1]).read_text()
    # Its map is not shipped, so the line that names it would only give a 404.
    code = script.split("//# sourceMappingURL=")[0].strip()
    (target / BUILT[1]).write_text(f"/*! {named} */\n{code}\n")
    sender = SOURCE / "node_modules" / "tus-js-client"
    version = json.loads((sender / "package.json").read_text())["version"]
    code = (sender / "dist" / BUILT[2]).read_text().split("//# sourceMappingURL=")[0].strip()
    (target / BUILT[2]).write_text(f"/*! tus-js-client {version} {SENDER_LICENCE} */\n{code}\n")


def write_manifest(folder: Path) -> None:
    """Versions of what was built from, and the SHA-256 of every file that is served."""
    lock = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
    named = ("govuk-frontend", "sass", "tus-js-client")
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    together = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    manifest = {
        "version": together[:12],
        "built_from": {name: lock[f"node_modules/{name}"]["version"] for name in named},
        "sha256": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")


def check() -> int:
    """Build aside and compare every file, the manifest too."""
    aside = ROOT / "build" / "static"
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(STATIC, aside)
    install()
    build(aside)
    write_manifest(aside)
    different = [name for name in (*BUILT, MANIFEST) if not same(aside / name, STATIC / name)]
    for name in different:
        print(f"studyhub/static/{name} is not what requirements/web gives: run `make assets`")
    return 1 if different else 0


def same(one: Path, other: Path) -> bool:
    """Byte for byte."""
    return other.exists() and one.read_bytes() == other.read_bytes()


def run(*command: str) -> str:
    """What a command printed; its complaints go to our own."""
    done = subprocess.run(
        command, cwd=SOURCE, env=os.environ, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
