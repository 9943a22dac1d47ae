//! Compiles the contract in `proto/` without a system `protoc`.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

#[expect(
    clippy::disallowed_methods,
    reason = "cargo names the output directory so"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = protox::compile(
        [
            "accountd/v1/account_service.proto",
            "accountd/v1/error_reason.proto",
        ],
        ["proto"],
    )?;
    fs::write(out.join("accountd.bin"), files.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}
