# shellcheck shell=bash
# shellcheck disable=SC2154 # `$image`, `$root` and `$scratch` are theirs
# Runs an image as a container would be run, and lives the life of an account in it. Whoever sources this has `$image`, its
# name, `$root`, where its files are, `$scratch`, a directory, and `$TOOLS` with grpcurl.

readonly PASSWORD='a long day at sea'
# A red pixel as PNG of 69 bytes, in two parts.
readonly PIXEL=(iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1Pe
    AAAADElEQVR42mP4xcUFAAMQAQ/pbTdJAAAAAElFTkSuQmCC)

try_image() {
    heading "Trying $image"
    start_trial
    wait_until 60 ask_health || die "the container does not serve: $(<"$scratch/log")"
    [[ $(ask_health) == SERVING ]] || die "accountd health says $(ask_health)"
    done_with "accountd health says SERVING"

    local account code token
    account=$(call Register '{"username": "ada", "email": "ada@example.com", "password": "'"$PASSWORD"'"}')
    [[ $(jq -r .account.state <<<"$account") == ACCOUNT_STATE_PENDING ]] || die "Register answered $account"
    wait_until 30 mailed_code || die "no code came by mail"
    code=$(mailed_code)
    done_with "registered, and read the code in the volume"
    account=$(call VerifyOtp '{"email": "ada@example.com", "code": "'"$code"'"}')
    [[ $(jq -r .account.state <<<"$account") == ACCOUNT_STATE_ACTIVE ]] || die "VerifyOtp answered $account"
    token=$(call Login '{"username": "ada", "password": "'"$PASSWORD"'"}' | jq -r .tokens.accessToken)
    bearer=(-H "authorization: Bearer $token")
    [[ $(call GetCurrent '{}' | jq -r .account.username) == ada ]] || die "GetCurrent did not answer ada"
    done_with "verified, logged in, and got the account"

    try_drain
    try_writable_root
}

# A root that cannot be written hides what would be: so it lives a little once more, on one that can.
try_writable_root() {
    local bundle=$scratch/bundle
    list_root >"$scratch/before"
    jq '.root.readonly = false' "$bundle/config.json" >"$scratch/config.json"
    mv "$scratch/config.json" "$bundle"
    run_trial
    wait_until 60 ask_health || die "the container does not serve on a root that can be written: $(<"$scratch/log")"
    bearer=()
    call Login '{"username": "ada", "password": "'"$PASSWORD"'"}' >/dev/null
    call Register '{"username": "bob", "email": "bob@example.com", "password": "'"$PASSWORD"'"}' >/dev/null
    in_runtime kill trial TERM
    await_end
    list_root >"$scratch/after"
    diff "$scratch/before" "$scratch/after" >&2 || die "it writes beside the volume"
    done_with "everything it wrote is in the volume, also where the root can be written"
}

# Prints everything in the root, with what a write would change: a file that came and went shows in its directory's time.
list_root() {
    find "$root" -printf '%P %y %m %U:%G %s %T@\n' | sort
}

# Stops it in the middle of an upload, which must be answered all the same.
try_drain() {
    local upload feed
    mkfifo "$scratch/feed"
    (call UploadProfilePicture @ <"$scratch/feed" >"$scratch/uploaded" 2>&1) &
    upload=$!
    exec {feed}>"$scratch/feed"
    printf '{"header": {"size": 69}} {"chunk": "%s"}\n' "${PIXEL[0]}" >&"$feed"
    wait_until 30 is_uploading || die "no upload began: $(<"$scratch/uploaded")"
    in_runtime kill trial TERM
    wait_until 30 is_closing || die "it serves on after SIGTERM"
    printf '{"chunk": "%s"}\n' "${PIXEL[1]}" >&"$feed"
    exec {feed}>&-
    wait "$upload" || die "the upload under way was lost: $(<"$scratch/uploaded")"
    [[ $(jq -r .account.picture.contentType "$scratch/uploaded") == image/png ]] ||
        die "UploadProfilePicture answered $(<"$scratch/uploaded")"
    await_end
    done_with "SIGTERM let an upload end, and it exited with 0"
}

# Waits for its end, which must be a good one.
await_end() {
    local status=0
    wait "$trial" || status=$?
    trial=
    ((status == 0)) || die "it ended with $status after SIGTERM: $(<"$scratch/log")"
}

# Starts the image as its own configuration says, under the rules of deploy/kubernetes/deployment.yaml.
start_trial() {
    local bundle=$scratch/bundle
    mkdir "$bundle"
    # A new volume is a copy of what the image has in its place.
    cp --archive "$root/data" "$scratch/data"
    (cd "$bundle" && runc spec)
    buildah inspect --type image "$image" | jq .Docker.config >"$scratch/image.json"
    jq --slurpfile image "$scratch/image.json" --arg root "$root" --arg data "$scratch/data" '
        $image[0] as $image | ($image.User | split(":") | map(tonumber)) as [$uid, $gid]
        | .root = {path: $root, readonly: true}
        | .process.terminal = false
        | .process.user = {uid: $uid, gid: $gid}
        | .process.args = $image.Entrypoint + $image.Cmd
        | .process.env = $image.Env
        | .process.cwd = $image.WorkingDir
        | .process.capabilities = {}
        | .mounts |= map(select(.type != "cgroup"))
        | .mounts += [{destination: ($image.Volumes | keys[0]), type: "bind", source: $data, options: ["bind", "rw"]}]
    ' "$bundle/config.json" >"$scratch/config.json"
    mv "$scratch/config.json" "$bundle"
    run_trial
}

run_trial() {
    in_runtime run --bundle "$scratch/bundle" --pid-file "$scratch/pid" trial >"$scratch/log" 2>&1 &
    trial=$!
}

# Ends what `start_trial` has started, if it still runs.
stop_trial() {
    [[ -n ${trial-} ]] || return 0
    in_runtime delete --force trial 2>/dev/null || true
    wait "$trial" || true
    trial=
}

in_runtime() {
    runc --root "$scratch/runc" "$@"
}

# Asks by the image's own health check.
ask_health() {
    local test
    mapfile -t test < <(jq -r '.Healthcheck.Test[1:][]' "$scratch/image.json")
    in_runtime exec trial "${test[@]}" 2>/dev/null
}

is_closing() {
    ! ask_health >/dev/null
}

# An upload waits in a file without a name until it is whole.
is_uploading() {
    find "/proc/$(<"$scratch/pid")/fd" -lname '*/data/spool/*' | grep .
}

mailed_code() {
    cat "$scratch/data/mail"/*.eml 2>/dev/null | grep -oE '^ +[0-9]{6}' | tail -n 1 | tr -d ' ' | grep .
}

# Calls the RPC $1 with the JSON $2, or with `@` for that of standard input, from within the container's network.
call() {
    nsenter --net="/proc/$(<"$scratch/pid")/ns/net" "$TOOLS/bin/grpcurl" -plaintext ${bearer[@]+"${bearer[@]}"} \
        -d "$2" 127.0.0.1:50051 "accountd.v1.AccountService/$1"
}

# Runs a command again and again until it succeeds, for at most $1 seconds.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

done_with() {
    printf 'tried: %s\n' "$*"
}
