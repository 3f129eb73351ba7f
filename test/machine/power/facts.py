#!/usr/bin/python3
"""Prints as JSON what a machine is like after a boot. Nothing here starts, mends or changes anything of mfserv.

facts.py wait    first waits until the service has started and says that all is well, for at most five minutes
facts.py now     looks at once
"""

import glob
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

HOME = "/home/user/metwork/mfserv"
USER = "user"
WAIT_S = 300
# What belongs to a plugin; and a release that a command tries, which counts for as long as that command lives.
NOT_KEPT = ["/var/data/", "/var/candidates/"]
PAGES = ["/site/", "/site/files/", "/spare/", "/spare/files/", "/extra/", "/extra/files/"]
# Of an atomic write, and of a directory that is filled before it gets its name.
UNFINISHED = re.compile(r"^\..*\.\d+-\d+\.tmp$|\.part$|\.dpkg-(new|tmp)$")


def ran(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace")
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")


def as_user(command):
    return ran("runuser", "--login", USER, "--command", command)


def service():
    return ran("systemctl", "is-active", "mfserv-user.service")[1].strip().split("\n")[0]


def text_of(file):
    try:
        with open(file, errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def page(path):
    try:
        with urllib.request.urlopen("http://127.0.0.1:18868" + path, timeout=60) as answer:
            return {"status": answer.status, "body": answer.read(200).decode(errors="replace").strip()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": ""}
    except OSError as error:
        return {"status": 0, "body": str(error)}


def wait():
    began = time.monotonic()
    while time.monotonic() - began < WAIT_S:
        if service() == "active" and text_of(HOME + "/var/status").strip() == "RUNNING":
            # What a rotation left is put in order with the first look at the logs, a second after the start.
            time.sleep(2)
            break
        time.sleep(0.5)
    return round(time.monotonic() - began, 1)


def releases():
    """For each plugin what is in its directory of releases, and where its pointer leads."""
    found = {}
    for directory in glob.glob(HOME + "/var/plugins/.releases/*"):
        found[os.path.basename(directory)] = sorted(os.listdir(directory))
    return found


def pointers():
    links = glob.glob(HOME + "/var/plugins/*")
    return {os.path.basename(link): os.readlink(link) if os.path.islink(link) else "" for link in links}


def below(root):
    for directory, names, files in os.walk(root):
        if directory == HOME + "/var/plugins/.releases":
            names[:] = []
        for name in files + names:
            yield os.path.join(directory, name)


def damaged():
    """The JSON below var/ that is none, and the files that mfserv always fills and that are empty."""
    bad = []
    for file in below(HOME + "/var"):
        if not file.endswith(".json") or not os.path.isfile(file) or any(place in file for place in NOT_KEPT):
            continue
        try:
            json.loads(text_of(file))
        except ValueError as error:
            bad.append(f"{file}: {error}")
    for name in ["status", "state-version", "uuid"]:
        if os.path.exists(f"{HOME}/var/{name}") and not text_of(f"{HOME}/var/{name}").strip():
            bad.append(f"{HOME}/var/{name}: empty")
    return bad


def leftovers():
    unfinished = [file for root in ("/var", "/log", "/config") for file in below(HOME + root) if UNFINISHED.search(os.path.basename(file))]
    return unfinished + glob.glob(HOME + "/var/candidates/*") + glob.glob("/usr/lib/mfserv/**/*.dpkg-new", recursive=True)


def log_lines():
    """The numbered lines of the log and its copies, joined as they were cut."""
    log = HOME + "/log/app_site_main.log"
    copies = sorted(glob.glob(log + "." + 14 * "[0-9]"))
    numbers = [int(number) for number in re.findall(r"^line (\d+) of power\.$", "".join(map(text_of, copies + [log])), re.MULTILINE)]
    missing = sorted(set(range(1, 9001)) - set(numbers)) if numbers else []
    return {"lines": len(numbers), "missing": len(missing), "doubled": len(numbers) - len(set(numbers)), "copies": len(copies)}


def cron():
    """What the job wrote itself, on the disk before it went on, and what mfserv knows of it."""
    # In this order: what begins meanwhile is written down first.
    ticks = text_of(HOME + "/var/data/site/ticks").split()
    records = [json.loads(text_of(file) or "null") for file in glob.glob(HOME + "/var/cron/site/*.json")]
    return {"ticks": ticks, "memories": [record["memory"] for record in records if record]}


def packaged():
    """Which of the two packages the code is of: "old", "new", or "mixed"."""
    files = glob.glob("/usr/lib/mfserv/dist/**/*.cjs", recursive=True)
    marked = [file for file in files if text_of(file).endswith("// newer\n")]
    version = json.loads(text_of("/usr/lib/mfserv/package.json") or "{}").get("version", "")
    is_new = version.endswith("-newer")
    if len(marked) == (len(files) if is_new else 0):
        return "new" if is_new else "old"
    return f"mixed: {len(marked)} of {len(files)} files are new, and package.json is {version}"


def facts(waited):
    code, status = as_user("mfserv.status --json")
    try:
        report = json.loads(status)
    except ValueError:
        report = None
    return {
        "waitedS": waited,
        "service": service(),
        "statusCode": code,
        "report": report,
        "pages": {path: page(path) for path in PAGES},
        "releases": releases(),
        "pointers": pointers(),
        "damaged": damaged(),
        "leftovers": leftovers(),
        "log": log_lines(),
        "cron": cron(),
        "packaged": packaged(),
        "journal": ran("journalctl", "--boot", "--no-pager", "--lines=15", "--unit=mfserv-user.service")[1],
        "daemonLog": text_of(HOME + "/log/mfserv.log")[-3000:],
    }


print(json.dumps(facts(wait() if sys.argv[1:] == ["wait"] else 0)))
