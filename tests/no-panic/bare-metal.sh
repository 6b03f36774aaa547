# Sourced by the scripts that build for a microcontroller. Defines `bare_cargo`, a cargo that can
# build core from source.
#
# Default: the Debian packages rustc-web, cargo-web and rust-web-src. Elsewhere, set BARE_CARGO and
# BARE_RUSTC to a cargo and a rustc whose toolchain has the rust-src component.

if [ -z "${BARE_RUSTC:-}" ]; then
    BARE_RUSTC=$(dpkg -L rustc-web 2>/dev/null | grep '/bin/rustc$' | head -n 1) || true
fi
if [ -z "${BARE_CARGO:-}" ]; then
    BARE_CARGO=$(dpkg -L cargo-web 2>/dev/null | grep -v '/share/' | grep '/bin/cargo$' | head -n 1) || true
fi
if [ ! -x "$BARE_RUSTC" ] || [ ! -x "$BARE_CARGO" ]; then
    echo "error: no bare-metal toolchain: install rustc-web, cargo-web and rust-web-src (Debian)," \
        "or set BARE_RUSTC and BARE_CARGO" >&2
    exit 1
fi
if ! [ -d "$("$BARE_RUSTC" --print sysroot)/lib/rustlib/src/rust/library/core" ]; then
    echo "error: $BARE_RUSTC has no library source: install rust-web-src or the rust-src component" >&2
    exit 1
fi
for bare_tool in ld.lld llvm-size llvm-nm llvm-objdump llvm-addr2line; do
    if ! command -v "$bare_tool" >/dev/null; then
        echo "error: $bare_tool is missing: install lld and llvm" >&2
        exit 1
    fi
done

# cargo picks the first rustc on PATH unless told, and that one may have no library source.
# The outer cargo's settings must not leak in when this runs below `cargo`.
bare_cargo() {
    env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u RUSTUP_TOOLCHAIN -u RUSTC_WRAPPER \
        RUSTC_BOOTSTRAP=1 RUSTC="$BARE_RUSTC" "$BARE_CARGO" "$@"
}
