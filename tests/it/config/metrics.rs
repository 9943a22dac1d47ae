//! The listener of metrics beside the others.

use super::{load, refuses};

#[test]
fn a_port_is_for_one_listener() {
    refuses(
        "[metrics]\nlisten = '127.0.0.1:50051'",
        &["metrics.listen: has the port of grpc; take another"],
    );
    refuses(
        "[metrics]\nlisten = '127.0.0.2:3001'",
        &["metrics.listen: has the port of customer; take another"],
    );
}

#[test]
fn ports_that_nobody_else_has_are_taken() {
    for file in [
        "metrics.listen = '127.0.0.1:9464'",
        "metrics.listen = '127.0.0.1:3001'\ndialects.customer.enabled = false",
        "metrics.listen = '127.0.0.1:3001'\nrealms.customer.enabled = false",
        // Any free port, for each of them another.
        "metrics.listen = '127.0.0.1:0'\ngrpc.listen = '127.0.0.1:0'",
        "metrics.listen = ''",
    ] {
        let settings = load(file, &[]).unwrap();
        let warnings = settings.warnings();
        let told = warnings
            .iter()
            .find(|told| told.key.starts_with("metrics."));
        assert_eq!(told, None, "{file}");
    }
}
