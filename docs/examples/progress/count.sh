#!/bin/sh
# Counts the lines of each file in a directory that it may read, and says so as events, one JSON object a line:
#
#     count.sh DIRECTORY | webtty publish
set -eu
cd "${1:?which directory?}"

# A name as a JSON string: without control characters, quotes and backslashes escaped.
quoted() {
  printf '"%s"' "$(printf '%s' "$1" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g')"
}

is_counted() {
  [ -f "$1" ] && [ -r "$1" ]
}

total=0
for file in *; do
  is_counted "$file" || continue
  total=$((total + 1))
done
printf '{"begin":{"total":%d}}\n' "$total"

done=0
for file in *; do
  is_counted "$file" || continue
  done=$((done + 1))
  printf 'counting %s\n' "$file" >&2
  lines=$(wc -l <"$file")
  bytes=$(wc -c <"$file")
  printf '{"result":{"name":%s,"lines":%d,"bytes":%d,"done":%d,"total":%d}}\n' \
    "$(quoted "$file")" "$lines" "$bytes" "$done" "$total"
done
