#!/bin/sh
# Makes every prompt of phrases.tsv: 8 kHz mono mu-law WAV. Needs espeak-ng and sox (Debian packages of those names).
# Run again after changing a text; the files it writes are part of the repository.
set -eu
cd "$(dirname "$0")"
for tool in espeak-ng sox; do
  command -v "$tool" >/dev/null || { echo "make.sh: $tool is missing: apt-get install $tool" >&2; exit 1; }
done
speak() { # language voice column
  mkdir -p "$1"
  rm -f "$1"/*.wav
  tail -n +2 phrases.tsv | cut -f "1,$3" | while IFS="$(printf '\t')" read -r id text; do
    espeak-ng -v "$2" -s 150 -p 45 -g 2 --stdout "$text" |
      sox -q -D -t wav - -r 8000 -c 1 -e u-law -b 8 "$1/$id.wav" gain -6 \
        highpass 200 gain -n -7 silence 1 0.01 0.3% reverse silence 1 0.01 0.3% reverse pad 0.02 0.12
  done
}
speak en en-us 2
speak es es 3
