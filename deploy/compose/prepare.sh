#!/bin/sh
# Runs once at each start of compose.yaml, as root in a container without a network: draws the passwords that are
# missing, writes the files that hold them, and gives each to the one user who reads it.
#
# To set a password of your own, write it into these files before the first start; later it must be changed in the
# server as well.
set -eu

# The users of the containers in compose.yaml.
accountd=65532:65532
postgres=999:999
redis=999:999
objects=1000:1000

draw() {
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

# Writes standard input to the file $1 for the user $2 alone, whole or not at all.
keep() {
    umask 077
    cat >"$1.new"
    chmod 400 "$1.new"
    chown "$2" "$1.new"
    mv "$1.new" "$1"
}

# What one server and accountd share is drawn once: the server's own file comes last, so that a start that was cut short
# is begun again.
if [ ! -e /secrets/postgres/password ]; then
    password=$(draw)
    echo "postgres://accountd:$password@postgres:5432/accountd?sslmode=disable" | keep /secrets/accountd/store-url "$accountd"
    echo "$password" | keep /secrets/postgres/password "$postgres"
fi

if [ ! -e /secrets/redis/redis.conf ]; then
    password=$(draw)
    echo "redis://:$password@redis:6379" | keep /secrets/accountd/kv-urls "$accountd"
    # Codes and marks must not vanish: nothing is evicted, and a restart loses a second at most.
    keep /secrets/redis/redis.conf "$redis" <<END
requirepass $password
maxmemory 256mb
maxmemory-policy noeviction
appendonly yes
appendfsync everysec
dir /data
END
fi

if [ ! -e /secrets/objects/s3.json ]; then
    secret=$(draw)
    echo "$secret" | keep /secrets/accountd/s3-secret "$accountd"
    keep /secrets/objects/s3.json "$objects" <<END
{"identities": [{"name": "accountd",
                 "credentials": [{"accessKey": "accountd", "secretKey": "$secret"}],
                 "actions": ["Read:accountd", "Write:accountd", "List:accountd"]}]}
END
fi

for place in accountd:$accountd postgres:$postgres redis:$redis objects:$objects; do
    chmod 500 "/secrets/${place%%:*}"
    chown "${place#*:}" "/secrets/${place%%:*}"
done

# accountd refuses keys that others could read or add.
chmod 700 /keys
chown "$accountd" /keys
chmod 700 /objects
chown "$objects" /objects
