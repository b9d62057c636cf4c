"""Write or read a Parquet file with pyarrow, in memory and in one thread.

usage: parquet_pyarrow.py write|read WORK
WORK is JSON: file, vectors ("plain" or "split"), dimension, times. Prints rows, bytes, wallMs, cpuMs and peakRssMb as JSON.
"""
import json
import re
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq

task, work = sys.argv[1], json.loads(sys.argv[2])
pa.set_cpu_count(1)
pa.set_io_thread_count(1)
file = pa.BufferReader(open(work["file"], "rb").read())
# Vecport's row groups: 32 MiB of floats in whole pages of 1 MiB.
page_rows = (1 << 20) // (work["dimension"] * 4)
group_rows = (32 << 20) // (work["dimension"] * 4) // page_rows * page_rows


def write(table):
    sink = pa.BufferOutputStream()
    encodings = {path: "PLAIN" for path in ("id", "metadata", "vector.list.element")}
    if work["vectors"] == "split":
        encodings["vector.list.element"] = "BYTE_STREAM_SPLIT"
    pq.write_table(
        table, sink, row_group_size=group_rows, data_page_size=1 << 20, data_page_version="2.0", compression="zstd",
        compression_level=1, use_dictionary=False, column_encoding=encodings, write_page_checksum=True,
        write_statistics=["id"],
    )
    return sink.getvalue().size


def read():
    file.seek(0)
    return pq.read_table(file, use_threads=False, page_checksum_verification=True).num_rows


table = None
if task == "write":
    file.seek(0)
    table = pq.read_table(file, use_threads=False)
result = {"rows": 0}
cpu, start = time.process_time(), time.perf_counter()
for _ in range(work["times"]):
    if task == "write":
        result["bytes"] = write(table)
        result["rows"] += table.num_rows
    else:
        result["rows"] += read()
result["wallMs"] = (time.perf_counter() - start) * 1000
result["cpuMs"] = (time.process_time() - cpu) * 1000
status = open("/proc/self/status", encoding="utf-8").read()
result["peakRssMb"] = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024
print(json.dumps(result))
