# shellcheck shell=bash
# Debian packages for the programs that the tests run and this machine has not.

# Programs, each with the package that brings it.
readonly PROGRAMS=(
    cc:gcc
    git:git
    python3:python3
    node:nodejs
    npm:npm
    redis-server:redis-server
    chromium:chromium
    curl:curl
    jq:jq
    setpriv:util-linux
)

# Prints the packages that are missing, one on a line.
missing_packages() {
    local entry
    for entry in "${PROGRAMS[@]}"; do
        has "${entry%%:*}" || echo "${entry#*:}"
    done
    # A C compiler without the headers of the C library compiles nothing.
    [[ -e /usr/include/stdio.h ]] || echo libc6-dev
    # TLS needs somebody to trust.
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || echo ca-certificates
    # Debian's python3 has the module but not what it unpacks.
    python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
    has_postgres || echo postgresql
    # Debian keeps it out of the PATH of plain users.
    has nginx || [[ -x /usr/sbin/nginx ]] || echo nginx
    # Only to build grpcurl, and any Go from Debian 12's on does.
    has go || [[ -x target/tools/bin/grpcurl ]] || echo golang-go
}

# PostgreSQL keeps its server out of PATH. As root, the tests also need its user, since the server refuses to be root.
has_postgres() {
    has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || return 1
    ((EUID != 0)) || id postgres >/dev/null 2>&1
}

install_packages() {
    local packages
    mapfile -t packages < <(missing_packages)
    install_debian ${packages[@]+"${packages[@]}"}
}

# Installs the Debian packages that are named, if any are.
install_debian() {
    local packages=("$@") as_root=()
    ((${#packages[@]} > 0)) || return 0
    heading "Installing ${packages[*]}"
    has apt-get || die "these Debian packages, or what is like them here, are missing: ${packages[*]}"
    if ((EUID != 0)); then
        # Without a password, or not at all: nobody may be there to type one.
        if ! sudo -n true 2>/dev/null; then
            die "not root, and sudo asks for a password or is not there; as root: apt-get install ${packages[*]}"
        fi
        as_root=(sudo)
    fi
    ${as_root[@]+"${as_root[@]}"} bash scripts/lib/apt.sh "${packages[@]}"
}
