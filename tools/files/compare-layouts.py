"""Read a dataset in another tool's layout with DuckDB, pyarrow and Polars.

usage: compare-layouts.py DATASET EXPECTED LAYOUT
EXPECTED as for compare.py. The columns must have the types that `docs/layouts.md` says, and hold what the source held.
Prints one line a check; exits with 1 if one failed.
"""
import json
import pathlib
import struct
import sys

import duckdb
import polars
import pyarrow.parquet as pq

dataset, expected_path, layout = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
expected = {row["id"]: row for row in map(json.loads, open(expected_path, encoding="utf-8"))}
manifest = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
files = [str(dataset / part["path"]) for collection in manifest["collections"] for part in collection["parts"]]
failed = 0

TYPES = {
    "weaviate": [
        ("id", "VARCHAR"),
        ("class_name", "VARCHAR"),
        ("creation_time", "BIGINT"),
        ("update_time", "BIGINT"),
        ("vector", "BLOB"),
        ("named_vectors", "BLOB"),
        ("multi_vectors", "BLOB"),
        ("properties", "BLOB"),
    ],
    "qdrant": [("key", "VARCHAR"), ("metadata", "VARCHAR"), ("vector", "FLOAT[]")],
    "pinecone": [("id", "VARCHAR"), ("values", "FLOAT[]"), ("metadata", "VARCHAR")],
    "vdf": [("id", "VARCHAR"), ("vector", "FLOAT[]"), ("metadata", "VARCHAR")],
}
ID, VECTOR, METADATA = {
    "weaviate": ("id", "vector", "properties"),
    "qdrant": ("key", "vector", "metadata"),
    "pinecone": ("id", "values", "metadata"),
    "vdf": ("id", "vector", "metadata"),
}[layout]


def check(what, holds):
    global failed
    failed += not holds
    print(f"{'ok  ' if holds else 'FAIL'} {layout}: {what}")


def text(value):
    return value.decode() if isinstance(value, (bytes, bytearray)) else value


def hex_of(vector):
    if vector is None:
        return None
    return bytes(vector).hex() if isinstance(vector, (bytes, bytearray)) else struct.pack(f"<{len(vector)}f", *vector).hex()


def compare(tool, rows):
    found = {row[0]: (hex_of(row[1]), text(row[2])) for row in rows}
    check(f"{tool} gives {len(rows)} points, each once", len(found) == len(rows) and sorted(found) == sorted(expected))
    wanted = {i: (row["vectors"]["default"], row["metadata"]) for i, row in expected.items()}
    check(f"{tool} gives the floats to the bit and the metadata to the letter", found == wanted)


check("one file for the collection", len(files) == 1)
sql = duckdb.connect()
described = [(name, kind) for name, kind, *_ in sql.execute("DESCRIBE SELECT * FROM read_parquet($1)", [files]).fetchall()]
check(f"DuckDB has the columns {', '.join(f'{n} {t}' for n, t in described)}", described == TYPES[layout])
compare("DuckDB", sql.execute(f'SELECT "{ID}", "{VECTOR}", "{METADATA}" FROM read_parquet($1)', [files]).fetchall())
if layout == "qdrant":
    five = sql.execute("SELECT key, vector[1:5] FROM read_parquet($1) LIMIT 10", [files]).fetchall()
    prefixes = all(expected[key]["vectors"]["default"].startswith(hex_of(start)) and len(start) == 5 for key, start in five)
    check(f"SELECT key, vector[1:5] gives {len(five)} rows of 5 floats", len(five) == min(10, len(expected)) and prefixes)
names = [ID, VECTOR, METADATA]
table = pq.read_table(files[0], columns=names).to_pydict()
compare("pyarrow", list(zip(*(table[name] for name in names))))
compare("Polars", polars.read_parquet(files[0], columns=names).select(names).rows())
sys.exit(1 if failed else 0)
