# Sourced by `test` and `numbers`, in this folder. Defines the boards, and `build_firmware`.

. ../../tests/no-panic/bare-metal.sh

# QEMU's name of a board, and the target that chooses it in build.rs.
boards=(mps2-an386 mps2-an505)
declare -A targets=([mps2-an386]=thumbv7em-none-eabi [mps2-an505]=thumbv8m.main-none-eabi)
programs=(bare phone wallboard)

outer_target=${CARGO_TARGET_DIR:-$PWD/../../target}
firmware_target=$outer_target/firmware

# Where the programs of a board lie.
folder_of() {
    echo "$firmware_target/${targets[$1]}/release"
}

# Paths stand in panic messages, and so in the sizes: they are written as they are everywhere.
remaps="--remap-path-prefix=$(cd ../.. && pwd)/="
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
    remaps+=" --remap-path-prefix=$registry="
done

# Sequences of instructions that come in several places are put into functions, and constants that one function uses
# stand behind it, where it need not load their addresses: 4 % smaller.
outlined="-C llvm-args=-enable-machine-outliner=always -C llvm-args=-arm-promote-constant"

# The compiler's own target but for two things, which only a target can say: nothing here walks the stack, so that no
# register has to point to frames; and addresses lie behind the code that wants them rather than in it. 4 % smaller.
spec_of() {
    local spec=$firmware_target/$1.json
    mkdir -p "$firmware_target"
    RUSTC_BOOTSTRAP=1 "$BARE_RUSTC" -Z unstable-options --print target-spec-json --target "$1" |
        sed 's/"frame-pointer": "always"/"frame-pointer": "may-omit", "features": "+no-movt"/' >"$spec"
    if ! grep -q no-movt "$spec"; then
        echo "error: this compiler describes $1 in another way" >&2
        return 1
    fi
    echo "$spec"
}

# The linker scripts stand in build.rs; what is here is for Debian's packages.
build_firmware() {
    local board target name spec
    for board in "$@"; do
        target=${targets[$board]}
        spec=$(spec_of "$target")
        name=${target//[.-]/_}
        env "CARGO_TARGET_${name^^}_RUSTFLAGS=-C linker=ld.lld -C linker-flavor=ld.lld $outlined $remaps" DEFMT_LOG="${DEFMT_LOG:-info}" \
            CARGO_TARGET_DIR="$firmware_target" RUSTC_BOOTSTRAP=1 RUSTC="$BARE_RUSTC" \
            "$BARE_CARGO" build --locked --release --quiet --target "$spec" -Z json-target-spec -Z build-std=core
    done
}
