#!/usr/bin/python3
"""Looks into the databases that the plugins of a machine write: DATA/NAME/NAME.db.

databases.py fill DATA            makes each as large as one that takes a while to copy
databases.py check DATA ANSWERS   each is whole, and holds the row that a line of ANSWERS ("NAME ID TOKEN") tells of
"""

import sqlite3
import sys
from contextlib import closing

FILLER_ROWS = 8000
PLUGINS = ["counter", "ledger"]


def fill(data):
    for name in PLUGINS:
        with closing(opened(data, name)) as database, database:
            database.execute("CREATE TABLE filler (bytes BLOB)")
            database.executemany("INSERT INTO filler VALUES (randomblob(1000))", [()] * FILLER_ROWS)


def check(data, answers):
    with open(answers) as file:
        told = [line.split() for line in file]
    for name in PLUGINS:
        with closing(opened(data, name)) as database:
            rows = dict(database.execute("SELECT id, token FROM writes"))
            [filler] = database.execute("SELECT count(*) FROM filler").fetchone()
            found = [line for [line] in database.execute("PRAGMA integrity_check")]
        mine = [(int(row), token) for plugin, row, token in told if plugin == name]
        lost = [row for row, token in mine if rows.get(row) != token]
        print(f"{name}: integrity_check {', '.join(found)}; of {len(mine)} writes before the backup {len(lost)} lost; {len(rows)} rows")
        # A copy of one moment has the rows up to one of them: none is missing between two.
        is_whole = found == ["ok"] and filler == FILLER_ROWS and sorted(rows) == list(range(1, len(rows) + 1))
        if not is_whole or not mine or lost:
            sys.exit(f"{name} is not what it was; lost: {lost[:10]}")


def opened(data, name):
    return sqlite3.connect(f"file:{data}/{name}/{name}.db?mode=rw", uri=True, timeout=60)


if sys.argv[1] == "fill":
    fill(sys.argv[2])
else:
    check(sys.argv[2], sys.argv[3])
