# shellcheck shell=bash
# Programs from the registries of other languages, pinned, in target/tools: a `cargo clean` forgets them.

readonly TOOLS=$PWD/target/tools
# The last that Debian 12's Go can build.
readonly GRPCURL=v1.9.1
readonly BUF=1.75.0
readonly CARGO_CYCLONEDX=0.5.9
readonly CARGO_DENY=0.20.2
readonly CARGO_FUZZ=0.13.2
readonly CARGO_MACHETE=0.9.2
readonly CARGO_MUTANTS=27.1.0

install_tools() {
    mkdir -p "$TOOLS"
    once "the client in Python" "$(cat tests/clients/python/requirements.txt)" install_python
    once "a server that speaks S3" "$(cat tests/s3/requirements.txt)" install_s3
    once "Schemathesis" "$(cat tests/schemathesis/requirements.txt)" install_schemathesis
    once "the driver of a browser" "$(cat tests/browser/package-lock.json)" install_browser
    once "the client in JavaScript" "$(cat tests/clients/node/package-lock.json)" install_node
    once "grpcurl" "$GRPCURL" install_grpcurl
    once "buf" "$BUF" install_buf
}

# Runs `install` unless it has succeeded for the same `version` before.
once() {
    local name=$1 version=$2 install=$3
    local stamp=$TOOLS/$install.done
    if [[ -e $stamp && $(<"$stamp") == "$version" ]]; then
        return
    fi
    heading "Installing $name"
    rm -f "$stamp"
    "$install" || die "$name cannot be installed: see above"
    printf '%s\n' "$version" >"$stamp"
}

install_python() {
    packages_of_python "$TOOLS/python" tests/clients/python/requirements.txt
}

install_s3() {
    packages_of_python "$TOOLS/s3" tests/s3/requirements.txt
}

install_schemathesis() {
    packages_of_python "$TOOLS/schemathesis" tests/schemathesis/requirements.txt
}

# Makes `place` a Python of its own with what `requirements` lists.
packages_of_python() {
    local place=$1 requirements=$2
    rm -rf "$place"
    python3 -m venv "$place" &&
        "$place/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
            --requirement "$requirements"
}

install_node() {
    packages_of_node "$TOOLS/node" tests/clients/node
}

# Without a browser: Debian's is driven.
install_browser() {
    packages_of_node "$TOOLS/browser" tests/browser
}

# Puts what the lock file in `from` lists into `place`.
packages_of_node() {
    local place=$1 from=$2
    mkdir -p "$place"
    cp "$from/package.json" "$from/package-lock.json" "$place" &&
        npm ci --prefix "$place" --no-audit --no-fund --loglevel=error
}

install_grpcurl() {
    GOBIN=$TOOLS/bin go install "github.com/fullstorydev/grpcurl/cmd/grpcurl@$GRPCURL"
}

install_buf() {
    npm install --prefix "$TOOLS/buf" --no-audit --no-fund --loglevel=error "@bufbuild/buf@$BUF"
}

# For scripts/fuzz alone.
install_cargo_fuzz() {
    cargo install --quiet --locked --root "$TOOLS" cargo-fuzz --version "$CARGO_FUZZ"
}

# For scripts/sbom alone.
install_cargo_cyclonedx() {
    cargo install --quiet --locked --root "$TOOLS" cargo-cyclonedx --version "$CARGO_CYCLONEDX"
}

# For scripts/supply alone.
install_cargo_deny() {
    cargo install --quiet --locked --root "$TOOLS" cargo-deny --version "$CARGO_DENY"
}

# For scripts/supply alone.
install_cargo_machete() {
    cargo install --quiet --locked --root "$TOOLS" cargo-machete --version "$CARGO_MACHETE"
}

# For scripts/mutants alone.
install_cargo_mutants() {
    cargo install --quiet --locked --root "$TOOLS" cargo-mutants --version "$CARGO_MUTANTS"
}
