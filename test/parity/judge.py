"""Judges every contract of a list with datacontract-cli, in one process, and prints its checks as JSON."""

import json
import logging
import sys

import jsonschema
from datacontract.data_contract import DataContract

logging.disable(logging.CRITICAL)

# Proving for each contract that the standard's own JSON Schema is one takes four fifths of the time.
for validator in vars(jsonschema.validators).values():
    if hasattr(validator, "check_schema"):
        validator.check_schema = lambda *_, **__: None


def checks_of(path):
    try:
        run = DataContract(data_contract_file=path).test()
    except Exception as error:
        return [{"type": "run", "result": "error", "reason": str(error)}]
    return [
        {
            "type": check.type,
            "model": check.model,
            "field": check.field,
            "result": None if check.result is None else check.result.value,
            "reason": check.reason,
        }
        for check in run.checks
    ]


with open(sys.argv[1], encoding="utf-8") as file:
    contracts = json.load(file)
verdicts = {name: checks_of(path) for name, path in contracts.items()}
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(verdicts, file)
