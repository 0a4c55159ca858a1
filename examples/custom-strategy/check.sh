#!/usr/bin/env bash
# Builds and runs this example in a folder of its own, against the packed package, as a third party would.
set -euo pipefail
example=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$example/../.." && npm pack --silent --pack-destination "$work" >/dev/null)
mkdir "$work/app"
cp -r "$example"/{package.json,tsconfig.json,pair.mjs,src} "$work/app"
cd "$work/app"
npm install --silent --no-package-lock "$work"/mcp-parley-*.tgz
npm run --silent build
npm run --silent pair
node --input-type=module -e "await import('mcp-parley/testing')"
test "$(node_modules/.bin/parley --version)" = "$(node -p "require('mcp-parley/package.json').version")"
echo 'The packed package works in a third-party application.'
