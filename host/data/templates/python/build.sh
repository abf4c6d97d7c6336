#!/bin/sh -eu
# Builds plugin.wasm. WIT is the directory of plugin.wit.
cd "$(dirname "$0")"
wit=${WIT:-wit}
if [ ! -x target/venv/bin/componentize-py ]; then
    python3 -m venv target/venv
    target/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
fi
target/venv/bin/componentize-py --quiet --wit-path "$wit" --world renderer \
    componentize --stub-wasi --python-path src my_plugin --output plugin.wasm
