# Adds up what `cargo test` has printed: tests, and the ids of the catalogue of attacks and faults that they name.
# Fails when something failed, was ignored or was left out, or nothing ran.

/^test result: / {
    for (i = 2; i <= NF; i++) {
        if ($i ~ /^passed/) passed += $(i - 1)
        if ($i ~ /^failed/) failed += $(i - 1)
        if ($i ~ /^(ignored|filtered)/) skipped += $(i - 1)
    }
}

/^test .* \.\.\. ok$/ && match($2, /(^|::)(bi|ot|tk|az|en|me|pr|ov|sq|rd|sm|os|px|lc)_[0-9][0-9]/) {
    id = substr($2, RSTART, RLENGTH)
    sub(/^::/, "", id)
    if (!(id in ids)) {
        ids[id]
        known++
    }
}

END {
    printf "%d tests passed, %d failed, %d were skipped\n", passed, failed, skipped
    printf "%d of 161 cases of the catalogue are named by a test that passed\n", known
    exit failed > 0 || skipped > 0 || passed == 0
}
