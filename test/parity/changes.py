"""What datacontract-cli says of pairs of contracts: by name, the gravest level for consumers and for producers, and the changes that have it."""

import json
import logging
import sys

import jsonschema
from datacontract.data_contract import DataContract
from datacontract.model.breaking import Perspective

logging.disable(logging.CRITICAL)

# Proving for each contract that the standard's own JSON Schema is one takes most of the time.
for validator in vars(jsonschema.validators).values():
    if hasattr(validator, "check_schema"):
        validator.check_schema = lambda *_, **__: None

levels = ["info", "warning", "error"]


def judged(before, after, perspective):
    # Terms of the mesh are no addresses that could be fetched.
    old, new = (DataContract(data_contract_file=it, inline_references=False) for it in (before, after))
    result = old.breaking(new, perspective=perspective)
    found = [(entry.level.value, f"{entry.rule_id} {entry.path}") for entry in result.entries]
    level = max((it for it, _ in found), key=levels.index, default="info")
    return {"level": level, "entries": [text for it, text in found if it == level and level != "info"]}


with open(sys.argv[1]) as file:
    pairs = json.load(file)
verdicts = {}
for name, (before, after) in pairs.items():
    try:
        verdicts[name] = {
            "reader": judged(before, after, Perspective.CONSUMER),
            "writer": judged(before, after, Perspective.PRODUCER),
        }
    except Exception as error:  # a contract that it cannot read is a finding
        verdicts[name] = {"error": f"{type(error).__name__}: {error}"}
with open(sys.argv[2], "w") as file:
    json.dump(verdicts, file)
