"""Prints, as one JSON object, a built template and what samconfig.toml says for stage local.

Runs in the SAM CLI's own Python, which has the parsers for both files, so the launcher needs none.
Arguments: the built template, samconfig.toml.
"""

import json
import sys

import tomlkit
import yaml

template_path, config_path = sys.argv[1:]
with open(template_path, encoding="utf-8") as file:
    template = yaml.safe_load(file)  # SAM writes intrinsic functions in their long form: no tags to know
with open(config_path, encoding="utf-8") as file:
    settings = tomlkit.load(file).unwrap()["local"]["global"]["parameters"]
json.dump({"template": template, "stack_name": settings["stack_name"], "overrides": settings["parameter_overrides"]}, sys.stdout, default=str)
