"""Texts and tables of TPC-H and TPC-DS, read from DuckDB's extensions, as JSON on the standard output."""

import importlib.util
import json
from pathlib import Path

import duckdb


def benchmark(name, make):
    database = duckdb.connect()
    package = Path(importlib.util.find_spec(f"duckdb_extension_{name}").origin).parent
    [extension] = package.glob(f"extensions/*/{name}.duckdb_extension")
    database.load_extension(str(extension))
    database.execute(f"call {make}(sf = 0)")
    tables = {}
    for table, column, kind in database.execute(
        "select table_name, column_name, data_type from duckdb_columns() where not internal order by table_name, column_index"
    ).fetchall():
        tables.setdefault(table, {})[column] = kind
    queries = database.execute(f"select query_nr, query from {name}_queries() order by query_nr").fetchall()
    return {"tables": tables, "queries": [{"name": f"{name} {number}", "sql": text} for number, text in queries]}


print(json.dumps({"tpch": benchmark("tpch", "dbgen"), "tpcds": benchmark("tpcds", "dsdgen")}))
