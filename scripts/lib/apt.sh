#!/usr/bin/env bash
# Installs Debian packages without a question asked and without a service started. Runs as root.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive

# Debian starts a server when it is installed, but the tests start their own. This file is how to tell it not to; where
# there is one already, the machine has its own rule.
readonly POLICY=/usr/sbin/policy-rc.d
if [[ ! -e $POLICY ]]; then
    trap 'rm -f "$POLICY"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$POLICY"
    chmod +x "$POLICY"
fi

apt-get update -qq
apt-get install -qq --no-install-recommends "$@"
