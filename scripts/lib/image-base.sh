# shellcheck shell=bash
# shellcheck disable=SC2154 # `$scratch` is theirs
# The images that a Dockerfile begins from, where no registry answers. Whoever sources this has `$scratch`, a directory, and
# `$OURS`, the label of what may be deleted.

# Prints the name of each image that the Dockerfile $1 begins from.
bases_of() {
    local rust
    rust=$(sed -n 's/^ARG RUST=//p' "$1")
    sed -n 's/^FROM \([^ ]*\).*/\1/p' "$1" | grep -vx scratch | sed "s/\${RUST}/$rust/"
}

# Deletes the container whose name the variable $1 holds, if any.
drop_container() {
    [[ -n ${!1-} ]] || return 0
    buildah rm "${!1}" >/dev/null
    printf -v "$1" ''
}

# Sees to it that the image $1 is in local storage.
have_base() {
    if buildah inspect --type image "$1" >/dev/null 2>&1; then
        heading "$1 is here"
    elif timeout 300 buildah pull --quiet "$1" 2>/dev/null; then
        heading "$1 comes from a registry"
    else
        heading "No registry has $1: making one like it"
        make_base "$1"
    fi
}

# Makes an image like the official one of Rust that is named `rust:VERSION-slim-RELEASE`: Debian of that release with a C
# compiler, and this machine's Rust where the official one has its own.
make_base() {
    [[ $1 =~ ^rust:([0-9.]+)-slim-([a-z]+)$ ]] || die "there is no recipe for $1"
    local version=${BASH_REMATCH[1]} release=${BASH_REMATCH[2]} root sysroot mirror
    has rustc || die "Rust is missing: install it from https://rustup.rs"
    sysroot=$(rustc --print sysroot)
    [[ $("$sysroot/bin/rustc" --version) == "rustc $version "* ]] || die "this machine's Rust is not $version"
    mirror=$(debian_mirror)
    made=$(buildah from scratch)
    root=$(buildah mount "$made")
    if ! debootstrap --variant=minbase --include=ca-certificates,gcc,libc6-dev \
        "$release" "$root" "$mirror" >"$scratch/debootstrap" 2>&1; then
        tail "$scratch/debootstrap" >&2
        die "debootstrap failed"
    fi
    rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
    cp --archive "$sysroot"/bin/{cargo,rustc} "$root/usr/local/bin"
    cp --archive "$sysroot/lib/." "$root/usr/local/lib"
    buildah config --label "${OURS#label=}" --env CARGO_HOME=/usr/local/cargo \
        --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$made"
    buildah commit --quiet "$made" "localhost/$1"
    drop_container made
}

# Prints where this machine's apt gets Debian from.
debian_mirror() {
    local mirror
    # shellcheck disable=SC2016 # apt fills these in
    mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian //p' | head -n 1)
    [[ -n $mirror ]] || die "apt names no mirror of Debian"
    printf '%s\n' "$mirror"
}
