# shellcheck shell=bash
# Sourced by the other scripts, and by hand (`source scripts/env.sh`) to use cargo, trunk & co. directly.
# It only sets variables: where the tools are that scripts/setup installs, and PATH.

MUSE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
MUSE_TOOLS=${MUSE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/muse-chat}
WASM_TARGET=wasm32-unknown-unknown

# The command-line half of wasm-bindgen must have exactly the version of the library.
WASM_BINDGEN_VERSION=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print }' "$MUSE_ROOT/Cargo.lock")
TRUNK_VERSION=0.22.0-beta.1

WASM_BINDGEN_DIR=$MUSE_TOOLS/wasm-bindgen-$WASM_BINDGEN_VERSION
TRUNK_DIR=$MUSE_TOOLS/trunk-$TRUNK_VERSION
# Only there where rustup could not fetch the wasm32 standard library (see scripts/setup).
FALLBACK_RUST=$MUSE_TOOLS/rust

# Does the cargo/rustc that would be used have the standard library for wasm32?
has_wasm_std() {
  local libdir
  libdir=$(rustc --print target-libdir --target "$WASM_TARGET" 2>/dev/null) &&
    compgen -G "$libdir/libstd-*.rlib" >/dev/null
}

# Puts a directory at the front of PATH, once.
prepend_path() {
  case ":$PATH:" in
    *":$1:"*) ;;
    *) PATH=$1:$PATH ;;
  esac
}

prepend_path "$MUSE_ROOT/node_modules/.bin"
prepend_path "$TRUNK_DIR/bin"
prepend_path "$WASM_BINDGEN_DIR/bin"
if [ -x "$FALLBACK_RUST/bin/rustc" ] && ! has_wasm_std; then
  prepend_path "$FALLBACK_RUST/bin"
fi
export PATH MUSE_ROOT MUSE_TOOLS
