"""Compare the NDJSON files of a dataset with what the source held, in Python, DuckDB and Polars.

usage: compare-lines.py DATASET EXPECTED
EXPECTED has one JSON object a line: id, metadata (JSON text or null), vectors (name -> hex of little-endian float32, or null).
Prints one line a check; exits with 1 if one failed.
"""
import gzip
import json
import pathlib
import re
import struct
import sys
import tempfile

import duckdb
import polars
import zstandard

dataset, expected_path = pathlib.Path(sys.argv[1]), sys.argv[2]
expected = {row["id"]: row for row in map(json.loads, open(expected_path, encoding="utf-8"))}
manifest = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
parts = [str(dataset / part["path"]) for collection in manifest["collections"] for part in collection["parts"]]
columns = {name: "vector" if name == "default" else f"vector_{name}" for row in expected.values() for name in row["vectors"]}
failed = 0


def check(what, holds):
    global failed
    failed += not holds
    print(f"{'ok  ' if holds else 'FAIL'} {what}")


def opened(part):
    if part.endswith(".gz"):
        return gzip.open(part, "rt", encoding="utf-8", newline="\n")
    if part.endswith(".zst"):
        return zstandard.open(part, "rt", encoding="utf-8", newline="\n")
    return open(part, encoding="utf-8", newline="\n")


def bits(value):
    """The four bytes of a number of the file, or of the text that stands for one that JSON has no number for."""
    if not isinstance(value, str):
        return struct.pack("<f", value)
    name, _, pattern = value.partition(":")
    return struct.pack("<I", int(pattern, 16)) if pattern else struct.pack("<f", float(name))


def hex_of(floats):
    return None if floats is None else b"".join(map(bits, floats)).hex()


def metadata_of(line, row):
    if "metadata_text" in row:
        return row["metadata_text"]
    if "metadata" not in row:
        return None
    # No key before it can hold this text: in a string its quotes would be escaped.
    start = line.index(',"metadata":') + len(',"metadata":')
    return line[start : json.JSONDecoder().raw_decode(line, start)[1]]


def compare(tool, ids, vectors, wanted=expected):
    check(f"{tool}: {len(ids)} rows, {len(wanted)} expected, each id once", sorted(ids) == sorted(wanted))
    for name, values in vectors.items():
        check(f"{tool}: floats of vector '{name}' equal to the bit", all(expected[i]["vectors"][name] == v for i, v in zip(ids, values)))


lines = [line for part in parts for line in opened(part)]
rows = [json.loads(line) for line in lines]
ids = [row["id"] for row in rows]
compare("python", ids, {name: [hex_of(row.get(column)) for row in rows] for name, column in columns.items()})
check("python: metadata equal to the letter", all(expected[i]["metadata"] == metadata_of(line, row) for i, line, row in zip(ids, lines, rows)))

types = {"id": "VARCHAR", **{column: "FLOAT[]" for column in columns.values()}, "metadata": "JSON"}
found = duckdb.connect().sql("SELECT * FROM read_ndjson(?, columns = ?)", params=[parts, types]).to_arrow_table()
compare("duckdb", found.column("id").to_pylist(), {name: [hex_of(v) for v in found.column(column).to_pylist()] for name, column in columns.items()})

schema = {"id": polars.String, **{column: polars.List(polars.Float32) for column in columns.values()}}
# Polars parses what it is not asked for, and no integers beyond 64 bits: lines with such metadata are not for it.
readable = [line for line in lines if not re.search(r"[0-9]{20}", line)]
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "lines.ndjson"
    path.write_text("".join(readable), encoding="utf-8", newline="\n")
    frame = polars.read_ndjson(path, schema=schema)
vectors = {name: [hex_of(v) for v in frame[column].to_list()] for name, column in columns.items()}
compare(f"polars ({len(lines) - len(readable)} lines left out)", frame["id"].to_list(), vectors, [json.loads(line)["id"] for line in readable])

sys.exit(1 if failed else 0)
