"""Compare the Parquet files of a dataset with what the source held, in DuckDB, pyarrow and Polars.

usage: compare.py DATASET EXPECTED
EXPECTED has one JSON object a line: id, metadata (JSON text or null), vectors (name -> hex of little-endian float32, or null).
Prints one line a check; exits with 1 if one failed.
"""
import json
import pathlib
import struct
import sys

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

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


def hex_of(floats):
    return None if floats is None else struct.pack(f"<{len(floats)}f", *floats).hex()


def compare(tool, ids, metadata, vectors):
    """ids and metadata are lists; vectors maps a name to the hex text of each row."""
    check(f"{tool}: {len(ids)} rows, {len(expected)} expected, each id once", sorted(ids) == sorted(expected))
    check(f"{tool}: metadata equal to the letter", all(expected[i]["metadata"] == m for i, m in zip(ids, metadata)))
    for name, values in vectors.items():
        check(f"{tool}: floats of vector '{name}' equal to the bit", all(expected[i]["vectors"][name] == v for i, v in zip(ids, values)))


def float_bytes(array, i):
    """The bytes of row i of an Arrow list<float> array, without going through doubles."""
    if not array[i].is_valid:
        return None
    start, end = array.offsets[i].as_py(), array.offsets[i + 1].as_py()
    buffer = array.values.buffers()[1]
    base = array.values.offset
    return buffer[(base + start) * 4 : (base + end) * 4].to_pybytes().hex()


def arrow_vectors(table):
    found = {}
    for name, column in columns.items():
        array = table.column(column).combine_chunks()
        array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
        array = array.cast(pa.list_(pa.float32()))
        found[name] = [float_bytes(array, i) for i in range(len(array))]
    return found


table = pa.concat_tables([pq.read_table(part, page_checksum_verification=True) for part in parts])
for column in columns.values():
    check(f"pyarrow: {column} is a list of float32", table.schema.field(column).type.value_type == pa.float32())
compare("pyarrow", table.column("id").to_pylist(), table.column("metadata").to_pylist(), arrow_vectors(table))

found = duckdb.connect().sql("SELECT * FROM read_parquet(?)", params=[parts]).to_arrow_table()
compare("duckdb", found.column("id").to_pylist(), found.column("metadata").to_pylist(), arrow_vectors(found))
described = dict(duckdb.connect().execute("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))", [parts]).fetchall())
for column in columns.values():
    check(f"duckdb: DESCRIBE says FLOAT[] for {column}", described[column] == "FLOAT[]")

frame = polars.read_parquet(parts)
for column in columns.values():
    check(f"polars: {column} is List(Float32)", frame.schema[column] == polars.List(polars.Float32))
arrow = frame.to_arrow()
compare("polars", frame["id"].to_list(), frame["metadata"].to_list(), arrow_vectors(arrow))

sys.exit(1 if failed else 0)
