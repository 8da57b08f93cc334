"""Column lineage by sqlglot: reads cases as JSON, writes for each what its columns are made from, or why it cannot say."""

import json
import sys
import time

from sqlglot import exp, parse_one
from sqlglot.lineage import to_node
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema


def columns_of(sql, schema):
    """All columns at once, by place: two may have the same name."""
    expression = qualify(
        parse_one(sql, dialect="duckdb"),
        dialect="duckdb",
        schema=schema,
        db="main",
        identify=False,
        validate_qualify_columns=False,
    )
    scope = build_scope(expression)
    known = {"dialect": "duckdb", "schema": schema, "trim_selects": False, "_cache": {}, "_scope_meta": {}}
    return [
        [select.alias_or_name, sorted(set(inputs_of(to_node(at, scope, **known))))]
        for at, select in enumerate(scope.expression.selects)
    ]


def inputs_of(root):
    for node in root.walk():
        if isinstance(node.expression, exp.Table) and not node.downstream:
            table = node.expression
            place = table.name if table.db in ("", "main") else f"{table.db}.{table.name}"
            yield f"{place}.{exp.to_column(node.name, dialect='duckdb').name}"


def answer(case, schemas):
    try:
        return {"columns": columns_of(case["sql"], schemas[case["schema"]])}
    except Exception as problem:
        return {"problem": str(problem).split("\n")[0][:200] or type(problem).__name__}


def main(asked, answered):
    with open(asked) as file:
        given = json.load(file)
    schemas = {name: MappingSchema(tables, dialect="duckdb") for name, tables in given["schemas"].items()}
    started = time.process_time()
    found = [answer(case, schemas) for case in given["cases"]]
    with open(answered, "w") as file:
        json.dump({"cpu": time.process_time() - started, "cases": found}, file)


main(*sys.argv[1:])
