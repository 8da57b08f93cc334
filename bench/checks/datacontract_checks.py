"""datacontract-cli in one process: the contract of this folder, as often as asked, with the processor time of each."""
import json
import sys
import time

from datacontract.data_contract import DataContract

each = []
for _ in range(int(sys.argv[1])):
    started = time.process_time()
    run = DataContract(data_contract_file="orders.odcs.yaml").test()
    each.append(time.process_time() - started)
checks = [{"type": it.type, "field": it.field, "result": str(getattr(it.result, "value", it.result))} for it in run.checks]
print(json.dumps({"each": each, "checks": checks}))
