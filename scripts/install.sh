#!/usr/bin/env bash
# Builds webtty and installs it, with completions for bash, zsh and fish, below a prefix:
# $PREFIX, else ~/.local. Needs what `cargo xtask build` needs: Rust and Node.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
prefix="${PREFIX:-$HOME/.local}"

cargo xtask build
built="${CARGO_TARGET_DIR:-target}/release/webtty"
install -D -m 755 "$built" "$prefix/bin/webtty"

# Written aside and then moved, so that a shell never reads half a file.
completions() {
  local shell="$1" file="$prefix/$2"
  mkdir -p "$(dirname "$file")"
  "$built" completions "$shell" > "$file.new"
  mv "$file.new" "$file"
}
completions bash share/bash-completion/completions/webtty
completions zsh share/zsh/site-functions/_webtty
completions fish share/fish/vendor_completions.d/webtty.fish

echo "installed $prefix/bin/webtty"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) echo "hint: $prefix/bin is not on your PATH" ;;
esac
