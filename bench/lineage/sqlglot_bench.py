"""All columns of each statement by sqlglot: its processor time for each group of statements, and what it says of every column."""

import json
import sys
import time

from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.schema import MappingSchema


def inputs_of(root):
    return sorted(
        {
            f"{node.expression.name}.{node.name.split('.')[-1]}".lower()
            for node in root.walk()
            if isinstance(node.expression, exp.Table)
        }
    )


def answer(group):
    schema = MappingSchema(group["tables"], dialect="duckdb")
    started = time.process_time()
    found = [lineage(None, sql, schema, dialect="duckdb", trim_selects=False) for sql in group["texts"]]
    cpu = time.process_time() - started
    return {"cpu": cpu, "columns": [{name: inputs_of(root) for name, root in one.items()} for one in found]}


def main(asked, answered):
    with open(asked) as file:
        groups = json.load(file)
    with open(answered, "w") as file:
        json.dump({name: answer(group) for name, group in groups.items()}, file)


main(*sys.argv[1:])
