#!/bin/sh -eu
# Builds plugin.wasm.
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci --no-audit --no-fund
npm run build
