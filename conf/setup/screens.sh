#!/usr/bin/env bash
# Pictures of the demo's last edition, as a browser without network shows it.
set -euo pipefail
cd "$(dirname "$0")/../.."
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "screens: no chromium: apt-get install chromium fonts-noto-cjk" >&2; exit 2; }
edition=$(find "$PWD/.demo/lake/lanhai/editions" -mindepth 1 -maxdepth 1 -type d ! -name '*.making' | sort | tail -n 1)
mkdir -p .demo/screens
for page in index element district indicator quality; do
  for size in 390,3000 1280,2400 3840,2160; do
    picture=".demo/screens/$page-${size%,*}.png"
    "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --host-resolver-rules='MAP * ~NOTFOUND' \
      --virtual-time-budget=5000 --window-size="$size" --screenshot="$picture" "file://$edition/$page.html" 2>/dev/null
    echo "$picture"
  done
done
