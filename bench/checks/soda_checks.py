"""Soda in one process over a view of the file: the contract of this folder, as often as asked, with the processor time of each."""
import json
import logging
import sys
import time

import duckdb
from soda_core.contracts.api.verify_api import verify_contract_locally
from soda_duckdb.common.data_sources.duckdb_data_source import DuckDBDataSourceImpl

logging.disable(logging.CRITICAL)
connection = duckdb.connect()
connection.execute("create view data as select * from read_parquet('data.parquet')")
source = DuckDBDataSourceImpl.from_existing_cursor(connection, "files")
each = []
for _ in range(int(sys.argv[1])):
    started = time.process_time()
    session = verify_contract_locally(data_sources=[source], contract_file_path="soda.yaml")
    each.append(time.process_time() - started)
checks = [
    {"type": it.check.type, "field": it.check.column_name, "result": it.outcome.value}
    for result in session.contract_verification_results
    for it in result.check_results
]
print(json.dumps({"each": each, "checks": checks}))
