# shellcheck shell=bash
# What scripts/deploy-check needs beside what scripts/prepare installs: Debian packages, and pinned tools in target/tools.

# The parser of docker compose, without the rest of it.
readonly COMPOSE_GO=v2.16.2
readonly KUSTOMIZE=v5.8.2

# A Python that has PyYAML.
readonly PYTHON=$TOOLS/deploy/bin/python

# Programs, each with the Debian package that brings it.
readonly DEPLOY_PROGRAMS=(
    python3:python3
    node:nodejs
    npm:npm
    nginx:nginx
    openssl:openssl
    promtool:prometheus
)

install_deploy_tools() {
    local entry packages=()
    for entry in "${DEPLOY_PROGRAMS[@]}"; do
        has "${entry%%:*}" || packages+=("${entry#*:}")
    done
    python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
    has go || packages+=(golang-go)
    install_debian ${packages[@]+"${packages[@]}"}
    mkdir -p "$TOOLS"
    once "Envoy, kubernetes-validate and check-jsonschema" "$(cat scripts/lib/deploy-requirements.txt)" install_deploy_python
    once "the schema of Grafana" "$(cat scripts/lib/grafana/package-lock.json)" install_deploy_grafana
    once "kustomize" "$KUSTOMIZE" install_kustomize
    once "the parser of docker compose" "$COMPOSE_GO" install_compose_config
}

install_deploy_python() {
    packages_of_python "$TOOLS/deploy" scripts/lib/deploy-requirements.txt
}

install_deploy_grafana() {
    packages_of_node "$TOOLS/grafana" scripts/lib/grafana
}

install_kustomize() {
    GOBIN=$TOOLS/bin go install "sigs.k8s.io/kustomize/kustomize/v5@$KUSTOMIZE"
}

# The module calls its program `cmd`.
install_compose_config() {
    GOBIN=$TOOLS/compose-go go install "github.com/compose-spec/compose-go/v2/cmd@$COMPOSE_GO" &&
        mv "$TOOLS/compose-go/cmd" "$TOOLS/bin/compose-config"
}
